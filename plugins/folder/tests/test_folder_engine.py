"""The folder, through the real engine."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest

from cratedig import Download, DownloadEngine, DownloadState, SearchReport, SourceState, Wanted
from cratedig_contracts.patience import until, within
from cratedig_emulators.audio import make_audio
from cratedig_emulators.catalogue import Track
from cratedig_folder.delivery import deliver

T = TypeVar("T")
Use = Callable[[DownloadEngine], Coroutine[Any, Any, T]]


def run(tmp_path: Path, use: Use[T], **settings: Any) -> T:
    """Open an engine with the folder's settings and use it."""
    general = {"state_dir": str(tmp_path / "state"), "retries": 0}

    async def use_engine() -> T:
        async with DownloadEngine.open({"engine": general, "sources": {"folder": settings}}) as engine:
            return await within(40, use(engine))

    return asyncio.run(use_engine())


def search(tmp_path: Path, wish: str | Wanted, *paths: Path) -> SearchReport:
    return run(
        tmp_path, lambda engine: engine.search(wish, sources=["folder"]), paths=[str(path) for path in paths]
    )


def download(tmp_path: Path, target: str, root: Path, **settings: Any) -> Download:
    async def use(engine: DownloadEngine) -> Download:
        dest = tmp_path / "out"
        return await engine.wait(await engine.dispatch_download(("folder", target), dest_dir=dest))

    return run(tmp_path, use, paths=[str(root)], **settings)


def test_track_is_found_and_copied(music: Path, tmp_path: Path) -> None:
    """The best hit has the tags' facts, and its copy arrives under artist and title."""
    best = search(tmp_path, Wanted(artist="The Brass Lanterns", title="Copper Rain"), music).results[0]
    assert (best.title, best.album, best.isrc) == ("Copper Rain", "Slow Tram Home", "QZCD12100002")
    record = download(tmp_path, best.target_id, music)
    assert (record.state, record.detail) == (DownloadState.COMPLETED, "")
    assert record.file_path == tmp_path / "out" / "The Brass Lanterns - Copper Rain.mp3"
    original = Path(best.target_id)
    assert record.file_path.read_bytes() == original.read_bytes()
    assert record.file_path.stat().st_ino != original.stat().st_ino


def test_every_format_is_delivered(music: Path, tmp_path: Path) -> None:
    """Each of the collection's formats passes the engine's verification."""
    targets = [result.target_id for result in search(tmp_path, "brass lanterns", music)]
    assert len(targets) == 7

    async def use(engine: DownloadEngine) -> list[Download]:
        dest = tmp_path / "out"
        ids = [await engine.dispatch_download(("folder", target), dest_dir=dest) for target in targets]
        return [await engine.wait(one) for one in ids]

    records = run(tmp_path, use, paths=[str(music)])
    assert [record.detail for record in records if record.state is not DownloadState.COMPLETED] == []


def test_link_takes_no_room(music: Path, tmp_path: Path) -> None:
    """With delivery = "link" the delivered file is the collection's, and the collection keeps it."""
    original = next(music.rglob("*.flac"))
    record = download(tmp_path, str(original), music, delivery="link")
    assert record.file_path is not None
    assert record.file_path.stat().st_ino == original.stat().st_ino
    assert original.stat().st_nlink == 2


@pytest.mark.parametrize(
    "name",
    [
        b"\xff\xfe\x80.flac",
        b"-rf *.flac",
        b"a\nb\x1b[31m.flac",
        "Ünï 日本 \u202egpj.flac".encode(),
        b"50%41.flac",
    ],
)
def test_hostile_names(tmp_path: Path, name: bytes) -> None:
    """Whatever bytes a file is called by, it is found, delivered, and published under a clean name."""
    root = tmp_path / "music"
    root.mkdir()
    track = Track(artist="Zed Quill", title="Planted", seconds=2)
    Path(os.fsdecode(os.fsencode(root) + b"/" + name)).write_bytes(make_audio(track))
    (result,) = search(tmp_path, "zed quill planted", root).results
    record = download(tmp_path, result.target_id, root)
    assert record.file_path == tmp_path / "out" / "Zed Quill - Planted.flac"


