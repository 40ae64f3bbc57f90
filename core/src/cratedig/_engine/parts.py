"""All parts of one engine, made and connected. Data flows one way: dispatch, lane, outcome, journal."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from cratedig._downloads.blocked import Blocklist
from cratedig._downloads.delivering import Delivering
from cratedig._downloads.dispatch import Dispatching
from cratedig._downloads.late import Latecomers
from cratedig._downloads.outcomes import Outcomes
from cratedig._downloads.parked import Parked
from cratedig._downloads.performing import Performing
from cratedig._downloads.pulse import Pulse
from cratedig._downloads.regrouping import Regrouping
from cratedig._downloads.resolving import Resolving
from cratedig._downloads.settling import Settling
from cratedig._downloads.staged import staging_of
from cratedig._downloads.table import Table
from cratedig._model import QualityPreference, SearchResult, Wanted
from cratedig._redaction import Redactor
from cratedig._runtime.executor import Executor, LaneExecutor
from cratedig._runtime.limiter import InProcessRateLimiter, RateLimiter
from cratedig._runtime.pool import DaemonPool
from cratedig._runtime.retry import RetryPolicy
from cratedig._runtime.sources import Roster
from cratedig._search.asking import Asking
from cratedig._search.search import Searching
from cratedig._settings import QualitySettings

if TYPE_CHECKING:
    from cratedig._downloads.record import Record
    from cratedig._journal.port import Journal
    from cratedig._plugins import OpenTransfer
    from cratedig._settings import Settings


_ANY = QualitySettings()


class Parts:
    """Built once for each engine."""

    def __init__(
        self,
        settings: Settings,
        journal: Journal,
        *,
        limiter: RateLimiter | None = None,
        executor: Executor | None = None,
        state_dir: Path | None = None,
        remembers: bool = True,
    ) -> None:
        engine = settings.engine
        policy = RetryPolicy(retries=engine.retries)
        self.settings = settings
        self.journal = journal
        self.redactor = Redactor()
        self.limiter: RateLimiter = limiter or InProcessRateLimiter(self._resolve)
        self.roster = Roster(
            settings,
            journal,
            self.limiter,
            self.redactor,
            self._perform,
            state_dir,
            self._waited_for,
        )
        self.executor: Executor = executor or LaneExecutor(lambda name: self.roster.get(name).lane)
        self.desk = DaemonPool("cratedig-desk", 2)
        self.table = Table(journal)
        self.blocklist = Blocklist(journal)
        self.asking = Asking(self.limiter, policy, engine.search_cache_ttl)
        self.searching = Searching(self.asking, self.roster.get, self.desk)
        self.outcomes = Outcomes(
            self.table,
            self.executor,
            self.limiter,
            self.blocklist,
            policy,
            engine.outage_patience,
            _discard,
            self.redactor.redact,
        )
        self.dispatching = Dispatching(
            self.table, self.outcomes.queue, self.blocklist, self.roster.resolve, remembers=remembers
        )
        self.settling = Settling(journal, self.roster.get)
        delivering = Delivering(self.table, self.settling, engine.duration_tolerance)
        self.parked = Parked(self.outcomes, delivering)
        resolving = Resolving(
            self.table, self.outcomes.queue, self.blocklist, self.searching.here, engine.minimum_match
        )
        regrouping = Regrouping(
            self.table,
            self.outcomes,
            delivering,
            self._search_all,
            self.dispatching.track_of,
            engine.minimum_match,
        )
        self.performing = Performing(
            self.table,
            self.roster.get,
            self.outcomes,
            delivering,
            self.settling,
            self.parked,
            resolving,
            regrouping,
            remembers=remembers,
        )
        self.late = Latecomers()
        self.pulse = Pulse(
            self.table,
            self.late,
            self.outcomes,
            self.executor,
            self.limiter,
            self.roster.working,
            engine.queue_patience,
            self.parked,
        )

    @property
    def preference(self) -> QualityPreference | None:
        """The quality that holds where a caller names none; ``None`` when any will do."""
        quality = self.settings.engine.quality
        return None if quality == _ANY else quality.preference()

    def _resolve(self, name: str) -> str:
        return self.roster.resolve(name)

    async def _search_all(self, wanted: Wanted, names: Iterable[str]) -> list[SearchResult]:
        report = await self.searching.all(wanted, names, self.preference, self.settings.engine.search_timeout)
        return list(report.results)

    def _waited_for(self, name: str) -> tuple[OpenTransfer, ...]:
        return self.parked.waited_for(name)

    async def _perform(self, record_id: str) -> None:
        await self.performing.perform(record_id)


def _discard(record: Record) -> None:
    staging_of(record).remove()
