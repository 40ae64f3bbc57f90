"""A search over 8 sources takes as long as the slowest of them."""

from __future__ import annotations

import asyncio
import time

from benchmarks.fakes import Instant
from benchmarks.measuring import Line, in_turn
from cratedig import DownloadEngine

DELAYS = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4)
ALLOWED = 0.02


async def _all() -> float:
    async with DownloadEngine({"engine": {"search_cache_ttl": 0}}) as engine:
        for number, delay in enumerate(DELAYS):
            engine.register_plugin(Instant(f"s{number}", delay))
        await engine.search("warm up")
        started = time.perf_counter()
        report = await engine.search("artist song")
        took = time.perf_counter() - started
        if not all(outcome.count for outcome in report.outcomes.values()):
            raise RuntimeError(f"not every source answered: {report.outcomes}")
        return took


async def _slowest() -> float:
    started = time.perf_counter()
    await asyncio.sleep(max(DELAYS))
    return time.perf_counter() - started


def run() -> list[Line]:
    """Seconds, less the 20 ms that are allowed for putting results together."""
    ours, other = in_turn(lambda: asyncio.run(_all()), lambda: asyncio.run(_slowest()))
    ratio = (ours - ALLOWED) / other
    return [
        Line(
            "search over 8 sources, less 20 ms",
            f"{ours * 1000:.0f} ms",
            f"the slowest: {other * 1000:.0f} ms",
            ratio,
            1.05,
            higher_is_better=False,
        )
    ]
