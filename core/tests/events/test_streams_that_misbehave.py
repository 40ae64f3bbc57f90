"""A source's stream of news is foreign code: whatever it does, its transfers end well once it recovers."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from core.tests.fakes import Fake, files, until
from core.tests.otherprogram import COMPLETED, ERRORED, RUNNING, Program, Watch, delegating, final, shown
from core.tests.turned import Beats, turned

from cratedig import Download, DownloadState, SourceContext, TransferUpdate, Unavailable
from cratedig._downloads import parked
from cratedig._runtime import lane


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """The other program; a stream that has broken off is opened again soon."""
    monkeypatch.setattr(parked, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(parked, "LONGEST_PAUSE", 0.2)
    return Program(tmp_path / "there")


def _update(state: DownloadState = RUNNING, job: str = "job-a", **more: Any) -> TransferUpdate:
    return TransferUpdate(transfer_id=job, state=state, **more)


def first(program: Program, start: Watch) -> None:
    """The first stream is ``start``, all that follow are as they should be."""
    opened: list[int] = []

    async def watch(context: SourceContext) -> AsyncIterator[Any]:
        opened.append(1)
        async for update in start(context) if len(opened) == 1 else program.polled(context):
            yield update

    program.watch = watch


def gone_through(program: Program, music: Path, act: Callable[[], object] | None = None) -> Download:
    """How a download ends whose file the program brings once it is asked for news."""

    async def main() -> Download:
        async with delegating(program) as engine:
            ident = await engine.dispatch_download(("fake", "a"), dest_dir=music)
            await until(lambda: program.rounds and program.jobs)
            (act or (lambda: program.bring("job-a")))()
            return await final(engine, ident)

    return asyncio.run(main())


async def _raises(_context: SourceContext) -> AsyncIterator[Any]:
    yield _update(detail="receiving")
    raise Unavailable("connection refused")


async def _breaks(_context: SourceContext) -> AsyncIterator[Any]:
    yield _update(detail="receiving")
    raise RuntimeError("planted")


async def _exits(_context: SourceContext) -> AsyncIterator[Any]:
    yield _update(detail="receiving")
    raise SystemExit(3)


async def _cancels(_context: SourceContext) -> AsyncIterator[Any]:
    yield _update(detail="receiving")
    raise asyncio.CancelledError


async def _ends(_context: SourceContext) -> AsyncIterator[Any]:
    yield _update(detail="receiving")


async def _ends_at_once(_context: SourceContext) -> AsyncIterator[Any]:
    return
    yield


async def _yields_rubbish(_context: SourceContext) -> AsyncIterator[Any]:
    yield _update(detail="receiving")
    yield {"transfer_id": "job-a", "state": "Completed"}


async def _knows_strangers(_context: SourceContext) -> AsyncIterator[Any]:
    for number in range(1000):
        yield _update(COMPLETED, f"stranger-{number}", path=Path("/etc/hostname"))
        yield _update(ERRORED, f"other-{number}")
    raise Unavailable("over")


@pytest.mark.parametrize(
    "start",
    [_raises, _breaks, _exits, _cancels, _ends, _ends_at_once, _yields_rubbish, _knows_strangers],
    ids=lambda start: start.__name__.strip("_"),
)
def test_a_stream_that_breaks_off_is_opened_again(program: Program, tmp_path: Path, start: Watch) -> None:
    """The download completes from the next one; nothing is started or published twice."""
    first(program, start)
    done = gone_through(program, tmp_path / "music")
    assert done.state is DownloadState.COMPLETED, done.detail
    assert program.asked("start") == ["job-a"]
    assert (program.most_open, files(tmp_path / "music")) == (1, ["song.wav"])


def test_an_end_that_is_told_twice_counts_once(program: Program, tmp_path: Path) -> None:
    """Nor does anything that is told of it afterwards: progress, a failure, another end."""

    async def again(context: SourceContext) -> AsyncIterator[Any]:
        async for update in program.polled(context):
            yield update
            if update.state is COMPLETED:
                yield update
                yield _update(transferred=1, size=10**9, detail="late")
                yield _update(ERRORED, error=Unavailable("late"))
                yield update

    program.watch = again
    done = gone_through(program, tmp_path / "music")
    assert (done.state, done.detail) == (DownloadState.COMPLETED, "")
    assert len(done.attempts) == 1
    assert program.asked("tidy") == ["job-a"]
    assert files(tmp_path / "music") == ["song.wav"]


def test_news_after_a_cancel_changes_nothing(program: Program, tmp_path: Path) -> None:
    """A program that brings the file all the same keeps it; nothing is published."""

    async def main() -> None:
        async with delegating(program) as engine:
            ident = await engine.dispatch_download(("fake", "a"), dest_dir=tmp_path / "music")
            other = await engine.dispatch_download(("fake", "b"), dest_dir=tmp_path / "music")
            await shown(engine, ident, "waiting for the other program")
            await shown(engine, other, "waiting for the other program")
            assert await engine.cancel_download(ident)
            await until(lambda: program.asked("cancel"))
            program.start("a")
            late = program.bring("job-a")
            program.watch = _knows_strangers
            program.bring("job-b")
            assert (await final(engine, other)).state is DownloadState.COMPLETED
            assert (await final(engine, ident)).state is DownloadState.CANCELLED
            assert late.is_file()

    async def all_of_them(context: SourceContext) -> AsyncIterator[Any]:
        async for _ in context.ticks(0.02):
            for job in list(program.jobs):
                yield program.news(job)

    program.watch = all_of_them
    asyncio.run(main())
    assert program.asked("tidy") == ["job-b"]
    assert len(files(tmp_path / "music")) == 1


def test_an_error_that_is_no_exception_ends_the_download(program: Program, tmp_path: Path) -> None:
    """A mistake of the plugin leaves no record behind for ever."""
    program.errors["job-a"] = "gone"  # type: ignore[assignment]
    done = gone_through(program, tmp_path / "music", lambda: program.say("job-a", state="Errored"))
    assert (done.state, done.code) == (DownloadState.ERRORED, "unexpected-response")
    assert "'gone'" in done.detail


def test_one_error_told_of_two_transfers_names_each_target(program: Program, tmp_path: Path) -> None:
    """A source that says the same of all stamps none with another's name."""
    shared = Unavailable("the peers are gone")

    async def main() -> list[Download]:
        async with delegating(program, engine={"retries": 0}) as engine:
            ids = [await engine.dispatch_download(("fake", t), dest_dir=tmp_path / "music") for t in "ab"]
            await until(lambda: len(program.jobs) == 2)
            program.errors = {"job-a": shared, "job-b": shared}
            program.jobs = {job: {"state": "Errored"} for job in program.jobs}
            return [await final(engine, ident) for ident in ids]

    for target, done in zip("ab", asyncio.run(main()), strict=True):
        assert f"fake {target}: the peers are gone" in done.detail


