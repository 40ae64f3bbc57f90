"""A rate of n per period is never exceeded, by whomever, on however many loops."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from threading import Thread

from core.tests.fakes import Answer, Fake, NotedLimiter, deliver, running, serving, until
from hypothesis import given, settings
from hypothesis import strategies as st

from cratedig import NotFound, Rate, RateLimits, SourceContext, Unavailable, hookimpl
from cratedig._runtime.limiter import InProcessRateLimiter
from cratedig._runtime.permits import Permits

TICK = 0.001
"""Seconds: the limiter's window counts whole milliseconds."""


def exceeded(times: Sequence[float], count: int, period: float) -> list[float]:
    """Windows of ``count + 1`` permits that are shorter than ``period``."""
    windows = zip(times, times[count:], strict=False)
    return [late - early for early, late in windows if late - early < period - TICK]


@given(count=st.integers(1, 8), period=st.floats(0.02, 0.12), loops=st.integers(1, 4))
@settings(max_examples=8)
def test_no_window_has_more_than_its_count(count: int, period: float, loops: int) -> None:
    """Fifty callers on several loops take permits; not one window is too full."""
    limiter = NotedLimiter()
    limiter.set_rate("s", Rate(count, period))
    callers = min(50, 10 * count)

    async def many(number: int) -> None:
        await asyncio.gather(*(limiter.acquire("s") for _ in range(number)))

    threads = [Thread(target=asyncio.run, args=(many(callers // loops + 1),)) for _ in range(loops)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(limiter.granted) >= callers
    assert exceeded(limiter.times("s"), count, period) == []


def test_fifty_callers_of_an_engine_never_exceed_it(tmp_path: Path) -> None:
    """Searches and downloads, successes and failures, all count, and none of them comes without a permit."""
    rate = Rate(10, 0.25)
    limiter = NotedLimiter()
    unpaid: list[int] = []

    def counted() -> None:
        if len(source.calls) > len(limiter.times("fake")):
            unpaid.append(len(source.calls))

    async def search(query: str, _wanted: object) -> object:
        counted()
        if query.endswith("3"):
            raise Unavailable("down")
        return []

    async def download(target_id: str, dest_dir: Path, _progress: object) -> Path:
        counted()
        if target_id.endswith("7"):
            raise NotFound("gone")
        return deliver(dest_dir, target_id)

    limits = RateLimits(requests=rate, concurrent_searches=25, concurrent_downloads=25)
    source = Fake(search=search, download=download, limits=limits)
    settings = {"retries": 0, "breaker_failures": 1000}

    async def main() -> None:
        async with running(source, engine=settings, rate_limiter=limiter) as engine:
            asked = [engine.search(f"query{n}") for n in range(25)]
            got = [engine.dispatch_download(("fake", str(n)), dest_dir=tmp_path) for n in range(25)]
            ids = (await asyncio.gather(asyncio.gather(*asked), asyncio.gather(*got)))[1]
            await asyncio.gather(*map(engine.wait, ids))

    asyncio.run(main())
    assert len(source.calls) >= 50
    assert not unpaid
    assert exceeded(limiter.times("fake"), rate.count, rate.period) == []


class Chatty(Fake):
    """Asks its service three times for a search, through the context."""

    address = ""

    def __init__(self, context: SourceContext) -> None:
        super().__init__(limits=RateLimits(requests=Rate(10, 0.5), concurrent_searches=50))
        self.context = context

    @hookimpl
    async def search_raw(self, query: str, wanted: object) -> list[object]:
        for part in range(3):
            await self.context.request_json("GET", f"{self.address}/{query}/{part}")
        return []


def test_every_request_of_a_hook_counts_as_the_server_sees_it() -> None:
    """Thirty searches of three requests each: the server never sees more requests than there were permits."""
    limiter = NotedLimiter()
    seen = unpaid = 0

    def answer(path: str, _headers: object) -> Answer:
        nonlocal seen, unpaid
        seen += 1
        unpaid += seen > len(limiter.times("fake"))
        return (404 if path.endswith("/1") and "7" in path else 200), {}, b"[]"

    async def main() -> None:
        async with running(engine={"retries": 0}, rate_limiter=limiter) as engine:
            engine.register_plugin(Chatty, name="fake")
            await asyncio.gather(*(engine.search(f"q{n}", timeout=600) for n in range(30)))

    with serving(answer) as Chatty.address:
        asyncio.run(main())
    assert seen >= 30
    assert unpaid == 0
    assert exceeded(limiter.times("fake"), 10, 0.5) == []


def test_a_rate_can_be_changed_while_callers_wait() -> None:
    """Raised: those who wait go on at once. Lowered: what was taken already still counts. Lifted: no wait."""

    async def main() -> None:
        limiter = NotedLimiter()
        limiter.set_rate("s", Rate(1, 60_000.0))
        await limiter.acquire("s")
        waiting = [asyncio.ensure_future(limiter.acquire("s")) for _ in range(4)]
        await asyncio.sleep(0.05)
        assert not any(task.done() for task in waiting)
        limiter.set_rate("s", Rate(3, 60_000.0))
        await until(lambda: len(limiter.granted) == 3)
        await asyncio.sleep(0.05)
        assert len(limiter.granted) == 3
        limiter.set_rate("s", None)
        await asyncio.gather(*waiting)

    asyncio.run(main())


def test_sources_do_not_share_permits() -> None:
    """One that is used up leaves another as it was."""

    async def main() -> None:
        limiter = InProcessRateLimiter()
        for name in "ab":
            limiter.set_rate(name, Rate(1, 60_000.0))
        await limiter.acquire("a")
        await limiter.acquire("b")

    asyncio.run(main())


def test_a_longer_pause_stays_when_a_shorter_one_comes() -> None:
    """And the pause ends by itself."""

    async def main() -> None:
        limiter = InProcessRateLimiter()
        limiter.pause("s", 0.3)
        limiter.pause("s", 0.1)
        started = time.monotonic()
        await limiter.acquire("s")
        assert time.monotonic() - started >= 0.29
        assert limiter.paused_for("s") == 0.0

    asyncio.run(main())


def test_the_permit_for_the_call_stands_for_its_first_request_only_while_it_is_fresh() -> None:
    """One request a permit: the prepaid one is used once, and not at all when it has grown old."""

    class Counting(InProcessRateLimiter):
        taken = 0

        async def acquire(self, source: str) -> None:
            self.taken += 1

    async def main() -> None:
        limiter = Counting()
        call = Permits(limiter, "s")
        await call.prepay()
        await call.take()
        assert limiter.taken == 1
        await call.take()
        assert limiter.taken == 2
        await call.prepay()
        await asyncio.sleep(0.05)
        await call.take()
        assert limiter.taken == 4

    asyncio.run(main())


def test_permits_come_one_after_the_other_not_in_bursts_of_callers() -> None:
    """With one per period, the gaps are the period, whoever comes."""

    async def main() -> None:
        limiter = NotedLimiter()
        limiter.set_rate("s", Rate(1, 0.05))
        await asyncio.gather(*(limiter.acquire("s") for _ in range(8)))
        gaps = [late - early for early, late in pairwise(limiter.times("s"))]
        assert len(gaps) == 7
        assert min(gaps) >= 0.05 - TICK

    asyncio.run(main())
