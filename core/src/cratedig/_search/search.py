"""Asking many sources at once, from the host's loop, and putting their answers together."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from concurrent.futures import Future
from typing import TYPE_CHECKING

from cratedig._errors import CratedigError, NotConfigured, SourceError, Unavailable
from cratedig._model import QualityPreference, SearchResult, Wanted
from cratedig._plugins.calls import as_source_error
from cratedig._search.asking import Asking, Found, failed
from cratedig._search.report import SearchOutcome, SearchReport, SearchStatus

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from cratedig._runtime.source import Source
    from cratedig._runtime.sources import Sources

BLOCKED = 0.5
"""Seconds without an answer of a lane's loop after which a time-out names the line that blocks it."""


class Searching:
    """Fans a search out over lanes; what has not come by the deadline is left behind."""

    def __init__(self, asking: Asking, sources: Sources, desk: Executor) -> None:
        self._asking = asking
        self._sources = sources
        self._desk = desk

    async def all(
        self, wanted: Wanted, names: Iterable[str], preference: QualityPreference | None, timeout: float
    ) -> SearchReport:
        """Ask all of ``names`` at once."""
        started = time.monotonic()
        asked = {name: self._ask(name, wanted) for name in names}
        waiting = {name: asyncio.wrap_future(future) for name, future in asked.items()}
        if waiting:
            await asyncio.wait(waiting.values(), timeout=timeout)
        found = [self._collect(name, future, timeout, started) for name, future in waiting.items()]
        results = [result for part, _ in found for result in part]
        loop = asyncio.get_running_loop()
        ordered = await loop.run_in_executor(self._desk, _put_together, results, wanted, preference)
        return SearchReport(
            wanted=wanted, results=tuple(ordered), outcomes={outcome.source: outcome for _, outcome in found}
        )

    async def chain(
        self, wanted: Wanted, names: Iterable[str], preference: QualityPreference | None, timeout: float
    ) -> SearchReport:
        """Ask one after the other, until one has something."""
        outcomes: dict[str, SearchOutcome] = {}
        for name in names:
            report = await self.all(wanted, [name], preference, timeout)
            outcomes.update(report.outcomes)
            if report.results:
                return SearchReport(wanted=wanted, results=report.results, outcomes=outcomes)
        return SearchReport(wanted=wanted, outcomes=outcomes)

    async def here(self, source: Source, wanted: Wanted) -> list[SearchResult]:
        """Ask one source from within its own lane; ranked.

        :raises SourceError: it could not be asked.
        """
        results, outcome = await self._asking.results(source, wanted, [], waits_for_breaker=True)
        if outcome.status is SearchStatus.SKIPPED:
            raise NotConfigured(outcome.reason, source=source.name, hint=outcome.hint or None)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(source.lane.pool, _put_together, results, wanted, None)

    def _ask(self, name: str, wanted: Wanted) -> Future[Found]:
        try:
            source = self._sources.get(name)
        except CratedigError as error:
            known = error if isinstance(error, SourceError) else SourceError(str(error))
            outcome = failed(name, known, 0.0)
            future: Future[Found] = Future()
            future.set_result(([], outcome))
            return future
        return source.lane.submit(self._asking.ask(source, wanted))

    def _collect(self, name: str, future: asyncio.Future[Found], timeout: float, started: float) -> Found:
        took = time.monotonic() - started
        if not future.done():
            future.cancel()
            return [], failed(name, Unavailable(f"no answer within {timeout:g} s{self._why(name)}"), took)
        if future.cancelled():
            return [], failed(name, Unavailable("the engine was closed meanwhile"), took)
        error = future.exception()
        if error is not None:
            return [], failed(name, as_source_error(error, name), took)
        return future.result()

    def _why(self, name: str) -> str:
        lane = self._sources.get(name).lane
        if lane.blocked_for() < BLOCKED:
            return ""
        return f"; the plugin blocks its event loop: {lane.thread.where()}"


def _put_together(
    results: list[SearchResult], wanted: Wanted, preference: QualityPreference | None
) -> list[SearchResult]:
    if not results:
        return []
    from cratedig._matching import dedup, filter_by_quality, rank  # noqa: PLC0415 - rapidfuzz, when first used

    good = filter_by_quality(results, preference) if preference else results
    return rank(dedup(good), wanted)
