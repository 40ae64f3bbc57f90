"""Another program that is away when a transfer ends is told of that later: it would go on for nobody."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from core.tests.fakes import forever, running, until
from core.tests.otherprogram import Program, delegating, final, shown

from cratedig import DownloadEngine, DownloadState, NotFound, Unavailable

A = ("fake", "a")


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "there")


def owed(engine: DownloadEngine) -> list[str]:
    """The notes of what is still to be told."""
    parts: Any = engine._parts
    return list(parts.journal.keys("owed:"))


async def begun(engine: DownloadEngine, music: Path) -> str:
    """A download whose job is under way, and known to the engine by its id."""
    download_id = await engine.dispatch_download(A, dest_dir=music, force=True)
    await shown(engine, download_id, "waiting for the other program")
    return download_id


async def cancelled(engine: DownloadEngine, program: Program, music: Path) -> None:
    """Cancel a download while the program is deaf, and wait until it was told in vain."""
    download_id = await begun(engine, music)
    program.deaf = Unavailable("it is away")
    await engine.cancel_download(download_id)
    await until(lambda: program.asked("vain-cancel"))


def test_a_cancel_is_told_again(program: Program, tmp_path: Path) -> None:
    """As often as it takes, and then no more."""

    async def main() -> None:
        async with delegating(program) as engine:
            await cancelled(engine, program, tmp_path / "music")
            await until(lambda: len(program.asked("vain-cancel")) > 1)
            program.deaf = None
            await until(lambda: not program.jobs)
            await until(lambda: not owed(engine))
            assert program.asked("cancel") == ["job-a"]

    asyncio.run(main())


@pytest.mark.parametrize("ending", ["Completed", "Errored"])
def test_an_end_is_told_again(program: Program, tmp_path: Path, ending: str) -> None:
    """The program forgets a job later that came to its end while it could not be asked to."""

    async def main() -> None:
        async with delegating(program, engine={"retries": 0}) as engine:
            download_id = await begun(engine, tmp_path / "music")
            program.deaf = Unavailable("it is away")
            if ending == "Completed":
                program.bring("job-a")
            else:
                program.say("job-a", state="Errored", detail="no peer has it")
            assert (await final(engine, download_id)).state is DownloadState(ending)
            await until(lambda: program.asked("vain-tidy"))
            program.deaf = None
            await until(lambda: not program.jobs)
            await until(lambda: not owed(engine))

    asyncio.run(main())


def test_the_next_engine_tells_it(program: Program, tmp_path: Path) -> None:
    """One that ends before the program is back leaves a note in the journal."""

    async def main(use: Any) -> None:
        async with delegating(program, journal=tmp_path / "journal.db") as engine:
            await use(engine)

    async def told(engine: DownloadEngine) -> None:
        await until(lambda: not program.jobs)
        await until(lambda: not owed(engine))

    asyncio.run(main(lambda engine: cancelled(engine, program, tmp_path / "music")))
    assert list(program.jobs) == ["job-a"]
    program.deaf = None
    asyncio.run(main(told))
    assert program.asked("cancel") == ["job-a"]


def test_what_is_wanted_again_is_not_ended(program: Program, tmp_path: Path) -> None:
    """The program takes the new download for the old job; the old cancel does not come after it."""

    async def main() -> None:
        async with delegating(program) as engine:
            await cancelled(engine, program, tmp_path / "music")
            again = await engine.dispatch_download(A, dest_dir=tmp_path / "music", force=True)
            await until(lambda: not owed(engine))
            program.deaf = None
            await asyncio.sleep(0.5)
            program.bring("job-a")
            assert (await final(engine, again)).state is DownloadState.COMPLETED
            assert program.asked("cancel") == []
            assert program.asked("start") == ["job-a"]

    asyncio.run(main())


def test_what_is_wanted_again_by_another_process_is_not_ended(program: Program, tmp_path: Path) -> None:
    """An engine that resumes nothing finds the note all the same when it begins the same target."""
    journal = tmp_path / "journal.db"

    async def first() -> None:
        async with delegating(program, journal=journal) as engine:
            await cancelled(engine, program, tmp_path / "music")

    async def second() -> None:
        async with delegating(program, journal=journal, resume=False) as engine:
            again = await engine.dispatch_download(A, dest_dir=tmp_path / "music", force=True)
            await until(lambda: program.asked("start") == ["job-a"] * 2)
            await until(lambda: not owed(engine))
            program.bring("job-a")
            assert (await final(engine, again)).state is DownloadState.COMPLETED

    asyncio.run(first())
    program.deaf = None
    asyncio.run(second())
    assert program.asked("cancel") == ["job-a"]


def test_a_job_whose_id_is_not_known_yet(program: Program, tmp_path: Path) -> None:
    """The program has begun it and not answered when it is cancelled, and cannot be told then."""

    async def never(_target: str) -> Any:
        program.start("a")
        program.deaf = Unavailable("it is away")
        await forever()

    program.starting = never

    async def main() -> None:
        async with delegating(program) as engine:
            download_id = await engine.dispatch_download(A, dest_dir=tmp_path / "music")
            await until(lambda: program.deaf)
            await engine.cancel_download(download_id)
            await until(lambda: program.asked("vain-cancel"))
            assert owed(engine) == ["owed:fake:a"]
            program.deaf = None
            await until(lambda: not owed(engine))
            assert program.asked("cancel") == ["a"]

    asyncio.run(main())


def test_a_no_is_heard(program: Program, tmp_path: Path) -> None:
    """A program that knows nothing of the transfer is not asked again."""

    async def main() -> None:
        async with delegating(program) as engine:
            download_id = await begun(engine, tmp_path / "music")
            program.deaf = NotFound("no such job")
            await engine.cancel_download(download_id)
            await until(lambda: program.asked("vain-cancel"))
            await until(lambda: not owed(engine))
            parts: Any = engine._parts
            assert not parts.sources.get("fake")._outbox._waiting
            assert len(program.asked("vain-cancel")) == 1

    asyncio.run(main())


def test_a_source_that_is_gone_is_left_for_later(program: Program, tmp_path: Path) -> None:
    """An engine without the source keeps the note, and drops one that nobody can read."""
    journal = tmp_path / "journal.db"

    async def leave() -> None:
        async with delegating(program, journal=journal) as engine:
            await cancelled(engine, program, tmp_path / "music")
            parts: Any = engine._parts
            parts.journal.put("owed:fake:old", {"how": "ever"})

    async def without() -> None:
        async with running(journal=journal) as engine:
            assert owed(engine) == ["owed:fake:job-a"]

    asyncio.run(leave())
    asyncio.run(without())
