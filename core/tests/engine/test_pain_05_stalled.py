"""Pain 5: stuck "downloading" for ever. Every state that is not the end has a deadline."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from core.tests.fakes import Fake, ended, forever, running, until
from core.tests.turned import DEADLINES, Beats, Clock, turned

from cratedig import (
    Download,
    DownloadEngine,
    DownloadState,
    Pending,
    RateLimits,
    Transfer,
    TransferUpdate,
    Unavailable,
    hookimpl,
)
from cratedig._downloads import pulse
from cratedig._runtime import lane

Progress = Callable[..., None]
ROUNDS = 50


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """What the deadlines are kept by; every look around sweeps."""
    monkeypatch.setattr(pulse, "SWEEP_EVERY", 1)
    return turned(monkeypatch)


async def _begun(engine: DownloadEngine, folder: Path, target: str = "1") -> str:
    return await engine.dispatch_download(("fake", target), dest_dir=folder)


async def _shows(engine: DownloadEngine, download_id: str, words: str) -> None:
    """Wait until the record says so."""
    await until(lambda: words in engine._parts.table.get(download_id).snapshot().detail)


def _ended(
    source: Fake, tmp_path: Path, clock: Clock, doing: str, seconds: float, **settings: Any
) -> Download:
    """How a download ends when time passes while it is ``doing`` something."""

    async def main() -> Download:
        async with running(source, engine={"retries": 0, **settings}) as engine:
            download_id = await _begun(engine, tmp_path)
            await _shows(engine, download_id, doing)
            beats = Beats(engine, clock)
            beats.look()
            beats.after(seconds - 1)
            assert not engine._parts.table.get(download_id).state.terminal
            beats.after(2)
            return await ended(engine, download_id)

    return asyncio.run(main())


def test_a_source_that_never_delivers_ends_with_what_it_waited_for(tmp_path: Path, clock: Clock) -> None:
    """The reason says for how long nothing moved, and at what."""
    source = Fake(download=forever, stall_timeout=60.0)
    done = _ended(source, tmp_path, clock, "waiting for the first bytes", 60)
    assert (done.state, done.code) == (DownloadState.ERRORED, "unavailable")
    assert "nothing moved for 60 s while waiting for the first bytes" in done.detail


def test_somebody_looks_without_being_told_to(tmp_path: Path, clock: Clock) -> None:
    """The engine itself sees that time has passed."""

    async def main() -> None:
        async with running(Fake(download=forever), engine={"retries": 0}) as engine:
            download_id = await _begun(engine, tmp_path)
            await _shows(engine, download_id, "waiting for the first bytes")
            record = engine._parts.table.get(download_id)

            def ended_by_then() -> bool:
                clock.turn(61)
                return record.state.terminal

            await until(ended_by_then)
            assert "nothing moved" in (await ended(engine, download_id)).detail

    asyncio.run(main())


def test_what_the_source_says_it_is_doing_is_in_the_reason(tmp_path: Path, clock: Clock) -> None:
    """The last detail that the source gave is what it hung at."""

    async def hangs(_target_id: str, _dest_dir: Path, progress: Progress) -> Any:
        progress(10, 100, "asking the peer")
        await forever()

    done = _ended(Fake(download=hangs, stall_timeout=60.0), tmp_path, clock, "asking the peer", 60)
    assert "while asking the peer" in done.detail
    assert done.attempts[-1].received == 10


def test_talk_without_bytes_is_no_progress(tmp_path: Path, clock: Clock) -> None:
    """A source that alternates between two texts, or two numbers, has its deadline as well."""
    meters: list[Progress] = []

    async def talks(_target_id: str, _dest_dir: Path, progress: Progress) -> Any:
        meters.append(progress)
        await forever()

    async def main() -> None:
        source = Fake(download=talks, stall_timeout=60.0)
        async with running(source, engine={"retries": 0, "queue_patience": 300.0}) as engine:
            download_id = await _begun(engine, tmp_path)
            await until(lambda: meters)
            beats, record = Beats(engine, clock), engine._parts.table.get(download_id)
            for count in range(ROUNDS):
                meters[0](count % 2, 100, f"position {count % 3}")
                beats.after(20)
                if record.state.terminal:
                    break
            done = await ended(engine, download_id)
            assert "no bytes for 320 s while position" in done.detail

    asyncio.run(main())


def test_a_source_that_blocks_its_loop_is_named_with_the_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its timers are dead, so the deadline is kept from outside; the reason says where it hangs."""
    clock = turned(monkeypatch, *DEADLINES, lane)
    blocking, released = threading.Event(), threading.Event()

    async def blocks(*_: Any) -> Any:
        blocking.set()
        released.wait()

    async def main() -> Download:
        async with running(Fake(download=blocks, stall_timeout=30.0), engine={"retries": 0}) as engine:
            download_id = await _begun(engine, tmp_path)
            await until(blocking.is_set)
            beats = Beats(engine, clock)
            beats.look()
            beats.after(31)
            try:
                return await ended(engine, download_id)
            finally:
                released.set()

    done = asyncio.run(main())
    assert done.state is DownloadState.ERRORED
    assert "nothing moved for 30 s" in done.detail
    assert "blocks its event loop" in done.detail
    assert "released.wait()" in done.detail


