"""Pain 5: stuck "downloading" for ever. Every state that is not the end has a deadline."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from core.tests.fakes import Fake, forever, running, until

from cratedig import (
    Download,
    DownloadState,
    Pending,
    RateLimits,
    Transfer,
    TransferUpdate,
    Unavailable,
    hookimpl,
)
from cratedig._downloads import pulse

Progress = Callable[..., None]


@pytest.fixture(autouse=True)
def _sweep_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sweep twice a second, not every five."""
    monkeypatch.setattr(pulse, "SWEEP_EVERY", 2)
    monkeypatch.setattr(pulse, "BLOCKED_LIMIT", 1.0)


def _ended(source: Fake, tmp_path: Path, **settings: Any) -> Download:
    async def main() -> Download:
        async with running(source, engine={"retries": 0, **settings}) as engine:
            download_id = await engine.dispatch_download((source.name, "1"), dest_dir=tmp_path)
            return await asyncio.wait_for(engine.wait(download_id), 15)

    return asyncio.run(main())


def test_a_source_that_never_delivers_ends_with_what_it_waited_for(tmp_path: Path) -> None:
    """The reason says for how long nothing moved, and at what."""
    done = _ended(Fake(download=forever, stall_timeout=0.5), tmp_path)
    assert (done.state, done.code) == (DownloadState.ERRORED, "unavailable")
    assert "nothing moved for 0.5 s while waiting for the first bytes" in done.detail


def test_what_the_source_says_it_is_doing_is_in_the_reason(tmp_path: Path) -> None:
    """The last detail that the source gave is what it hung at."""

    async def hangs(_target_id: str, _dest_dir: Path, progress: Progress) -> Any:
        progress(10, 100, "asking the peer")
        await asyncio.sleep(60)

    done = _ended(Fake(download=hangs, stall_timeout=0.5), tmp_path)
    assert "while asking the peer" in done.detail
    assert done.attempts[-1].received == 10


def test_talk_without_bytes_is_no_progress(tmp_path: Path) -> None:
    """A source that alternates between two texts, or two numbers, has its deadline as well."""

    async def talks(_target_id: str, _dest_dir: Path, progress: Progress) -> Any:
        for count in itertools.count():
            progress(count % 2, 100, f"position {count % 3}")
            await asyncio.sleep(0.05)

    done = _ended(Fake(download=talks, stall_timeout=0.4), tmp_path, queue_patience=1.2)
    assert "no bytes for" in done.detail


def test_a_source_that_blocks_its_loop_is_named_with_the_line(tmp_path: Path) -> None:
    """Its timers are dead, so the deadline is kept from outside; the reason says where it hangs."""

    async def blocks(*_: Any) -> Any:
        time.sleep(3)  # noqa: ASYNC251 - that is the point

    done = _ended(Fake(download=blocks, stall_timeout=0.6), tmp_path)
    assert done.state is DownloadState.ERRORED
    assert "blocks its event loop" in done.detail
    assert "time.sleep(3)" in done.detail


def test_a_transfer_at_another_program_has_a_deadline(tmp_path: Path) -> None:
    """News that never comes ends it; so does a queue at the other side in which it stands for too long."""

    class Events(Fake):
        @hookimpl
        async def watch_raw(self) -> AsyncIterator[TransferUpdate]:
            for position in itertools.count():
                detail = f"queued, position {position % 7}"
                yield TransferUpdate(transfer_id="t", state="InProgress", detail=detail)
                await asyncio.sleep(0.1)

    async def taken(*_: Any) -> Pending:
        return Pending("t")

    done = _ended(
        Events(download=taken, transfer=Transfer.EVENTS, stall_timeout=0.3), tmp_path, queue_patience=1.0
    )
    assert done.state is DownloadState.ERRORED
    assert "queued, position" in done.detail


def test_a_download_whose_turn_never_comes_ends(tmp_path: Path) -> None:
    """One that waits behind another for longer than people wait is told so."""
    source = Fake(download=forever, limits=RateLimits(concurrent_downloads=1))

    async def main() -> None:
        async with running(source, engine={"queue_patience": 1.0}) as engine:
            await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path)
            await until(lambda: source.asked("download"))
            second = await engine.dispatch_download(("fake", "2"), dest_dir=tmp_path)
            done = await asyncio.wait_for(engine.wait(second), 10)
            assert "not begun within 1 s" in done.detail

    asyncio.run(main())


def test_a_pause_without_end_has_an_end(tmp_path: Path) -> None:
    """A service that says "come back in a year" does not keep a download for a year."""

    async def main() -> None:
        async with running(Fake(), engine={"queue_patience": 1.0}) as engine:
            engine.rate_limiter.pause("fake", 86400.0 * 365)
            waiting = await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path)
            done = await asyncio.wait_for(engine.wait(waiting), 10)
            assert (done.state, done.code) == (DownloadState.ERRORED, "unavailable")
            assert "waiting for fake to allow a request" in done.detail

    asyncio.run(main())


def test_an_outage_without_end_has_an_end(tmp_path: Path) -> None:
    """After the patience for outages, failures count as any other."""

    async def down(*_: Any) -> Any:
        raise Unavailable("connection refused")

    settings = {"outage_patience": 0.5, "breaker_failures": 1, "breaker_pause": 0.1}
    done = _ended(Fake(download=down), tmp_path, **settings)
    assert (done.state, done.code) == (DownloadState.ERRORED, "unavailable")
    assert len(done.attempts) > 1
