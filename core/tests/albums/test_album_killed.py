"""Kill -9 about the publishing of an album: one folder with all of its files, and nothing else."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from core.tests.fakes import Fake, files, result, running, waited, wav
from core.tests.forks import Run, forks
from core.tests.killing import after, at_commit, die

from cratedig import Delivery, Kind, SearchResult, Wanted
from cratedig._downloads import albums, survivor

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there is no kill -9")

ALBUM = SearchResult(source="fake", target_id="a", kind=Kind.ALBUM, title="Record", artist="Artist")
WISH = Wanted(artist="Artist", album="Record")


KILLED: dict[str, Callable[[], None]] = {
    "never": lambda: None,
    "put together": lambda: after(albums, "put_together"),
    "before the note": lambda: setattr(survivor, "note_album", die),
    "after the note": lambda: after(survivor, "note_album"),
    "after the rename": lambda: after(albums, "give_name"),
    "before the commit": lambda: at_commit("before", Kind.ALBUM),
    "after the commit": lambda: at_commit("after", Kind.ALBUM),
}


async def _tracks(_query: str, wanted: Wanted) -> Any:
    found = [result(f"t{n}", title=f"Song {n}", album="Record", track_number=n) for n in (1, 2, 3)]
    return found if wanted.album else []


async def _whole(_target_id: str, dest_dir: Path, _progress: Any) -> Any:
    for n in (1, 2, 3):
        (dest_dir / f"0{n} - Song {n}.wav").write_bytes(wav(1.0, n))
    return Delivery(path=dest_dir)


def process(there: str, moment: str, how: str) -> str:
    """What runs in a process of its own: the one album, begun or gone on with."""
    KILLED[moment]()
    return asyncio.run(_one_album(Path(there), gathered=how == "gathered"))


async def _one_album(folder: Path, *, gathered: bool) -> str:
    source = Fake(search=_tracks) if gathered else Fake(download=_whole, delivers={Kind.ALBUM})
    music = folder / "music"
    async with running(source, journal=folder / "journal.db") as engine:
        known = [d.id for d in await engine.get_all_downloads() if "album" not in d.extra]
        if not known and gathered:
            known = [await engine.download_with_fallback(WISH, ["fake"], dest_dir=music, across_kinds=True)]
        elif not known:
            known = [await engine.dispatch_download(ALBUM, dest_dir=music)]
        (done,) = await waited(engine, known)
    async with running(source, journal=folder / "journal.db") as engine:
        records = len(await engine.get_all_downloads())
    return f"{done.state} {len(done.files)} {done.file_path and done.file_path.name} {done.detail}\n{records}"


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """One process that is killed at a moment, or ends by itself."""
    with forks(__name__) as run:
        yield run


MOMENTS = [
    *[(moment, "delivered") for moment in ("before the note", "after the rename", "after the commit")],
    *[(moment, "gathered") for moment in ("put together", "after the note", "after the rename")],
    *[(moment, "gathered") for moment in ("before the commit", "after the commit")],
]


@pytest.mark.parametrize(("moment", "how"), MOMENTS)
def test_killed_at_any_moment_there_is_one_album(moment: str, how: str, tmp_path: Path, run: Run) -> None:
    """Delivered whole, or gathered from tracks: the next process ends with it and its record."""
    killed = run(str(tmp_path), moment, how)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    again = run(str(tmp_path), "never", how)
    assert again.stdout.splitlines() == ["Completed 3 Artist - Record ", "1"], again.stderr
    assert files(tmp_path / "music") == ["Artist - Record"]
    assert files(tmp_path / "music" / "Artist - Record") == [f"0{n} - Song {n}.wav" for n in (1, 2, 3)]
