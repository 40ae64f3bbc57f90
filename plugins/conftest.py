"""For tests of any source: the pauses that it gets, and time that passes only when it is told to."""

# ruff: noqa: INP001 - folders of tests are no packages

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from core.tests.turned import turned

from cratedig import Download, DownloadEngine
from cratedig._runtime.limiter import InProcessRateLimiter

MONTH = 30 * 86400.0
"""Seconds; longer than any of the engine's deadlines for a download."""

OutOfTime = Callable[[DownloadEngine, str], Awaitable[Download]]


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds of every pause of a source from now on, exactly as its lane was told them."""
    told: list[float] = []
    pause = InProcessRateLimiter.pause

    def noted(limiter: InProcessRateLimiter, source: str, seconds: float) -> None:
        pause(limiter, source, seconds)
        told.append(seconds)

    monkeypatch.setattr(InProcessRateLimiter, "pause", noted)
    return told


@pytest.fixture
def out_of_time(monkeypatch: pytest.MonkeyPatch) -> OutOfTime:
    """Call it to let time pass until a download has ended; until then its deadlines stand still."""
    clock = turned(monkeypatch)

    async def until_it_ends(engine: DownloadEngine, download_id: str) -> Download:
        ended = asyncio.ensure_future(engine.wait(download_id))
        while not ended.done():
            clock.turn(MONTH)
            await asyncio.sleep(0.02)
        return ended.result()

    return until_it_ends
