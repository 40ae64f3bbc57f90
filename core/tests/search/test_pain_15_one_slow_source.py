"""Pain 15: one slow source freezes everything. Lanes share nothing, so others' times stay what they were.

Each bad source is measured against the same engine without it: medians of repeated searches and downloads
of three good sources, in one process. What is allowed is ten percent, and ``NOISE`` for a machine that has
other things to do.
"""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from collections.abc import Awaitable, Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from core.tests.fakes import Fake, deliver, forever, result, running

from cratedig import DownloadEngine, RateLimits, SearchStatus

pytestmark = pytest.mark.alone

Progress = Callable[..., None]
DELAY = 0.12
ROUNDS = 5
NOISE = 0.02
TRIES = 3
"""Measurements of which one has to be good: a bad source costs time at each, the machine at some."""
GOOD = ("a", "b", "c")


def _good(name: str) -> Fake:
    """A service that takes its time: that of a network, not of a processor."""

    async def search(query: str, _wanted: object) -> list[Any]:
        await asyncio.sleep(DELAY)
        return [result("1", title=query)]

    async def download(target_id: str, dest_dir: Path, progress: Progress) -> Path:
        for part in range(3):
            await asyncio.sleep(DELAY / 3)
            progress(part, 3)
        return deliver(dest_dir, target_id)

    return Fake(name, search=search, download=download)


async def _times(engine: DownloadEngine, folder: Path, tag: str) -> tuple[float, float]:
    """Median seconds of a search over the good sources, and of a download at one of them."""
    searches, downloads = [], []
    for number in range(ROUNDS):
        started = time.perf_counter()
        report = await engine.search(f"{tag} {number}", sources=GOOD)
        searches.append(time.perf_counter() - started)
        assert all(outcome.status is SearchStatus.OK for outcome in report.outcomes.values())
        started = time.perf_counter()
        target = (GOOD[number % 3], f"{tag}-{number}")
        done = await engine.wait(await engine.dispatch_download(target, dest_dir=folder))
        downloads.append(time.perf_counter() - started)
        assert done.state == "Completed"
    return statistics.median(searches), statistics.median(downloads)


async def _sleeps(*_: Any) -> Any:
    time.sleep(30)  # noqa: ASYNC251 - that is the point


async def _exits(*_: Any) -> Any:
    raise SystemExit(1)


async def _wrong_types(*_: Any) -> Any:
    return [None, 3, "text", {"title": "x"}, object()]


async def _not_a_list(*_: Any) -> Any:
    return {"results": 3}


async def _a_million(*_: Any) -> Any:
    return [{"title": "x"}] * 1_000_000


async def _long_texts(*_: Any) -> Any:
    text = "x" * 10_000_000
    return [_Loose(text) for _ in range(200)]


async def _heavy_extra(*_: Any) -> Any:
    text = "x" * 10_000_000
    return [result(str(n), extra={"text": text, "more": [text] * 20}) for n in range(200)]


class _Loose:
    """A result of the plugin's own making."""

    def __init__(self, text: str) -> None:
        self.target_id = self.title = text


@lru_cache(maxsize=1)
def _a_million_objects() -> list[_Loose]:
    return [_Loose(str(number)) for number in range(1_000_000)]


async def _a_million_of_its_own(*_: Any) -> Any:
    # Made once: that a source which computes without end shares the interpreter with all is Python's way.
    return _a_million_objects()


async def _floods(target_id: str, _dest_dir: Path, progress: Progress) -> Any:
    for number in itertools.count():
        progress(number, 10**12, "at full speed")


BAD: dict[str, tuple[str, Callable[..., Awaitable[Any]], str]] = {
    "sleeps in search": ("search", _sleeps, "blocks its event loop"),
    "never returns": ("search", forever, "no answer within"),
    "raises SystemExit": ("search", _exits, "SystemExit"),
    "wrong types": ("search", _wrong_types, "NoneType where a RawSearchResult is expected"),
    "no list": ("search", _not_a_list, "returned dict, expected a list"),
    "a million results": ("search", _a_million, "none of 1000000 results is valid"),
    "a million of its own": ("search", _a_million_of_its_own, "none of 1000000 results is valid"),
    "ten megabytes a text": ("search", _long_texts, "where a RawSearchResult is expected"),
    "ten megabytes an extra": ("search", _heavy_extra, "extra: more than"),
    "floods progress": ("download", _floods, ""),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_source_costs_the_others_less_than_a_tenth(kind: str, tmp_path: Path) -> None:
    """Searches and downloads at the good ones take what they took, and the report names the trouble."""
    way, body, said = BAD[kind]
    bad = Fake("bad", limits=RateLimits(), **{way: body})

    async def keep_asking(engine: DownloadEngine, stop: asyncio.Event) -> list[str]:
        reasons = []
        for number in itertools.count():
            report = await engine.search(f"bad {number}", sources=["bad"], timeout=1.0)
            reasons.append(report.outcomes["bad"].reason)
            if stop.is_set():
                return reasons
            await asyncio.sleep(0.01)
        return reasons

    async def main() -> tuple[tuple[float, ...], tuple[float, ...]]:
        settings = {"retries": 0, "breaker_failures": 10_000}
        async with running(bad, *map(_good, GOOD), engine=settings) as engine:
            await _times(engine, tmp_path, "warm")
            before = await _times(engine, tmp_path, "before")
            stop = asyncio.Event()
            if way == "download":
                await engine.dispatch_download(("bad", "1"), dest_dir=tmp_path)
            asking = asyncio.ensure_future(keep_asking(engine, stop))
            await asyncio.sleep(0.1)
            during = await _times(engine, tmp_path, "during")
            stop.set()
            reasons = await asking
        assert any(said in reason for reason in reasons), reasons
        return before, during

    for _ in range(TRIES):
        before, during = asyncio.run(main())
        if all(now < was * 1.1 + NOISE for was, now in zip(before, during, strict=True)):
            return
    pytest.fail(f"each time it cost the others more; the last: {before} before, {during} with it")


def test_a_search_over_all_ends_at_its_deadline_with_what_has_come() -> None:
    """The blocked source is named with the line at which it blocks; the others' results are there."""
    bad = Fake("bad", search=_sleeps)

    async def main() -> None:
        async with running(bad, *map(_good, GOOD)) as engine:
            await engine.search("warm", sources=GOOD)
            started = time.perf_counter()
            report = await engine.search("song", timeout=1.5)
            assert time.perf_counter() - started < 1.5 + 5
            assert {outcome.source for outcome in report.failures} == {"bad"}
            reason = report.outcomes["bad"].reason
            assert "no answer within 1.5 s" in reason
            assert "time.sleep(30)" in reason
            assert sum(report.outcomes[name].count for name in GOOD) == 3
            assert all(report.outcomes[name].took < DELAY + 0.1 for name in GOOD)

    asyncio.run(main())
