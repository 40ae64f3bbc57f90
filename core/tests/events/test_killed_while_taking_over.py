"""Kill -9 at each step from the other program's files to the published ones: one result, no leftovers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from core.tests.fakes import files, wav
from core.tests.otherprogram import Program

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there is no kill -9")

PROGRAM = """
import asyncio, os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import fakes
sys.modules["core.tests.fakes"] = fakes
import otherprogram
from cratedig import Kind, SearchResult
from cratedig._downloads import albums, arriving, settling, survivor
from cratedig._journal.sqlite import SqliteJournal
from cratedig._engine import controlling
import cratedig._transfer.publish as publishing

controlling.SETTLE_PATIENCE = 60.0
folder, moment = Path(sys.argv[2]), sys.argv[3]

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def before(owner, name):
    setattr(owner, name, die)

def after(owner, name):
    real = getattr(owner, name)
    setattr(owner, name, lambda *args, **more: (real(*args, **more), die()))

def at_commit(when):
    save = SqliteJournal.save
    def saved(self, record):
        if str(record.state) != "Completed":
            return save(self, record)
        if when == "after":
            save(self, record).result()
        die()
    SqliteJournal.save = saved

def forgetting(when):
    real = otherprogram.Program.drop
    def drop(self, *args):
        if when == "after":
            real(self, *args)
        die()
    otherprogram.Program.drop = drop

{
    "never": lambda: None,
    "taking in": lambda: after(arriving, "take_in"),
    "put together": lambda: after(albums, "put_together"),
    "note of the leftovers": lambda: after(settling.Settling, "note"),
    "before the note": lambda: before(survivor, "note_album"),
    "after the note": lambda: after(survivor, "note_album"),
    "before the file": lambda: before(publishing, "publish"),
    "after the file": lambda: after(publishing, "publish"),
    "after the rename": lambda: after(albums, "give_name"),
    "before the commit": lambda: at_commit("before"),
    "after the commit": lambda: at_commit("after"),
    "originals dropped": lambda: after(settling.taking, "drop"),
    "before it forgets": lambda: forgetting("before"),
    "after it forgot": lambda: forgetting("after"),
}[moment]()

RECORD = {"kind": Kind.ALBUM, "title": "Record", "artist": "Artist", "track_count": 9}
ALBUM = SearchResult(source="fake", target_id="a", **RECORD)

async def main():
    program = otherprogram.Program(folder / "there")
    kind = sys.argv[4]
    async with otherprogram.delegating(program, journal=folder / "journal.db") as engine:
        ids = [d.id for d in await engine.get_all_downloads()]
        if not ids:
            target = ALBUM if kind == "album" else ("fake", "a")
            ids = [await engine.dispatch_download(target, dest_dir=folder / "music")]
        for ident in ids:
            done = await otherprogram.final(engine, ident)
            print(done.state, len(done.files), done.file_path and done.file_path.name, done.detail)

asyncio.run(main())
"""

FOR_ALBUMS = [
    "taking in", "put together", "note of the leftovers", "before the note", "after the note",
    "after the rename", "before the commit", "after the commit", "originals dropped",
    "before it forgets", "after it forgot",
]  # fmt: skip
FOR_FILES = ["taking in", "before the file", "after the file", "before the commit", "after the commit"]


def run(tmp_path: Path, moment: str, kind: str) -> subprocess.CompletedProcess[str]:
    """One process that is killed at a moment, or ends by itself."""
    tests = str(Path(__file__).parents[1])
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, tests, str(tmp_path), moment, kind],
        capture_output=True, text=True, check=False, env=kept,
    )  # fmt: skip


def finished(tmp_path: Path, kind: str) -> Program:
    """The other program with the job done: a file, one in the destination, or an album's files."""
    program = Program(tmp_path / "there")
    program.start("a")
    if kind == "file":
        program.bring("job-a")
    elif kind == "in place":
        song = tmp_path / "music" / "song.wav"
        song.parent.mkdir()
        song.write_bytes(wav(1.0, 7))
        program.say("job-a", state="Completed", path=str(song))
    else:
        named = [program.put(f"job-a/{number}.wav", 1.0, number) for number in (1, 2, 3)]
        listed = [{"path": str(path), "name": f"0{n} - Song"} for n, path in enumerate(named, 1)]
        program.say("job-a", state="Completed", files=listed)
    return program


MOMENTS = [
    *[(moment, "album") for moment in FOR_ALBUMS],
    *[(moment, "file") for moment in FOR_FILES],
    ("after the file", "in place"),
]


@pytest.mark.parametrize(("moment", "kind"), MOMENTS)
def test_killed_at_any_moment_there_is_one_result_and_nothing_else(
    moment: str, kind: str, tmp_path: Path
) -> None:
    """The next process ends with all files, once; the job there was begun once, and is gone."""
    program = finished(tmp_path, kind)
    killed = run(tmp_path, moment, kind)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    again = run(tmp_path, "never", kind)
    name = {"album": "Artist - Record", "file": "song.wav", "in place": "song (2).wav"}[kind]
    assert again.stdout.strip() == f"Completed {3 if kind == 'album' else 1} {name}", again.stderr
    assert files(tmp_path / "music") == [name]
    if kind == "album":
        album = tmp_path / "music" / name
        assert files(album) == [f"0{number} - Song.wav" for number in (1, 2, 3)]
        assert [(album / f"0{n} - Song.wav").read_bytes() for n in (1, 2, 3)] == [
            wav(1.0, n) for n in (1, 2, 3)
        ]
    assert program.asked("start") == ["job-a"]
    assert program.asked("cancel") == []
    assert set(program.asked("tidy")) == {"job-a"}
    assert files(program.folder / "job-a") == []
