"""Sources that do not let go."""

from __future__ import annotations

import asyncio
import contextlib
import urllib.request
from pathlib import Path
from typing import Any

from cratedig import Delivery, NotFound, SourceContext, hookimpl

from .good import Good
from .registry import breaks


@breaks("cancel_in_time", "let CancelledError through")
class LingersOn(Good):
    async def bring(self, target_id: str, dest_dir: Path, progress: Any) -> Path:
        try:
            return await super().bring(target_id, dest_dir, progress)
        except asyncio.CancelledError:
            await asyncio.sleep(20)
            raise


@breaks("cancel_leaves_nothing", "half.flac")
class KeepsTheHalf(Good):
    async def bring(self, target_id: str, dest_dir: Path, progress: Any) -> Path:
        try:
            return await super().bring(target_id, dest_dir, progress)
        except asyncio.CancelledError:
            (dest_dir.parent / "half.flac").write_bytes(b"fLaC")
            raise


@breaks("cancel_ends_connection", "connection stays open")
class ReadsOnInAThread(Good):
    async def bring(self, target_id: str, dest_dir: Path, progress: Any) -> Path:
        return await self.context.run_blocking(self.read_all, target_id, dest_dir / "track.flac", progress)

    def read_all(self, target_id: str, path: Path, progress: Any) -> Path:
        with (
            urllib.request.urlopen(f"{self.base_url}/files/{target_id}") as answer,
            path.open("wb") as file,
        ):
            while piece := answer.read(1024):
                file.write(piece)
                with contextlib.suppress(Exception):
                    progress(file.tell())
        return path


@breaks("cancel_then_again", "wanted again")
class NeverForgives(Good):
    def __init__(self, context: SourceContext) -> None:
        super().__init__(context)
        self.refused: set[str] = set()

    @hookimpl
    async def cancel_raw(self, target_id: str) -> bool:
        self.refused.add(target_id)
        return True

    @hookimpl
    async def download_raw(self, target_id: str, dest_dir: Path, progress: Any) -> Delivery:
        if target_id in self.refused:
            raise NotFound("it was cancelled")
        return await super().download_raw(target_id, dest_dir, progress)
