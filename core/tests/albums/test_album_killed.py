"""Kill -9 about the publishing of an album: one folder with all of its files, and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from core.tests.fakes import files

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there is no kill -9")

PROGRAM = """
import asyncio, os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import fakes
from cratedig import Kind, SearchResult, Wanted
from cratedig._downloads import albums, settling, survivor
from cratedig._journal.sqlite import SqliteJournal

folder, moment, how = Path(sys.argv[2]), sys.argv[3], sys.argv[4]

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def after(owner, name):
    real = getattr(owner, name)
    setattr(owner, name, lambda *args, **more: (real(*args, **more), die()))

def at_commit(when):
    save = SqliteJournal.save
    def saved(self, record):
        if not (str(record.state) == "Completed" and record.kind is Kind.ALBUM):
            return save(self, record)
        if when == "after":
            save(self, record).result()
        die()
    SqliteJournal.save = saved

{
    "never": lambda: None,
    "put together": lambda: after(albums, "put_together"),
    "before the note": lambda: setattr(survivor, "note_album", die),
    "after the note": lambda: after(survivor, "note_album"),
    "after the rename": lambda: after(albums, "give_name"),
    "before the commit": lambda: at_commit("before"),
    "after the commit": lambda: at_commit("after"),
}[moment]()

async def tracks(query, wanted):
    found = [fakes.result(f"t{n}", title=f"Song {n}", album="Record", track_number=n) for n in (1, 2, 3)]
    return found if wanted.album else []

async def whole(target_id, dest_dir, progress):
    for n in (1, 2, 3):
        (dest_dir / f"0{n} - Song {n}.wav").write_bytes(fakes.wav(1.0, n))
    return fakes.Delivery(path=dest_dir)

async def main():
    gathered = how == "gathered"
    source = fakes.Fake(search=tracks) if gathered else fakes.Fake(download=whole, delivers={Kind.ALBUM})
    async with fakes.running(source, journal=folder / "journal.db") as engine:
        known = [d.id for d in await engine.get_all_downloads() if "album" not in d.extra]
        if not known and gathered:
            wish = Wanted(artist="Artist", album="Record")
            music = folder / "music"
            known = [await engine.download_with_fallback(wish, ["fake"], dest_dir=music, across_kinds=True)]
        elif not known:
            named = {"kind": Kind.ALBUM, "title": "Record", "artist": "Artist"}
            album = SearchResult(source="fake", target_id="a", **named)
            known = [await engine.dispatch_download(album, dest_dir=folder / "music")]
        for done in await fakes.waited(engine, known):
            print(done.state, len(done.files), done.file_path and done.file_path.name, done.detail)
    async with fakes.running(source, journal=folder / "journal.db") as engine:
        print(len(await engine.get_all_downloads()))

asyncio.run(main())
"""


def run(tmp_path: Path, moment: str, how: str) -> subprocess.CompletedProcess[str]:
    """One process that is killed at a moment, or ends by itself."""
    tests = str(Path(__file__).parents[1])
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, tests, str(tmp_path), moment, how],
        capture_output=True, text=True, check=False, env=kept,
    )  # fmt: skip


MOMENTS = [
    *[(moment, "delivered") for moment in ("before the note", "after the rename", "after the commit")],
    *[(moment, "gathered") for moment in ("put together", "after the note", "after the rename")],
    *[(moment, "gathered") for moment in ("before the commit", "after the commit")],
]


@pytest.mark.parametrize(("moment", "how"), MOMENTS)
def test_killed_at_any_moment_there_is_one_album(moment: str, how: str, tmp_path: Path) -> None:
    """Delivered whole, or gathered from tracks: the next process ends with it and its record."""
    killed = run(tmp_path, moment, how)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    again = run(tmp_path, "never", how)
    assert again.stdout.splitlines() == ["Completed 3 Artist - Record ", "1"], again.stderr
    assert files(tmp_path / "music") == ["Artist - Record"]
    assert files(tmp_path / "music" / "Artist - Record") == [f"0{n} - Song {n}.wav" for n in (1, 2, 3)]
