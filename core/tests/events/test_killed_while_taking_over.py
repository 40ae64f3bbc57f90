"""Kill -9 at each step from the other program's files to the published ones: one result, no leftovers."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from core.tests.fakes import files, wav
from core.tests.forks import Run, forks
from core.tests.killing import after, at_commit, before
from core.tests.otherprogram import Program, delegating, final

from cratedig import Kind, SearchResult
from cratedig._downloads import albums, arriving, settling, survivor, taking
from cratedig._engine import controlling
from cratedig._transfer import publish

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there is no kill -9")

RECORD: dict[str, Any] = {"kind": Kind.ALBUM, "title": "Record", "artist": "Artist", "track_count": 9}
ALBUM = SearchResult(source="fake", target_id="a", **RECORD)


KILLED: dict[str, Callable[[], None]] = {
    "never": lambda: None,
    "taking in": lambda: after(arriving, "take_in"),
    "put together": lambda: after(albums, "put_together"),
    "note of the leftovers": lambda: after(settling.Settling, "note"),
    "before the note": lambda: before(survivor, "note_album"),
    "after the note": lambda: after(survivor, "note_album"),
    "before the file": lambda: before(publish, "publish"),
    "after the file": lambda: after(publish, "publish"),
    "after the rename": lambda: after(albums, "give_name"),
    "before the commit": lambda: at_commit("before"),
    "after the commit": lambda: at_commit("after"),
    "originals dropped": lambda: after(taking, "drop"),
    "before it forgets": lambda: before(Program, "drop"),
    "after it forgot": lambda: after(Program, "drop"),
}


def process(there: str, moment: str, kind: str) -> str:
    """What runs in a process of its own: the one download, begun or gone on with."""
    controlling.SETTLE_PATIENCE = 60.0
    KILLED[moment]()
    return asyncio.run(_one_download(Path(there), kind))


async def _one_download(folder: Path, kind: str) -> str:
    program = Program(folder / "there")
    async with delegating(program, journal=folder / "journal.db") as engine:
        ids = [d.id for d in await engine.get_all_downloads()]
        if not ids:
            target: Any = ALBUM if kind == "album" else ("fake", "a")
            ids = [await engine.dispatch_download(target, dest_dir=folder / "music")]
        (done,) = [await final(engine, ident) for ident in ids]
        return f"{done.state} {len(done.files)} {done.file_path and done.file_path.name} {done.detail}"


FOR_ALBUMS = [
    "taking in", "put together", "note of the leftovers", "before the note", "after the note",
    "after the rename", "before the commit", "after the commit", "originals dropped",
    "before it forgets", "after it forgot",
]  # fmt: skip
FOR_FILES = ["taking in", "before the file", "after the file", "before the commit", "after the commit"]


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """One process that is killed at a moment, or ends by itself."""
    with forks(__name__) as run:
        yield run


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
    moment: str, kind: str, tmp_path: Path, run: Run
) -> None:
    """The next process ends with all files, once; the job there was begun once, and is gone."""
    program = finished(tmp_path, kind)
    killed = run(str(tmp_path), moment, kind)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    again = run(str(tmp_path), "never", kind)
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
