"""Transfers at another program that end otherwise than planned: nothing is lost, nothing is done twice."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from core.tests.fakes import files, until
from core.tests.otherprogram import Program, delegating, ended, final, shown

from cratedig import (
    Download,
    DownloadState,
    Kind,
    Pending,
    SearchResult,
    SourceContext,
)
from cratedig._downloads import arriving, taking
from cratedig._journal.sqlite import SqliteJournal

ALBUM = SearchResult(
    source="fake", target_id="a", kind=Kind.ALBUM, title="Record", artist="Artist", track_count=3
)


def test_the_originals_go_only_once_the_record_is_durable(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whenever the journal is given a Completed record, the other program's file is still there."""
    there: list[bool] = []
    save, drop = SqliteJournal.save, taking.drop

    def watched(self: SqliteJournal, record: Any) -> Any:
        written = save(self, record)
        if record.state is DownloadState.COMPLETED:
            written.result()
            there.append(files(program.folder / "job-a") == ["song.wav"] and not program.asked("tidy"))
        return written

    def slowly(*arguments: Any) -> None:
        time.sleep(0.3)
        drop(*arguments)

    monkeypatch.setattr(SqliteJournal, "save", watched)
    monkeypatch.setattr(taking, "drop", slowly)

    async def main() -> None:
        async with delegating(program, journal=tmp_path / "journal.db") as engine:
            ident = await engine.dispatch_download(("fake", "a"), dest_dir=tmp_path / "music")
            await until(lambda: program.jobs)
            program.bring("job-a")
            assert (await final(engine, ident)).state is DownloadState.COMPLETED
            assert files(program.folder / "job-a") == []

    asyncio.run(main())
    assert there == [True]


def test_a_program_that_delivers_into_the_destination_loses_nothing(program: Program, tmp_path: Path) -> None:
    """Its file there is not taken for the published one, which stays when its own name goes."""
    program.folder = music = tmp_path / "there"
    done = ended(
        program, music, lambda job: program.say(job, state="Completed", path=str(program.put("s.wav")))
    )
    assert done.state is DownloadState.COMPLETED
    assert done.file_path is not None
    assert done.file_path.is_file()
    assert [name for name in files(music) if name.endswith(".wav")] == [done.file_path.name]


def test_a_folder_that_holds_the_destination_is_refused(program: Program, tmp_path: Path) -> None:
    """A path_map that is wrong must not have a whole library taken over and removed."""
    mine = tmp_path / "music" / "mine.wav"
    mine.parent.mkdir()
    mine.write_bytes(b"mine")
    done = ended(
        program, tmp_path / "music", lambda job: program.say(job, state="Completed", path=str(tmp_path))
    )
    assert (done.state, done.code) == (DownloadState.ERRORED, "unexpected-response")
    assert "path_map" in done.detail
    assert mine.read_bytes() == b"mine"


def test_files_that_are_not_where_the_program_says_end_it_with_a_hint(
    program: Program, tmp_path: Path
) -> None:
    """The setting that may be wrong is named."""
    done = ended(
        program, tmp_path / "music", lambda job: program.say(job, state="Completed", path="/no/where")
    )
    assert (done.state, done.code) == (DownloadState.ERRORED, "not-found")
    assert "path_map" in done.detail


def test_a_full_disk_leaves_the_files_there_and_a_retry_takes_them(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What took hours to arrive is neither removed nor fetched again for want of room here."""

    def full(*_: Any) -> Any:
        raise OSError(28, "No space left on device")

    async def main() -> Download:
        async with delegating(program, engine={"retries": 1}) as engine:
            ident = await engine.dispatch_download(("fake", "a"), dest_dir=tmp_path / "music")
            await until(lambda: program.jobs)
            with monkeypatch.context() as patched:
                patched.setattr(arriving, "take_in", full)
                program.bring("job-a")
                failed = await final(engine, ident)
            assert failed.state is DownloadState.ERRORED
            assert "No space left on device" in failed.detail
            assert "retry" in failed.detail
            assert (program.asked("tidy"), program.asked("cancel")) == ([], [])
            done = await final(engine, await engine.retry_download(ident))
            assert engine.client("fake").asked("download") == ["a"]
            return done

    done = asyncio.run(main())
    assert done.state is DownloadState.COMPLETED, done.detail
    assert program.asked("start") == ["job-a"]
    assert program.asked("tidy") == ["job-a"]


def test_one_job_for_two_downloads_brings_both(program: Program, tmp_path: Path) -> None:
    """The program has the job already and gives its id again: each folder gets it, the last one tidies."""

    async def main() -> list[Download]:
        async with delegating(program) as engine:
            folders = [tmp_path / "one", tmp_path / "two", tmp_path / "three"]
            ids = [await engine.dispatch_download(("fake", "a"), dest_dir=folder) for folder in folders]
            for ident in ids:
                await shown(engine, ident, "waiting for the other program")
            await engine.cancel_download(ids[2])
            await asyncio.sleep(0.1)
            assert program.asked("cancel") == []
            program.bring("job-a")
            return [await final(engine, ident) for ident in ids]

    done = asyncio.run(main())
    assert [one.state for one in done] == [DownloadState.COMPLETED] * 2 + [DownloadState.CANCELLED]
    assert [len(files(tmp_path / name)) for name in ("one", "two", "three")] == [1, 1, 0]
    assert program.asked("start") == ["job-a"]
    assert program.asked("tidy") == ["job-a"]


def test_an_end_that_is_told_before_the_id_is_known_is_not_lost(program: Program, tmp_path: Path) -> None:
    """A program that announces once may do so before download_raw has returned."""
    told, heard = asyncio.Event(), asyncio.Event()

    async def announced(_context: SourceContext) -> Any:
        while True:
            await told.wait()
            told.clear()
            yield program.news("job-b")
            heard.set()

    async def slowly(_target_id: str) -> Any:
        program.bring(program.start("b"))
        told.set()
        await heard.wait()
        return Pending("job-b")

    async def main() -> Download:
        program.watch = announced
        async with delegating(program) as engine:
            first = await engine.dispatch_download(("fake", "a"), dest_dir=tmp_path / "music")
            await shown(engine, first, "waiting for the other program")
            program.starting = slowly
            second = await engine.dispatch_download(("fake", "b"), dest_dir=tmp_path / "music")
            return await final(engine, second)

    assert asyncio.run(main()).state is DownloadState.COMPLETED
