"""The life of a transfer at another program, from its start to the file, or to its end without one."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from core.tests.fakes import files, until
from core.tests.otherprogram import Program, delegating, ended, final, shown

from cratedig import (
    CorruptDownload,
    Download,
    DownloadState,
    Kind,
    NotFound,
    SearchResult,
    Unavailable,
)

ALBUM = SearchResult(
    source="fake", target_id="a", kind=Kind.ALBUM, title="Record", artist="Artist", track_count=3
)


def test_what_the_program_tells_is_in_the_record(program: Program, tmp_path: Path) -> None:
    """Its words, the bytes and the size; then the file is verified, published, and nothing is left there."""

    async def main() -> None:
        async with delegating(program) as engine:
            ident = await engine.dispatch_download(("fake", "a"), dest_dir=tmp_path / "music")
            await shown(engine, ident, "waiting for the other program")
            program.say("job-a", detail="place 12 in the queue of peer one")
            await shown(engine, ident, "place 12 in the queue of peer one")
            program.say("job-a", detail="receiving", transferred=4000, size=16000)
            now = await shown(engine, ident, "receiving")
            assert (now.state, now.transferred, now.size) == (DownloadState.IN_PROGRESS, 4000, 16000)
            assert now.progress == 25.0
            program.bring("job-a")
            done = await final(engine, ident)
            assert (done.state, done.detail) == (DownloadState.COMPLETED, "")

    asyncio.run(main())
    assert files(tmp_path / "music") == ["song.wav"]
    assert program.asked("tidy") == ["job-a"]
    assert program.asked("cancel") == []
    assert files(program.folder / "job-a") == []


def test_a_folder_is_an_album_and_goes_as_a_whole(program: Program, tmp_path: Path) -> None:
    """Its music and cover are published, its leftovers are removed, its links are left alone."""
    mine = tmp_path / "mine.wav"
    mine.write_bytes(b"my own file")

    def act(job: str) -> None:
        folder = program.folder / job
        folder.mkdir()
        (folder / "cover.jpg").write_bytes(b"\xff\xd8\xff")
        (folder / "release.nfo").write_text("made by")
        program.bring_album(job, 1, 2, 3)

    done = ended(program, tmp_path / "music", act, ALBUM)
    assert (done.state, len(done.files)) == (DownloadState.COMPLETED, 3), done.detail
    assert done.file_path is not None
    assert len(files(done.file_path)) == 4
    assert not (program.folder / "job-a").exists()
    assert mine.read_bytes() == b"my own file"


def test_listed_files_may_lie_anywhere_and_only_they_go(program: Program, tmp_path: Path) -> None:
    """Each under the name that the program gives; what lies beside them stays."""
    names = {"x/1.wav": "CD 1/01 - One", "y/1.wav": "CD 2/01 - One", "z/other.wav": ""}
    listed = [{"path": str(program.put(there)), "name": name} for there, name in names.items()]
    program.put("x/stays.wav")
    done = ended(program, tmp_path / "music", lambda job: program.say(job, state="Completed", files=listed))
    assert done.state is DownloadState.COMPLETED, done.detail
    assert done.file_path is not None
    assert [str(file.path.relative_to(done.file_path)) for file in done.files] == [
        "CD 1/01 - One.wav",
        "CD 2/01 - One.wav",
        "other.wav",
    ]
    assert (files(program.folder / "x"), files(program.folder / "y")) == (["stays.wav"], [])


def test_what_the_program_keeps_is_copied(program: Program, tmp_path: Path) -> None:
    """Its files stay as they are, and writing to them afterwards changes nothing that was published."""
    done = ended(program, tmp_path / "music", lambda job: program.bring_album(job, 1, 2, 3, keep=True), ALBUM)
    assert done.state is DownloadState.COMPLETED
    originals = sorted((program.folder / "job-a").iterdir())
    assert len(originals) == 3
    assert all(original.stat().st_nlink == 1 for original in originals)
    assert program.asked("tidy") == ["job-a"]


def test_what_an_album_lacks_is_told_by_the_program(program: Program, tmp_path: Path) -> None:
    """All or nothing; a partial one has the exact list."""

    def act(job: str) -> None:
        program.bring_album(job, 1, 3, missing=["02 - Song 2"])

    whole = ended(program, tmp_path / "whole", act, ALBUM)
    assert (whole.state, whole.code) == (DownloadState.ERRORED, "not-found")
    assert "2 of 3 tracks: 02 - Song 2 missing" in whole.detail
    assert program.asked("tidy") == ["job-a"]
    partial = ended(program, tmp_path / "partial", act, ALBUM, partial=True)
    assert (partial.state, partial.missing) == (DownloadState.COMPLETED, ("02 - Song 2",))
    assert program.asked("tidy") == ["job-a", "job-a"]


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (NotFound("peer one shares it no more"), "peer one shares it no more"),
        (CorruptDownload("articles are damaged"), "articles are damaged"),
        (Unavailable("peer one is offline"), "peer one is offline"),
        (RuntimeError("planted"), "the plugin raised RuntimeError: planted"),
        (None, "the other program says Errored"),
    ],
)
def test_a_transfer_that_fails_is_tidied_once(
    program: Program, tmp_path: Path, error: Exception | None, says: str
) -> None:
    """The record says what the program said; the job there is forgotten, and was not cancelled."""

    def act(job: str) -> None:
        if error is not None:
            program.errors[job] = error
        program.starting = again
        program.say(job, state="Errored")

    def again(target_id: str) -> str:
        job = program.start(target_id)
        program.say(job, state="Errored")
        return job

    done = ended(program, tmp_path / "music", act)
    assert done.state is DownloadState.ERRORED
    assert says in done.detail
    assert set(program.asked("tidy")) == {"job-a"}
    assert len(program.asked("tidy")) == len(done.attempts)
    assert program.asked("cancel") == []
    assert files(tmp_path / "music") == []


def test_a_damaged_file_is_tidied_before_the_next_attempt_begins(program: Program, tmp_path: Path) -> None:
    """The program is not asked again before it has forgotten what was wrong."""
    program.slow = 0.3

    async def main() -> Download:
        async with delegating(program) as engine:
            ident = await engine.dispatch_download(("fake", "a"), dest_dir=tmp_path / "music")
            await until(lambda: program.jobs)
            damaged = program.put("job-a/song.wav")
            damaged.write_bytes(damaged.read_bytes()[:-5000])
            program.say("job-a", state="Completed", path=str(damaged))
            await until(lambda: len(program.asked("start")) == 2)
            assert program.asked("tidy") == ["job-a"]
            program.bring("job-a")
            return await final(engine, ident)

    done = asyncio.run(main())
    assert done.state is DownloadState.COMPLETED, done.detail
    assert [attempt.code for attempt in done.attempts] == ["corrupt-download", ""]
    assert program.asked("tidy") == ["job-a", "job-a"]


def test_a_cancel_stops_the_job_and_closes_the_stream(program: Program, tmp_path: Path) -> None:
    """The program is told the transfer's id once; afterwards nobody asks it for news any more."""

    async def main() -> None:
        async with delegating(program) as engine:
            ident = await engine.dispatch_download(("fake", "a"), dest_dir=tmp_path / "music")
            await shown(engine, ident, "waiting for the other program")
            await until(lambda: program.rounds > 2)
            assert await engine.cancel_download(ident)
            await until(lambda: program.asked("cancel") == ["job-a"] and program.open == 0)
            rounds = program.rounds
            await asyncio.sleep(0.2)
            assert program.rounds == rounds

    asyncio.run(main())
    assert program.asked("tidy") == []
    assert files(tmp_path / "music") == []


def test_name_that_the_source_tells_is_published_under(program: Program, tmp_path: Path) -> None:
    """A folder with a name of the other program's own gets a better one, where no search has told it."""
    done = ended(
        program, tmp_path / "music", lambda job: program.bring_album(job, 1, 2, name="Artist - Record")
    )
    assert done.state is DownloadState.COMPLETED, done.detail
    assert done.file_path == tmp_path / "music" / "Artist - Record"
