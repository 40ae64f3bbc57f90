"""The search pipeline of one source; runs in its lane.

query ─▶ cache ─▶ rate limit ─▶ retry ─▶ search_raw ─▶ validate ─▶ (empty? the next, shorter query)
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from attrs import evolve

from cratedig._errors import RateLimited, SourceError, Treatment, Unavailable
from cratedig._model import Kind, SearchResult, Wanted
from cratedig._runtime.breaker import BreakerState
from cratedig._search.cache import Cache
from cratedig._search.report import SearchOutcome, SearchStatus
from cratedig._search.validate import validate

if TYPE_CHECKING:
    from cratedig._runtime.limiter import RateLimiter
    from cratedig._runtime.retry import RetryPolicy
    from cratedig._runtime.source import Source

MAX_RUNGS = 4
DEFAULT_PAUSE = 5.0

Found = tuple[list[SearchResult], SearchOutcome]


class Asking:
    """Asks sources, remembers their answers."""

    def __init__(self, limiter: RateLimiter, policy: RetryPolicy, cache_ttl: float) -> None:
        self._limiter = limiter
        self._policy = policy
        self._ttl = cache_ttl
        self._caches: dict[str, Cache[tuple[list[SearchResult], SearchOutcome]]] = {}

    def forget(self, source: str) -> None:
        """Drop a source's cached answers, because its settings changed."""
        self._caches.pop(source, None)

    async def ask(self, source: Source, wanted: Wanted) -> Found:
        """One source's results and how it went; a failure is part of the outcome, nothing is raised."""
        started = time.monotonic()
        asked: list[str] = []
        try:
            return await self.results(source, wanted, asked)
        except SourceError as error:
            return [], failed(source.name, error, time.monotonic() - started, tuple(asked))

    async def results(
        self, source: Source, wanted: Wanted, asked: list[str], *, waits_for_breaker: bool = False
    ) -> Found:
        """The same, but a failure is raised. ``asked`` is filled with the queries.

        :raises SourceError: the source could not be asked, or not understood.
        """
        started = time.monotonic()
        skipped = _why_skipped(source, wanted, waits_for_breaker=waits_for_breaker)
        if skipped is None and not waits_for_breaker:
            skipped = self._why_paused(source)
        if skipped is not None:
            return [], skipped
        cache = self._caches.setdefault(source.name, Cache(self._ttl))
        kept = cache.get(wanted)
        if kept is not None:
            took = time.monotonic() - started
            return list(kept[0]), evolve(kept[1], status=SearchStatus.CACHED, took=took)
        async with source.lane.searches:
            results, problems = await self._climb(source, wanted, asked)
        outcome = SearchOutcome(
            source=source.name,
            status=SearchStatus.OK if results else SearchStatus.EMPTY,
            count=len(results),
            took=time.monotonic() - started,
            queries=tuple(asked),
            problems=problems,
        )
        cache.put(wanted, (results, outcome))
        return list(results), outcome

    def _why_paused(self, source: Source) -> SearchOutcome | None:
        """Waiting for a pause that is longer than a search may take would only delay the report."""
        pause = self._limiter.paused_for(source.name)
        if pause <= source.info.search_timeout:
            return None
        return SearchOutcome(
            source=source.name,
            status=SearchStatus.SKIPPED,
            code=RateLimited.code,
            reason="the service has asked to slow down",
            hint=f"it may be asked again in {pause:.0f} s",
        )

    async def _climb(
        self, source: Source, wanted: Wanted, asked: list[str]
    ) -> tuple[list[SearchResult], tuple[str, ...]]:
        """Ask with shorter and shorter queries until there is something."""
        problems: tuple[str, ...] = ()
        for query in _rungs(source, wanted):
            asked.append(query)
            results, problems = validate(source.name, await self._with_retries(source, query, wanted))
            if results:
                return results, problems
        return [], problems

    async def _with_retries(self, source: Source, query: str, wanted: Wanted) -> object:
        tries: dict[str, int] = {}
        while True:
            await source.breaker.admitted()
            try:
                answer: object = await source.search(query, wanted)
            except asyncio.CancelledError:
                source.breaker.release()
                raise
            except SourceError as error:
                source.failed(error)
                tries[error.code] = tries.get(error.code, 0) + 1
                await self._before_next_try(source, error, tries[error.code])
            else:
                source.answered()
                return answer

    async def _before_next_try(self, source: Source, error: SourceError, tries: int) -> None:
        """Wait as long as it takes before it makes sense to ask again.

        :raises SourceError: ``error`` itself, when it makes none.
        """
        if isinstance(error, RateLimited) and tries <= self._policy.retries:
            pause = DEFAULT_PAUSE if error.retry_after is None else error.retry_after
            self._limiter.pause(source.name, pause)
            if pause > source.info.search_timeout:
                raise error
        elif error.treatment is Treatment.RELOAD and tries == 1:
            await source.reload()
        elif error.treatment is Treatment.RETRY and tries <= self._policy.retries and not _is_down(source):
            await asyncio.sleep(self._policy.pause(tries))
        else:
            raise error


def failed(source: str, error: SourceError, took: float, queries: tuple[str, ...] = ()) -> SearchOutcome:
    """The outcome of a search that failed."""
    return SearchOutcome(
        source=source,
        status=SearchStatus.FAILED,
        took=took,
        queries=queries,
        code=error.code,
        reason=error.message,
        hint=error.hint or "",
    )


def _why_skipped(source: Source, wanted: Wanted, *, waits_for_breaker: bool) -> SearchOutcome | None:
    status = source.entry.status()
    reason, code, hint = "", "", ""
    if not status.usable:
        reason, code, hint = status.reason or str(status.state), "not-configured", status.hint
    elif wanted.kind is Kind.TRACK and Kind.TRACK not in source.info.delivers:
        # The other way round it is asked: it may have the tracks of the album.
        reason, code = "delivers albums only", "kind"
    elif source.breaker.state is BreakerState.OPEN and not waits_for_breaker:
        reason, code = f"left alone after failures: {source.breaker.reason}", Unavailable.code
        hint = f"it is tried again in {source.breaker.remaining:.0f} s"
    if not reason:
        return None
    return SearchOutcome(source=source.name, status=SearchStatus.SKIPPED, reason=reason, code=code, hint=hint)


def _rungs(source: Source, wanted: Wanted) -> Iterator[str]:
    from cratedig._matching import ladder  # noqa: PLC0415 - rapidfuzz is loaded when first used

    first = wanted.query or wanted.isrc or ""
    yield first
    own = source.ladder(first)
    seen = {first}
    for query in own if own is not None else ladder(first, wanted):
        if len(seen) >= MAX_RUNGS:
            return
        if query and query not in seen:
            seen.add(query)
            yield query


def _is_down(source: Source) -> bool:
    return source.breaker.state is not BreakerState.CLOSED
