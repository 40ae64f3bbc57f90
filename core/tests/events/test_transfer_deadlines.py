"""Every state of a transfer that is not the end has a deadline, and the record says what it waited for."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from core.tests.fakes import files, until
from core.tests.otherprogram import Program, delegating, final, shown
from core.tests.turned import Beats, Clock, turned

from cratedig import Download, DownloadEngine, DownloadEvent, DownloadState, SourceContext, Unavailable
from cratedig._downloads import arriving, parked, pulse, taking
from cratedig_contracts.patience import within

STALL, QUEUE = 60.0, 300.0
SETTINGS = {"retries": 0, "queue_patience": QUEUE, "breaker_failures": 1000}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """What the deadlines are kept by."""
    return turned(monkeypatch)


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """The other program; its stream is opened again soon."""
    monkeypatch.setattr(parked, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(parked, "LONGEST_PAUSE", 0.1)
    made = Program(tmp_path / "there")
    made.info = {"stall_timeout": STALL}
    return made


async def _silent(_context: SourceContext) -> AsyncIterator[Any]:
    await asyncio.Event().wait()
    yield


async def begun(engine: DownloadEngine, program: Program, music: Path, **news: Any) -> str:
    """A download whose job is there; ``news`` is told of it."""
    ident = await engine.dispatch_download(("fake", "a"), dest_dir=music)
    await until(lambda: program.jobs)
    program.say("job-a", **news)
    return ident


async def cancelled_there(program: Program, music: Path, done: Download) -> None:
    """Make sure that nothing is left of a download that was given up."""
    await until(lambda: program.asked("cancel") == ["job-a"] and program.open == 0)
    assert (done.state, done.code) == (DownloadState.ERRORED, "unavailable")
    assert program.asked("tidy") == []
    assert files(music) == []


def given_up(
    program: Program, music: Path, clock: Clock, doing: str, seconds: float, **news: Any
) -> Download:
    """How a download ends that is ``doing`` something and hears no more; not before so many seconds."""

    async def main() -> Download:
        async with delegating(program, engine=SETTINGS) as engine:
            ident = await begun(engine, program, music, **news)
            await shown(engine, ident, doing)
            beats = Beats(engine, clock)
            beats.look()
            beats.after(seconds - 1)
            assert not engine._parts.table.get(ident).state.terminal
            beats.after(2)
            done = await final(engine, ident)
            await cancelled_there(program, music, done)
            return done

    return asyncio.run(main())


def test_a_silent_stream_ends_the_wait_after_the_queue_patience(
    program: Program, tmp_path: Path, clock: Clock
) -> None:
    """The job there is cancelled, once, and the stream is closed."""
    program.watch = _silent
    doing = "waiting for the other program"
    done = given_up(program, tmp_path / "music", clock, doing, QUEUE)
    assert f"nothing moved for 300 s while {doing}" in done.detail


def test_a_place_in_a_queue_that_stays_is_what_it_waited_for(
    program: Program, tmp_path: Path, clock: Clock
) -> None:
    """The program's own words are in the reason."""
    doing = "place 12 in the queue of peer one"
    done = given_up(program, tmp_path / "music", clock, doing, QUEUE, detail=doing)
    assert f"while {doing}" in done.detail


def test_a_transfer_that_stalls_midway_ends_after_the_stall_timeout(
    program: Program, tmp_path: Path, clock: Clock
) -> None:
    """It had begun, so that the longer patience of a queue is not for it."""
    news = {"transferred": 500, "size": 1000, "detail": "receiving"}
    done = given_up(program, tmp_path / "music", clock, "receiving", STALL, **news)
    assert "nothing moved for 60 s while receiving" in done.detail
    assert done.attempts[-1].received == 500


def test_a_program_that_is_away_is_named_and_does_not_prolong_the_wait(
    program: Program, tmp_path: Path, clock: Clock
) -> None:
    """Its errors, always new ones, are shown and are no progress: the deadline stays what it was."""
    errors: list[Unavailable] = []

    async def refuses(context: SourceContext) -> AsyncIterator[Any]:
        if context.transfers() and not errors:
            async for update in program.polled(context):
                yield update
                if update.transferred:
                    break
        errors.append(Unavailable(f"connection refused {len(errors)}"))
        raise errors[-1]

    async def main() -> Download:
        async with delegating(program, engine=SETTINGS) as engine:
            ident = await begun(engine, program, tmp_path / "music", transferred=500, size=1000)
            await shown(engine, ident, "no news from fake: connection refused")
            beats = Beats(engine, clock)
            beats.look()
            for _ in range(3):
                await shown(engine, ident, f"connection refused {len(errors)}")
                beats.after(STALL / 3)
            assert not engine._parts.table.get(ident).state.terminal
            beats.after(1)
            done = await final(engine, ident)
            await cancelled_there(program, tmp_path / "music", done)
            return done

    program.watch = refuses
    assert "nothing moved for 60 s while no news from fake: connection refused" in asyncio.run(main()).detail


