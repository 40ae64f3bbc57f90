"""All parts of one engine, made and connected. Data flows one way: dispatch, lane, outcome, journal."""

from __future__ import annotations

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
from cratedig._downloads.table import Table
from cratedig._redaction import Redactor
from cratedig._runtime.limiter import InProcessRateLimiter, RateLimiter
from cratedig._runtime.pool import DaemonPool
from cratedig._runtime.retry import RetryPolicy
from cratedig._runtime.sources import LimiterByName, Sources
from cratedig._search.asking import Asking
from cratedig._search.search import Searching

if TYPE_CHECKING:
    from cratedig._journal.port import Journal
    from cratedig._settings import Settings


class Parts:
    """Built once for each engine."""

    def __init__(
        self,
        settings: Settings,
        journal: Journal,
        *,
        limiter: RateLimiter | None = None,
        state_dir: Path | None = None,
        remembers: bool = True,
    ) -> None:
        engine = settings.engine
        policy = RetryPolicy(retries=engine.retries)
        self.journal = journal
        self.redactor = Redactor()
        limiter = limiter or InProcessRateLimiter()
        self.sources = Sources(settings, journal, limiter, self.redactor, state_dir)
        self.limiter = LimiterByName(limiter, self.sources)
        self.desk = DaemonPool("cratedig-desk", 2)
        self.asking = Asking(limiter, policy, engine.search_cache_ttl)
        self.searching = Searching(self.asking, self.sources, self.desk)

        self.table = Table(journal)
        self.blocklist = Blocklist(journal)
        self.late = Latecomers()
        self.settling = Settling(journal, self.sources)
        self.outcomes = outcomes = Outcomes(
            self.table,
            self.sources,
            limiter,
            self.blocklist,
            policy,
            engine.outage_patience,
            self.redactor,
        )
        self.dispatching = Dispatching(
            self.table, outcomes, self.blocklist, self.sources, remembers=remembers
        )
        delivering = Delivering(self.table, self.settling, engine.duration_tolerance)
        self.parked = Parked(outcomes, delivering)
        resolving = Resolving(self.table, outcomes, self.blocklist, self.searching, engine.minimum_match)
        regrouping = Regrouping(
            self.table,
            outcomes,
            delivering,
            self.searching,
            self.dispatching,
            self.sources,
            engine.minimum_match,
        )
        self.performing = Performing(
            self.table,
            self.sources,
            outcomes,
            delivering,
            self.settling,
            self.parked,
            resolving,
            regrouping,
            remembers=remembers,
        )
        self.sources.perform = self.performing.perform
        self.pulse = Pulse(
            self.table,
            self.late,
            outcomes,
            self.sources,
            limiter,
            engine.queue_patience,
            self.parked,
        )

    @property
    def settings(self) -> Settings:
        """The settings as they are now."""
        return self.sources.settings