@pytest.mark.parametrize(
    "target", ["/etc/passwd", "/etc/hostname.flac", "x.flac", "../x.flac", "%00", "/%ff.flac"]
)
def test_targets_outside_are_not_found(music: Path, tmp_path: Path, target: str) -> None:
    """Nothing but music under the paths can be asked for."""
    record = download(tmp_path, target, music)
    assert (record.state, record.code) == (DownloadState.ERRORED, "not-found")


def test_file_that_vanished(music: Path, tmp_path: Path) -> None:
    """A file that is gone since the search is not found, and nothing is left behind."""
    target = next(music.rglob("*.flac"))
    target.unlink()
    assert download(tmp_path, str(target), music).code == "not-found"
    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == []


def test_cut_file_is_not_delivered(music: Path, tmp_path: Path) -> None:
    """A file of the collection that is cut off is refused like any other."""
    target = next(music.rglob("*.flac"))
    target.write_bytes(target.read_bytes()[:-1])
    assert download(tmp_path, str(target), music).code == "corrupt-download"
    assert target.exists()


def test_missing_folder_is_said_in_the_report(tmp_path: Path) -> None:
    """A disk that is not mounted is an outage with advice; no path at all means not configured."""
    outcome = search(tmp_path, "x", tmp_path / "nowhere").outcomes["folder"]
    assert outcome.code == "unavailable"
    assert "nowhere" in outcome.reason

    async def state(engine: DownloadEngine) -> SourceState:
        return next(status.state for status in engine.sources() if status.name == "folder")

    assert run(tmp_path, state) is SourceState.NOT_CONFIGURED


def test_changes_are_seen_by_the_next_search(music: Path, tmp_path: Path) -> None:
    """A file that is added is found at once, one that is taken away no longer, without a restart."""

    async def use(engine: DownloadEngine) -> list[int]:
        counts = [len((await engine.search("zed quill", sources=["folder"])).results)]
        (music / "new.flac").write_bytes(make_audio(Track(artist="Zed Quill", title="New"), seconds=1))
        counts.append(len((await engine.search("zed quill new", sources=["folder"])).results))
        shutil.rmtree(music / "The Brass Lanterns")
        counts.append(len((await engine.search("brass lanterns", sources=["folder"])).results))
        return counts

    assert run(tmp_path, use, paths=[str(music)]) == [0, 1, 0]


def test_cancel_ends_the_copy_at_once(music: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a cancel not one more piece is copied, and nothing is left behind."""
    pieces: list[int] = []
    over, enough = threading.Event(), threading.Event()

    def endless(*_files: object) -> int:
        pieces.append(len(pieces))
        enough.wait(0.01)
        return 0 if enough.is_set() else 1

    def delivered(*args: Any, **how: Any) -> Path:
        try:
            return deliver(*args, **how)
        finally:
            over.set()

    monkeypatch.setattr("cratedig_folder.delivery._share", endless)
    monkeypatch.setattr("cratedig_folder.source.deliver", delivered)
    target = str(next(music.rglob("*.flac")))

    async def use(engine: DownloadEngine) -> Download:
        download_id = await engine.dispatch_download(("folder", target), dest_dir=tmp_path / "out")
        try:
            assert await until(lambda: len(pieces) > 2, 20)
            assert await engine.cancel_download(download_id)
            record = await within(20, engine.wait(download_id))
            assert await until(over.is_set, 20)
        finally:
            enough.set()
        assert await until(lambda: list((tmp_path / "out").rglob("*")) == [], 20)
        return record

    assert run(tmp_path, use, paths=[str(music)]).state is DownloadState.CANCELLED
    assert list((tmp_path / "out").rglob("*")) == []
