"""The breaker: closed, open, half-open with one probe, and the same after a restart."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from core.tests.fakes import Fake, ended, raising, running, until
from core.tests.turned import Clock

from cratedig import NotFound, RateLimits, SearchStatus, Unavailable
from cratedig._journal.memory import MemoryJournal
from cratedig._model import Wanted
from cratedig._runtime.breaker import Breaker, BreakerPolicy, BreakerState

KEY = "breaker:fake"
POLICY = BreakerPolicy(failures=3, pause=0.1, longest=0.25)


def _open(journal: MemoryJournal | None = None, clock: Callable[[], float] = time.time) -> Breaker:
    breaker = Breaker(POLICY, journal or MemoryJournal(), KEY, clock=clock)
    for _ in range(3):
        breaker.failure("down")
    return breaker


def test_it_opens_after_failures_in_a_row_only() -> None:
    """An answer in between starts the count again."""
    breaker = Breaker(POLICY, MemoryJournal(), KEY)
    for _ in range(5):
        breaker.failure("down")
        breaker.failure("down")
        breaker.success()
    assert breaker.state is BreakerState.CLOSED
    assert _open().state is BreakerState.OPEN


def test_half_open_admits_one_of_fifty() -> None:
    """The others wait until the probe has reported back; then all go through."""
    breaker = _open()
    admitted: list[int] = []

    async def caller(number: int) -> None:
        await breaker.admitted()
        admitted.append(number)
        if len(admitted) == 1:
            await asyncio.sleep(0.2)
            assert len(admitted) == 1
            breaker.success()

    async def main() -> None:
        await asyncio.gather(*map(caller, range(50)))

    asyncio.run(main())
    assert len(admitted) == 50
    assert breaker.state is BreakerState.CLOSED


def test_each_failed_probe_doubles_the_pause_up_to_a_limit() -> None:
    """A service that stays away is asked less and less."""
    clock = Clock()
    breaker = _open(clock=clock.time)
    pauses = []
    for _ in range(3):
        pauses.append(breaker.remaining)
        clock.turn(breaker.remaining - 0.001)
        assert not breaker.admit()
        clock.turn(0.001)
        assert breaker.state is BreakerState.HALF_OPEN
        assert breaker.admit()
        breaker.failure("still down")
    assert pauses == pytest.approx([0.1, 0.2, 0.25])


def test_its_state_is_remembered_and_rubbish_is_ignored() -> None:
    """Open is remembered with its reason and end, closed as nothing."""
    journal, clock = MemoryJournal(), Clock()
    _open(journal, clock.time)
    again = Breaker(POLICY, journal, KEY, clock=clock.time)
    again.restore()
    assert (again.state, again.reason) == (BreakerState.OPEN, "down")
    again.success()
    assert journal.get(KEY) is None
    rubbish: Any
    for rubbish in (None, 3, [], {}, {"until": "x", "opened": 1}, {"until": 1e18, "opened": -1}):
        journal.put(KEY, rubbish)
        again.restore()
        assert again.state is BreakerState.CLOSED


def test_an_engine_that_is_opened_again_knows_of_the_outage(tmp_path: Path) -> None:
    """The second engine leaves the source alone for the rest of the pause, and says why."""
    settings = {"retries": 0, "breaker_failures": 1, "breaker_pause": 60.0}
    journal = tmp_path / "journal.db"
    again = Fake()

    async def first() -> None:
        async with running(
            Fake(search=raising(Unavailable("down"))), engine=settings, journal=journal
        ) as engine:
            await engine.search("song")

    async def second() -> None:
        async with running(again, engine=settings, journal=journal) as engine:
            outcome = (await engine.search("song")).outcomes["fake"]
            assert outcome.status is SearchStatus.SKIPPED
            assert "left alone after failures" in outcome.reason
            assert "down" in outcome.reason
            assert "is tried again in" in outcome.hint

    asyncio.run(first())
    asyncio.run(second())
    assert again.calls == []


def test_an_answer_of_the_services_own_is_no_outage() -> None:
    """`NotFound` a hundred times leaves the breaker closed."""

    async def main() -> None:
        source = Fake(search=raising(NotFound("no")))
        async with running(source, engine={"breaker_failures": 2}) as engine:
            for number in range(10):
                await engine.search(f"song {number}")
            assert engine.sources()[0].breaker == "closed"

    asyncio.run(main())


def test_a_source_that_is_back_is_asked_by_one_first(tmp_path: Path) -> None:
    """Fifty downloads that waited for the outage to end: one probes, and when it works the others follow."""
    source = Fake(limits=RateLimits(concurrent_downloads=50), download=raising(Unavailable("down")))
    settings = {"breaker_failures": 1, "breaker_pause": 0.3, "retries": 0}
    most = under_way = 0
    answers = False

    async def slow(*_: Any) -> Any:
        nonlocal most, under_way
        under_way += 1
        most = max(most, under_way)
        first = under_way == 1 and not answers
        # The probe takes until the test lets it go, the others until there are several of them.
        await until(lambda: answers and (first or most > 1))
        under_way -= 1
        raise NotFound("no such song")

    async def main() -> None:
        nonlocal answers
        async with running(source, engine=settings) as engine:
            first = await engine.dispatch_download(("fake", "first"), dest_dir=tmp_path)
            await until(lambda: engine.sources()[0].breaker == "open")
            source.download = slow
            targets = [("fake", str(n)) for n in range(50)]
            ids = [first, *[await engine.dispatch_download(t, dest_dir=tmp_path) for t in targets]]
            await until(lambda: under_way)
            await asyncio.sleep(0.2)
            assert under_way == 1
            answers = True
            await asyncio.gather(*map(engine.wait, ids))
            assert most > 1

    asyncio.run(main())


def test_a_wanted_search_waits_for_the_breaker_when_a_download_needs_it(tmp_path: Path) -> None:
    """A fallback whose only source is down waits for it; it does not fail for a passing outage."""
    source = Fake(search=raising(Unavailable("down")))
    settings = {"breaker_failures": 1, "breaker_pause": 0.3, "retries": 1}

    async def main() -> None:
        async with running(source, engine=settings) as engine:
            wish = Wanted(artist="Artist", title="Song", duration=1.0)
            download_id = await engine.download_with_fallback(wish, ["fake"], dest_dir=tmp_path)
            await until(lambda: engine.sources()[0].breaker == "open")
            source.search = None
            done = await ended(engine, download_id)
            assert done.state == "Completed", done

    asyncio.run(main())
