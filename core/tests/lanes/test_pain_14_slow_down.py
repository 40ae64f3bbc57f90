"""Pain 14: a 429 crashes the run. Retry-After is honoured, as seconds and as a date, by just that lane."""

from __future__ import annotations

import asyncio
import time
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from core.tests.fakes import SOON, Answer, Fake, deliver, in_turn, running, serving, until
from core.tests.turned import Clock

from cratedig import (
    DownloadState,
    RateLimited,
    RateLimits,
    RawSearchResult,
    SearchStatus,
    SourceContext,
    hookimpl,
)
from cratedig._runtime.limiter import InProcessRateLimiter
from cratedig_contracts import patience

PAUSE = 20


class Limited(Fake):
    """Asks a server before it does anything."""

    address = ""

    def __init__(self, context: SourceContext) -> None:
        super().__init__("limited", limits=RateLimits(concurrent_searches=4))
        self.context = context

    @hookimpl
    async def search_raw(self, query: str, wanted: object) -> list[RawSearchResult]:
        await self.context.request_json("GET", f"{self.address}/{query}")
        return [RawSearchResult(target_id=query, title=query)]

    @hookimpl
    async def download_raw(self, target_id: str, dest_dir: Path, progress: Any) -> Path:
        await self.context.request_json("GET", f"{self.address}/{target_id}")
        return deliver(dest_dir, target_id)


@pytest.mark.parametrize("form", ["seconds", "date"])
@pytest.mark.parametrize("way", ["search", "download"])
def test_the_lane_pauses_as_long_as_the_service_asks_and_no_other_lane_does(
    way: str, form: str, tmp_path: Path
) -> None:
    """The next request comes when it may, and not before; the other source works meanwhile."""
    arrived: list[str] = []
    clock = Clock()

    def answer(path: str, _headers: object) -> Answer:
        arrived.append(path)
        if len(arrived) > 1:
            return 200, {}, b"{}"
        # A date has whole seconds, so it is up to one second less.
        after = str(PAUSE) if form == "seconds" else formatdate(time.time() + PAUSE + 0.999, usegmt=True)
        return 429, {"Retry-After": after}, b"{}"

    async def main() -> None:
        limiter = InProcessRateLimiter(clock=clock.monotonic)
        async with running(Fake("free"), rate_limiter=limiter) as engine:
            engine.register_plugin(Limited, name="limited")
            if way == "search":
                work: Any = asyncio.ensure_future(engine.search("song", sources=["limited"], timeout=600))
            else:
                download_id = await engine.dispatch_download(("limited", "1"), dest_dir=tmp_path)
                work = asyncio.ensure_future(engine.wait(download_id))
            await until(lambda: limiter.paused_for("limited") > 0)
            other = await engine.search("song", sources=["free"])
            done = await engine.wait(await engine.dispatch_download(("free", "1"), dest_dir=tmp_path))
            assert other.outcomes["free"].status is SearchStatus.OK
            assert done.state is DownloadState.COMPLETED
            # A date is nearer by the time that the machine took to read it.
            pause = limiter.paused_for("limited")
            assert (PAUSE if form == "seconds" else PAUSE / 2) <= pause <= PAUSE + 1.0
            clock.turn(pause - 0.01)
            await asyncio.sleep(0.3)
            assert len(arrived) == 1
            clock.turn(0.01)
            ended = await patience.within(SOON, work)
            if way == "search":
                assert ended.outcomes["limited"].status is SearchStatus.OK
            else:
                assert [attempt.code for attempt in ended.attempts] == ["rate-limited", ""]

    with serving(answer) as Limited.address:
        asyncio.run(main())
    assert len(arrived) == 2


def test_while_a_lane_is_paused_none_of_its_callers_asks(tmp_path: Path) -> None:
    """One 429 holds all of them: searches and downloads, those that wait and those that come."""
    arrived: list[str] = []
    clock = Clock()

    def answer(path: str, _headers: object) -> Answer:
        arrived.append(path)
        return (429, {"Retry-After": "9"}, b"{}") if len(arrived) == 1 else (200, {}, b"{}")

    async def main() -> None:
        limiter = InProcessRateLimiter(clock=clock.monotonic)
        async with running(rate_limiter=limiter) as engine:
            engine.register_plugin(Limited, name="limited")
            first = asyncio.ensure_future(engine.search("first", timeout=600))
            await until(lambda: limiter.paused_for("limited") > 0)
            more = [asyncio.ensure_future(engine.search(f"song {n}", timeout=600)) for n in range(5)]
            ids = [await engine.dispatch_download(("limited", str(n)), dest_dir=tmp_path) for n in range(5)]
            await asyncio.sleep(0.3)
            assert len(arrived) == 1
            clock.turn(9.0)
            await asyncio.gather(first, *more, *map(engine.wait, ids))

    with serving(answer) as Limited.address:
        asyncio.run(main())
    assert len(arrived) == 12


def test_a_service_that_never_stops_saying_it_is_given_up_with_that_reason(tmp_path: Path) -> None:
    """Not a crash, not for ever: the attempts say what happened."""
    source = Fake(download=in_turn(*[RateLimited("slow down", 0.001)] * 100))

    async def main() -> None:
        async with running(source) as engine:
            done = await engine.wait(await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path))
        assert (done.state, done.code) == (DownloadState.ERRORED, "rate-limited")
        assert 10 < len(done.attempts) <= 21

    asyncio.run(main())


def test_a_search_does_not_wait_for_a_source_that_is_paused_for_longer_than_it_may_take() -> None:
    """The report comes at once and says when the source may be asked again."""

    async def main() -> None:
        async with running(Fake("free"), Fake("limited")) as engine:
            engine.rate_limiter.pause("limited", 100_000.0)
            report = await engine.search("song")
            outcome = report.outcomes["limited"]
            assert (outcome.status, outcome.code) == (SearchStatus.SKIPPED, "rate-limited")
            assert "slow down" in outcome.reason
            assert report.results[0].source == "free"

    asyncio.run(main())