def test_a_job_that_a_person_has_cancelled_there_is_not_begun_again(program: Program, tmp_path: Path) -> None:
    """The record ends with that reason, and the target is not picked by itself any more."""
    done = gone_through(program, tmp_path / "music", lambda: program.say("job-a", state="Cancelled"))
    assert (done.state, done.code) == (DownloadState.ERRORED, "not-found")
    assert "cancelled at the other program" in done.detail
    assert program.asked("start") == ["job-a"]


def test_a_stream_that_blocks_its_loop_moves_to_a_new_thread(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is started or published twice, and another source does not notice."""
    clock = turned(monkeypatch, lane)
    blocking, released = threading.Event(), threading.Event()

    async def blocks(_context: SourceContext) -> AsyncIterator[Any]:
        yield _update(detail="receiving")
        blocking.set()
        released.wait()
        yield _update(ERRORED, error=Unavailable("out of the past"))

    async def main() -> Download:
        async with delegating(program, Fake("other")) as engine:
            beats = Beats(engine, clock)
            ident = await engine.dispatch_download(("fake", "a"), dest_dir=tmp_path / "music")
            await until(blocking.is_set)
            elsewhere = await engine.dispatch_download(("other", "x"), dest_dir=tmp_path / "other")
            assert (await final(engine, elsewhere)).state is DownloadState.COMPLETED
            program.bring("job-a")
            beats.look()
            healthy = engine._parts.sources.get("other").lane
            await until(lambda: healthy._asked_at is None)
            beats.after(61)
            done = await final(engine, ident)
            assert healthy.renewals == 0
            released.set()
            await until(lambda: program.open == 0)
            return done

    first(program, blocks)
    try:
        done = asyncio.run(main())
    finally:
        released.set()
    assert done.state is DownloadState.COMPLETED, done.detail
    assert len(done.attempts) == 1
    assert program.asked("start") == program.asked("tidy") == ["job-a"]
    assert files(tmp_path / "music") == ["song.wav"]


def test_a_flood_of_news_delays_nobody(program: Program, tmp_path: Path) -> None:
    """A stream that never pauses leaves its own lane and the others room: both complete meanwhile."""
    over = threading.Event()

    async def floods(_context: SourceContext) -> AsyncIterator[Any]:
        same = _update(detail="receiving")
        while not over.is_set():
            for _ in range(10_000):
                yield same
            yield program.news("job-a")

    async def main() -> None:
        async with delegating(program, Fake("other")) as engine:
            ident = await engine.dispatch_download(("fake", "a"), dest_dir=tmp_path / "music")
            await shown(engine, ident, "receiving")
            ids = [
                await engine.dispatch_download(("other", str(n)), dest_dir=tmp_path / "x") for n in range(20)
            ]
            for one in ids:
                assert (await final(engine, one)).state is DownloadState.COMPLETED
            cancelled = await engine.dispatch_download(("fake", "b"), dest_dir=tmp_path / "music")
            await shown(engine, cancelled, "waiting for the other program")
            assert await engine.cancel_download(cancelled)
            await until(lambda: program.asked("cancel") == ["job-b"])
            program.bring("job-a")
            assert (await final(engine, ident)).state is DownloadState.COMPLETED
            await until(lambda: program.open == 0)

    program.watch = floods
    try:
        asyncio.run(main())
    finally:
        over.set()


def test_a_stream_that_hangs_is_closed_with_its_last_transfer(program: Program, tmp_path: Path) -> None:
    """The next download gets a stream of its own, and does not wait behind the one that hangs."""

    async def hangs(_context: SourceContext) -> AsyncIterator[Any]:
        await asyncio.Event().wait()
        yield

    async def main() -> None:
        async with delegating(program) as engine:
            ident = await engine.dispatch_download(("fake", "a"), dest_dir=tmp_path / "music")
            await until(lambda: program.open == 1)
            await engine.cancel_download(ident)
            second = await engine.dispatch_download(("fake", "b"), dest_dir=tmp_path / "music")
            await until(lambda: "job-b" in program.jobs)
            program.bring("job-b")
            assert (await final(engine, second)).state is DownloadState.COMPLETED

    first(program, hangs)
    program.slow = 0.3
    asyncio.run(main())
    assert program.most_open == 1
