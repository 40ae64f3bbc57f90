"""Sources that deliver badly."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from cratedig import Delivery, SourceContext, UnexpectedResponse, hookimpl

from .good import Good
from .registry import breaks


@breaks("download_completes", "Errored")
class DeliversAPage(Good):
    async def bring(self, target_id: str, dest_dir: Path, progress: Any) -> Path:
        page = dest_dir / "track.flac"
        page.write_text("<html>Please log in</html>", encoding="utf-8")
        return page


@breaks("download_inside", "not below dest_dir")
class DeliversBeside(Good):
    async def bring(self, target_id: str, dest_dir: Path, progress: Any) -> Path:
        path = await super().bring(target_id, dest_dir, progress)
        return Path(shutil.move(path, dest_dir.parent / "beside.flac"))


@breaks("download_progress", "the last progress is 100")
class ProgressInPercent(Good):
    async def bring(self, target_id: str, dest_dir: Path, progress: Any) -> Path:
        def percent(done: int, total: int | None = None, detail: str = "") -> None:
            progress(done * 100 // total if total else 1)

        return await super().bring(target_id, dest_dir, percent)


@breaks("download_nothing_left", "cover.jpg")
class LeavesACover(Good):
    async def bring(self, target_id: str, dest_dir: Path, progress: Any) -> Path:
        path = await super().bring(target_id, dest_dir, progress)
        (dest_dir.parent / "cover.jpg").write_bytes(b"\xff\xd8")
        return path


@breaks("download_two_at_once", "one of two")
class OneFolderForAll(Good):
    def __init__(self, context: SourceContext) -> None:
        super().__init__(context)
        self.folder = Path()

    @hookimpl
    async def download_raw(self, target_id: str, dest_dir: Path, progress: Any) -> Delivery:
        self.folder = dest_dir
        return await super().download_raw(target_id, dest_dir, progress)

    async def bring(self, target_id: str, dest_dir: Path, progress: Any) -> Path:
        return await super().bring(target_id, self.folder, progress)


@breaks("download_unknown_target", "expected NotFound")
class UnknownIsUnexpected(Good):
    def unknown(self) -> None:
        raise UnexpectedResponse("track is null")


@breaks("download_hostile_target", "makes it raise")
class TargetIsAPath(Good):
    @hookimpl
    async def download_raw(self, target_id: str, dest_dir: Path, progress: Any) -> Delivery:
        (dest_dir / target_id).lstat() if "\x00" in target_id else None
        return await super().download_raw(target_id, dest_dir, progress)
