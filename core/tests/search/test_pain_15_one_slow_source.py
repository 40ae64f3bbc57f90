"""Pain 15: one slow source freezes everything. Lanes share nothing: the others work as if it were not there.

Each bad source misbehaves for as long as the test wants it to; the good ones answer and deliver meanwhile, so
none can have waited for it. What it costs them is measured by `./run bench`, see `benchmarks/isolation.py`.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from functools import lru_cache
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from core.tests.fakes import Fake, forever, result, running, until

from cratedig import DownloadEngine, RateLimits, SearchStatus

Progress = Callable[..., None]
ROUNDS = 5
SHORT = 1.0
"""Seconds that a source which never answers is waited for, again and again."""
GOOD = ("a", "b", "c")


async def _work(engine: DownloadEngine, folder: Path) -> None:
    """Search over the good sources and download from them, several times."""
    for number in range(ROUNDS):
        report = await engine.search(f"song {number}", sources=GOOD, timeout=600)
        assert all(outcome.status is SearchStatus.OK for outcome in report.outcomes.values())
        target = (GOOD[number % 3], str(number))
        done = await engine.wait(await engine.dispatch_download(target, dest_dir=folder))
        assert done.state == "Completed"


class Misbehaving:
    """What a bad source does, until it is let off; ``calls`` counts how often it was asked."""

    def __init__(self) -> None:
        self.let_off = Event()
        self.calls = 0

    async def sleeps(self, *_: Any) -> Any:
        self.let_off.wait()
        return []

    async def floods(self, _target_id: str, _dest_dir: Path, progress: Progress) -> Any:
        for number in itertools.count():
            progress(number, 10**12, "at full speed")
            self.calls = number
            if self.let_off.is_set():
                raise RuntimeError("let off")


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


async def _exits(*_: Any) -> Any:
    raise SystemExit(1)


BAD: dict[str, tuple[Callable[..., Awaitable[Any]], str]] = {
    "never returns": (forever, "no answer within"),
    "raises SystemExit": (_exits, "SystemExit"),
    "wrong types": (_wrong_types, "NoneType where a RawSearchResult is expected"),
    "no list": (_not_a_list, "returned dict, expected a list"),
    "a million results": (_a_million, "none of 1000000 results is valid"),
    "a million of its own": (_a_million_of_its_own, "none of 1000000 results is valid"),
    "ten megabytes a text": (_long_texts, "where a RawSearchResult is expected"),
    "ten megabytes an extra": (_heavy_extra, "extra: more than"),
}
"""How a source may answer a search, and what the report says of it."""


@pytest.mark.parametrize("kind", BAD)
def test_the_others_work_on_while_a_source_answers_badly(kind: str, tmp_path: Path) -> None:
    """It is asked all the while, and the report names the trouble; the good ones answer and deliver."""
    body, said = BAD[kind]
    patience = SHORT if body is forever else 600.0
    bad = Fake("bad", limits=RateLimits(), search=body)

    async def keep_asking(engine: DownloadEngine, stop: asyncio.Event) -> list[str]:
        reasons = []
        for number in itertools.count():
            report = await engine.search(f"bad {number}", sources=["bad"], timeout=patience)
            reasons.append(report.outcomes["bad"].reason)
            if stop.is_set():
                return reasons
        return reasons

    async def main() -> list[str]:
        settings = {"retries": 0, "breaker_failures": 10_000}
        async with running(bad, *map(Fake, GOOD), engine=settings) as engine:
            stop = asyncio.Event()
            asking = asyncio.ensure_future(keep_asking(engine, stop))
            await until(lambda: bad.calls)
            await _work(engine, tmp_path)
            stop.set()
            return await asking

    reasons = asyncio.run(main())
    assert any(said in reason for reason in reasons), reasons


def test_the_others_work_on_while_a_source_blocks_its_loop(tmp_path: Path) -> None:
    """The search over all ends at its deadline with what has come, and names the line at which it blocks."""
    misbehaving = Misbehaving()
    bad = Fake("bad", search=misbehaving.sleeps)

    async def main() -> None:
        async with running(bad, *map(Fake, GOOD)) as engine:
            await _work(engine, tmp_path)
            report = await engine.search("song", timeout=5.0)
            assert {outcome.source for outcome in report.failures} == {"bad"}
            reason = report.outcomes["bad"].reason
            assert "no answer within 5 s" in reason
            assert "self.let_off.wait()" in reason
            assert sum(report.outcomes[name].count for name in GOOD) == 3
            await _work(engine, tmp_path / "more")
            assert not misbehaving.let_off.is_set()

    try:
        asyncio.run(main())
    finally:
        misbehaving.let_off.set()


def test_the_others_work_on_while_a_source_floods_the_engine_with_progress(tmp_path: Path) -> None:
    """It reports without a pause before, during and after what they do."""
    misbehaving = Misbehaving()
    bad = Fake("bad", download=misbehaving.floods)

    async def main() -> None:
        async with running(bad, *map(Fake, GOOD)) as engine:
            await engine.dispatch_download(("bad", "1"), dest_dir=tmp_path)
            await until(lambda: misbehaving.calls)
            before = misbehaving.calls
            await _work(engine, tmp_path)
            during = misbehaving.calls
            assert during > before
            await until(lambda: misbehaving.calls > during)

    try:
        asyncio.run(main())
    finally:
        misbehaving.let_off.set()