def test_the_record_says_that_there_is_no_news_and_completes_once_there_is(
    program: Program, tmp_path: Path
) -> None:
    """The last words come back with the program, the file with the job that went on."""

    async def main() -> Download:
        async with delegating(program, engine={"breaker_failures": 100}) as engine:
            ident = await begun(engine, program, tmp_path / "music", detail="place 3")
            await shown(engine, ident, "place 3")
            program.away = Unavailable("connection refused")
            await shown(engine, ident, "no news from fake: connection refused")
            program.away = None
            await shown(engine, ident, "place 3")
            program.bring("job-a")
            return await final(engine, ident)

    done = asyncio.run(main())
    assert (done.state, done.detail) == (DownloadState.COMPLETED, "")
    assert program.asked("start") == ["job-a"]


def test_events_tell_that_there_is_no_news(program: Program, tmp_path: Path) -> None:
    """Whoever listens need not ask to learn it."""

    async def heard(events: AsyncIterator[DownloadEvent]) -> None:
        async for event in events:
            if "no news from fake" in event.download.detail:
                return

    async def main() -> None:
        async with delegating(program, engine={"breaker_failures": 100}) as engine:
            events = engine.events()
            await begun(engine, program, tmp_path / "music")
            await until(lambda: program.rounds > 2)
            program.away = Unavailable("connection refused")
            await within(30, heard(events))

    asyncio.run(main())


def test_a_disk_that_hangs_ends_its_own_download_only(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    """The one says what it was at; the next in line gets its turn; the file there is not thrown away."""
    monkeypatch.setattr(arriving, "LOOK_AGAIN", 0.1)
    hanging, take_in = threading.Event(), taking.take_in

    def hangs(update: Any, staging: Any) -> Any:
        if update.transfer_id == "job-a":
            hanging.wait()
        return take_in(update, staging)

    monkeypatch.setattr(arriving, "take_in", hangs)

    async def main() -> list[Download]:
        async with delegating(program, engine={"retries": 0}) as engine:
            ids = [await engine.dispatch_download(("fake", t), dest_dir=tmp_path / "music") for t in "ab"]
            await until(lambda: len(program.jobs) == 2)
            program.bring("job-a")
            await shown(engine, ids[0], "taking the file over")
            program.bring("job-b")
            await shown(engine, ids[1], "waiting to be taken over")
            beats = Beats(engine, clock)
            beats.look()
            beats.after(pulse.VERIFY_PATIENCE + 1)
            try:
                return [await final(engine, ident) for ident in ids]
            finally:
                hanging.set()

    try:
        stuck, other = asyncio.run(main())
    finally:
        hanging.set()
    assert stuck.state is DownloadState.ERRORED
    assert "while taking the file over" in stuck.detail
    assert other.state is DownloadState.COMPLETED
    assert (program.asked("cancel"), files(program.folder / "job-a")) == ([], ["song.wav"])


def test_a_given_up_transfer_is_cancelled_before_the_same_is_asked_for_again(
    program: Program, tmp_path: Path, clock: Clock
) -> None:
    """Else the program would answer with the job that is about to be cancelled."""
    program.slow = 0.8  # longer than the pause before the next attempt

    async def main() -> Download:
        async with delegating(program, engine={**SETTINGS, "retries": 1}) as engine:
            ident = await begun(
                engine, program, tmp_path / "music", transferred=1, size=2, detail="receiving"
            )
            await shown(engine, ident, "receiving")
            beats = Beats(engine, clock)
            beats.look()
            beats.after(STALL + 1)
            await until(lambda: len(program.asked("start")) == 2)
            program.bring("job-a")
            return await final(engine, ident)

    done = asyncio.run(main())
    assert done.state is DownloadState.COMPLETED, done.detail
    log = (program.folder / "calls.log").read_text().split("\n")[:-1]
    assert log == ["start job-a", "cancel job-a", "start job-a", "tidy job-a"]
