"""Pain 13: banned by the server for fast searches. The limiter holds for searches as for downloads."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

from core.tests.fakes import Answer, Fake, NotedLimiter, running, serving, until, waited, wav
from core.tests.turned import Clock

from cratedig import Rate, RateLimits, RawSearchResult, SourceContext, SourceSettings, hookimpl
from cratedig._runtime.limiter import InProcessRateLimiter

RATE = Rate(12, 0.5)


class BanningService:
    """Counts API requests; whoever sends one more than the rate allows is banned for good.

    The network, and a busy machine, may bring two requests nearer to each other than they were sent. So what
    counts is the moment of the permit that a request was sent with: the rate is exceeded where there are more
    requests than permits, or more permits in a window than its count.
    """

    def __init__(self, limiter: NotedLimiter) -> None:
        self.limiter = limiter
        self.count = 0
        self.bans = 0
        self.lock = Lock()

    def answer(self, path: str, _headers: object) -> Answer:
        """A file, a search result, or a ban."""
        if path.startswith("/file"):
            return 200, {"Content-Type": "audio/wav"}, wav(0.2)
        with self.lock:
            self.count += 1
            permits = self.limiter.times("fake")
            windows = zip(permits, permits[RATE.count :], strict=False)
            full = any(late - early < RATE.period - 0.001 for early, late in windows)
            self.bans += full or self.count > len(permits)
            if self.bans:
                return 403, {}, b'{"error": "banned for 30 minutes"}'
            if self.count % 9 == 0:
                return 500, {}, b"{}"
        return 200, {}, b"{}"


class Client(Fake):
    """One API request for a search, two for a download, then the file."""

    address = ""

    def __init__(self, context: SourceContext) -> None:
        limits = RateLimits(requests=RATE, concurrent_searches=10, concurrent_downloads=10)
        super().__init__(limits=limits)
        self.context = context

    @hookimpl
    async def search_raw(self, query: str, wanted: object) -> list[RawSearchResult]:
        await self.context.request_json("GET", f"{self.address}/search/{query}")
        return [RawSearchResult(target_id=query, title=query)]

    @hookimpl
    async def download_raw(self, target_id: str, dest_dir: Path, progress: Any) -> Path:
        for step in ("track", "link"):
            await self.context.request_json("GET", f"{self.address}/{step}/{target_id}")
        return await self.context.fetch(f"{self.address}/file/{target_id}", "song.wav")


def test_a_soak_of_searches_and_downloads_ends_without_a_ban(tmp_path: Path) -> None:
    """Sixty searches and forty downloads at once, one request in nine failing: not one window too full."""
    limiter = NotedLimiter()
    service = BanningService(limiter)
    settings = {"retries": 2, "breaker_failures": 1000}

    async def main() -> None:
        async with running(engine=settings, rate_limiter=limiter) as engine:
            engine.register_plugin(Client, name="fake")
            searches = [asyncio.ensure_future(engine.search(f"q{n}", timeout=600)) for n in range(60)]
            targets = [("fake", str(n)) for n in range(40)]
            ids = [await engine.dispatch_download(target, dest_dir=tmp_path) for target in targets]
            reports = await asyncio.gather(*searches)
            done = await waited(engine, ids)
        assert sum(report.outcomes["fake"].status == "ok" for report in reports) >= 55
        assert sum(download.state == "Completed" for download in done) >= 36

    with serving(service.answer) as Client.address:
        asyncio.run(main())
    assert service.count >= 60 + 2 * 40
    assert service.bans == 0


def _asked(source: Fake, times: int) -> bool:
    return len(source.asked("search")) == times


def test_searches_have_a_rate_of_their_own(tmp_path: Path) -> None:
    """Where only searches are what a server bans for, downloads do not wait for them; a person may set it."""
    rate = Rate(3, 0.5)
    limits = RateLimits(searches=rate, concurrent_searches=9, concurrent_downloads=9)
    source, clock = Fake(limits=limits), Clock()
    limiter = InProcessRateLimiter(clock=clock.monotonic)

    async def main() -> None:
        async with running(source, rate_limiter=limiter) as engine:
            searches = [asyncio.ensure_future(engine.search(f"q{n}", timeout=600)) for n in range(8)]
            ids = [await engine.dispatch_download(("fake", str(n)), dest_dir=tmp_path) for n in range(20)]
            await waited(engine, ids)
            for allowed in (3, 6, 8):
                await until(partial(_asked, source, allowed))
                await asyncio.sleep(0.05)
                assert len(source.asked("search")) == allowed
                clock.turn(rate.period * 1.1)
            await asyncio.gather(*searches)

    asyncio.run(main())
    assert len(source.asked("download")) == 20
    assert SourceSettings(searches_per_period=7).limits(source.info["limits"]).searches == Rate(7, 0.5)
    assert SourceSettings(search_period=9.0).limits(source.info["limits"]).searches == Rate(3, 9.0)
