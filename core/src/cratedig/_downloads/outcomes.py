"""What becomes of a record after a failure: the decision carried out. Sync, callable from any thread."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from attrs import evolve

from cratedig._downloads.staged import staging_of
from cratedig._errors import (
    CorruptDownload,
    CratedigError,
    NotEntitled,
    NotFound,
    RateLimited,
    SourceBug,
    SourceError,
    UnexpectedResponse,
)
from cratedig._model import Attempt, AttemptOutcome
from cratedig._runtime.breaker import BreakerState
from cratedig._runtime.retry import Decision, RetryPolicy, Step

if TYPE_CHECKING:
    from cratedig._downloads.blocked import Blocklist
    from cratedig._downloads.record import Record
    from cratedig._downloads.run import Run
    from cratedig._downloads.table import Table
    from cratedig._redaction import Redactor
    from cratedig._runtime.limiter import RateLimiter
    from cratedig._runtime.source import Source
    from cratedig._runtime.sources import Sources

DEFAULT_PAUSE = 5.0
"""Seconds to pause a lane whose service says "slow down" without saying for how long."""

MAX_REASONS = 4
"""Earlier reasons that the final one is told with; the record's attempts have them all."""

_ABOUT_THE_TARGET = (NotFound, NotEntitled, CorruptDownload, UnexpectedResponse, SourceBug)
"""What tomorrow's attempt at the same target would meet again; a setting or a quality may differ by then."""


class Outcomes:
    """Ends attempts that failed and sends their records where they belong next."""

    def __init__(
        self,
        table: Table,
        sources: Sources,
        limiter: RateLimiter,
        blocklist: Blocklist,
        policy: RetryPolicy,
        outage_patience: float,
        redactor: Redactor,
    ) -> None:
        self._table = table
        self._sources = sources
        self._limiter = limiter
        self._blocklist = blocklist
        self._policy = policy
        self._outage_patience = outage_patience
        self._redactor = redactor

    def queue(self, record: Record, delay: float = 0.0) -> None:
        """Put a record into the lane whose turn it is; where there is no such lane, see what is next."""
        try:
            self._sources.get(record.source).lane.put(record.id, record.priority, delay)
        except CratedigError as error:
            known = error if isinstance(error, SourceError) else SourceError(str(error), source=record.source)
            self.skipped(record, None, known)

    def failed(self, record: Record, run: Run | None, error: SourceError, source: Source | None) -> None:
        """One attempt (or the step before it) failed with ``error``; ``source`` is where, if it exists."""
        outage = False
        if source is not None:
            source.failed(error)
            outage = error.counts_for_breaker and source.breaker.state is not BreakerState.CLOSED
        if isinstance(error, RateLimited):
            self._limiter.pause(
                record.source, DEFAULT_PAUSE if error.retry_after is None else error.retry_after
            )
        outage = outage and not self._too_long(record)
        tries = 1 if outage else record.tried(error.code)
        decision = self._policy.decide(error, tries, has_next=_has_next(record), outage=outage)
        self._carry_out(record, run, error, decision)

    def skipped(self, record: Record, run: Run | None, error: SourceError) -> None:
        """The present candidate is not even tried; go on to the next one, or end."""
        self._carry_out(record, run, error, Decision(step=Step.ONWARD))

    def ended(self, record: Record, run: Run | None, error: CratedigError) -> None:
        """End the record now, whatever else could be tried."""
        before = record.state
        if record.fail(run, self._attempt(record, run, error), error.code, self._redactor.redact(str(error))):
            staging_of(record).remove()
            self._table.commit(record, before)

    def _carry_out(self, record: Record, run: Run | None, error: SourceError, decision: Decision) -> None:
        onward = decision.step is Step.ONWARD
        if onward and not _has_next(record):
            self._end(record, run, error)
            return
        candidate = record.candidate
        before = record.state
        attempt = self._attempt(record, run, error)
        detail = f"after: {self._redactor.redact(str(error))}"
        if not record.back_to_queue(run, attempt, error.code, detail, onward=onward):
            return
        if decision.wipe:
            staging_of(record).remove()
        if onward and candidate is not None and isinstance(error, _ABOUT_THE_TARGET):
            self._blocklist.block(candidate.source, candidate.target_id, self._redactor.redact(str(error)))
        record.reload_first = decision.reload
        self._table.commit(record, before)
        self.queue(record, decision.delay)

    def _end(self, record: Record, run: Run | None, error: SourceError) -> None:
        before = record.state
        attempt = self._attempt(record, run, error)
        reasons = [past.reason for past in record.attempts if past.reason][-MAX_REASONS:]
        last = self._redactor.redact(str(error))
        detail = f"{'; '.join(reasons)}; at last {last}" if reasons else last
        if record.fail(run, attempt, error.code, detail):
            staging_of(record).remove()
            self._table.commit(record, before)

    def _attempt(self, record: Record, run: Run | None, error: CratedigError) -> Attempt | None:
        if run is not None:
            return self._clean(record.ended(run, AttemptOutcome.FAILED, error, None))
        return Attempt(
            number=len(record.attempts) + 1,
            source=record.source,
            target_id=record.candidate.target_id if record.candidate else "",
            started_at=time.time(),
            ended_at=time.time(),
            outcome=AttemptOutcome.FAILED,
            code=error.code,
            reason=self._redactor.redact(str(error)),
        )

    def _clean(self, attempt: Attempt) -> Attempt:
        return evolve(attempt, reason=self._redactor.redact(attempt.reason))

    def _too_long(self, record: Record) -> bool:
        first = next(
            (a.started_at for a in reversed(record.attempts) if a.outcome is AttemptOutcome.FAILED), None
        )
        since = min(record.waiting_since, first or record.waiting_since)
        return time.time() - since > self._outage_patience


def _has_next(record: Record) -> bool:
    if record.plan.across and not record.exhausted:
        return True
    if record.candidate is None:
        return record.searched + 1 < len(record.plan.chain)
    return record.cursor + 1 < len(record.plan.candidates) or record.searched < len(record.plan.chain)