def test_a_transfer_at_another_program_has_a_deadline(tmp_path: Path, clock: Clock) -> None:
    """News that never comes ends it; so does a queue at the other side in which it stands for too long."""
    told: asyncio.Queue[str] = asyncio.Queue()

    class Events(Fake):
        @hookimpl
        async def watch_raw(self) -> AsyncIterator[TransferUpdate]:
            while True:
                yield TransferUpdate(transfer_id="t", state="InProgress", detail=await told.get())

    async def taken(*_: Any) -> Pending:
        return Pending("t")

    async def main() -> Download:
        source = Events(download=taken, transfer=Transfer.EVENTS, stall_timeout=60.0)
        async with running(source, engine={"retries": 0, "queue_patience": 300.0}) as engine:
            download_id = await _begun(engine, tmp_path)
            record = engine._parts.table.get(download_id)
            beats, thread = Beats(engine, clock), engine._parts.sources.get("fake").lane.thread
            for number in range(ROUNDS):
                thread.call(told.put_nowait, f"queued, position {number % 7}")
                await _shows(engine, download_id, f"queued, position {number % 7}")
                beats.after(100)
                if record.state.terminal:
                    break
            return await ended(engine, download_id)

    done = asyncio.run(main())
    assert done.state is DownloadState.ERRORED
    assert "queued, position" in done.detail


def test_a_download_whose_turn_never_comes_ends(tmp_path: Path, clock: Clock) -> None:
    """One that waits behind another for longer than people wait is told so."""
    source = Fake(download=forever, limits=RateLimits(concurrent_downloads=1), stall_timeout=10.0**6)

    async def main() -> None:
        async with running(source, engine={"queue_patience": 300.0}) as engine:
            await _begun(engine, tmp_path)
            await until(lambda: source.asked("download"))
            second = await _begun(engine, tmp_path, "2")
            beats = Beats(engine, clock)
            beats.after(299)
            assert not engine._parts.table.get(second).state.terminal
            beats.after(2)
            assert "not begun within 300 s" in (await ended(engine, second)).detail

    asyncio.run(main())


def test_a_pause_without_end_has_an_end(tmp_path: Path, clock: Clock) -> None:
    """A service that says "come back in a year" does not keep a download for a year."""

    async def main() -> None:
        async with running(Fake(), engine={"queue_patience": 300.0}) as engine:
            engine.rate_limiter.pause("fake", 86400.0 * 365)
            waiting = await _begun(engine, tmp_path)
            await _shows(engine, waiting, "waiting for fake to allow a request")
            Beats(engine, clock).after(301)
            done = await ended(engine, waiting)
            assert (done.state, done.code) == (DownloadState.ERRORED, "unavailable")
            assert "waiting for fake to allow a request" in done.detail

    asyncio.run(main())


def test_an_outage_without_end_has_an_end(tmp_path: Path, clock: Clock) -> None:
    """After the patience for outages, failures count as any other."""

    async def down(*_: Any) -> Any:
        raise Unavailable("connection refused")

    async def main() -> None:
        source = Fake(download=down)
        settings = {"retries": 0, "outage_patience": 3600.0, "breaker_failures": 1, "breaker_pause": 0.02}
        async with running(source, engine=settings) as engine:
            download_id = await _begun(engine, tmp_path)
            await until(lambda: len(source.asked("download")) > 2)
            assert not engine._parts.table.get(download_id).state.terminal
            clock.turn(3601)
            done = await ended(engine, download_id)
            assert (done.state, done.code) == (DownloadState.ERRORED, "unavailable")
            assert len(done.attempts) > 2

    asyncio.run(main())
