"""The engine's pulse: one thread that looks at everything that is waiting, from outside of the lanes.

It has to be outside: a source that blocks its loop stops every timer of its lane. The pulse reads progress
and tells about it, ends attempts that stand still, and gives a lane whose loop is blocked a new thread.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from cratedig._downloads.arriving import IN_LINE, TAKING_OVER
from cratedig._downloads.regrouping import GATHERING
from cratedig._errors import Unavailable
from cratedig._model import DownloadState

if TYPE_CHECKING:
    from cratedig._downloads.late import Latecomers
    from cratedig._downloads.outcomes import Outcomes
    from cratedig._downloads.parked import Parked
    from cratedig._downloads.record import Record
    from cratedig._downloads.run import Run
    from cratedig._downloads.table import Table
    from cratedig._runtime.limiter import RateLimiter
    from cratedig._runtime.source import Source
    from cratedig._runtime.sources import Sources

log = logging.getLogger("cratedig.pulse")

BEAT = 0.25
CLEAR_EVERY = 4
SWEEP_EVERY = 20
BLOCKED_LIMIT = 60.0
VERIFY_PATIENCE = 900.0
_ON_DISK = (TAKING_OVER, "verifying", "publishing")


class Pulse:
    """Looks around every :data:`BEAT` seconds until it is stopped."""

    def __init__(
        self,
        table: Table,
        late: Latecomers,
        outcomes: Outcomes,
        sources: Sources,
        limiter: RateLimiter,
        queue_patience: float,
        parked: Parked,
    ) -> None:
        self._table = table
        self._late = late
        self._outcomes = outcomes
        self._limiter = limiter
        self._sources = sources
        self._queue_patience = queue_patience
        self._parked = parked
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="cratedig-pulse", daemon=True)
        self._beats = 0

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, and wait for it."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(5.0)

    def _run(self) -> None:
        while not self._stopped.wait(BEAT):
            try:
                self.beat()
            except Exception:
                log.exception("one look around failed")

    def beat(self) -> None:
        """Look at everything once."""
        sources = {source.name: source for source in self._sources.working()}
        self._beats += 1
        records = self._table.all()
        for record in records:
            run = record.run
            if run is not None:
                self._look_at(record, run, sources.get(run.candidate.source))
        for source in sources.values():
            self._look_after(source)
        if self._beats % CLEAR_EVERY == 0:
            self._late.sweep()
        if self._beats % SWEEP_EVERY == 0:
            self._sweep(records)

    def _look_at(self, record: Record, run: Run, source: Source | None) -> None:
        if run.look():
            self._table.moved(record)
        if source is None or run.phase == GATHERING:
            # The tracks of an album are downloads of their own, each with its own deadlines.
            return
        doing = run.doing()
        now = time.monotonic()
        patience = self._patience(record, run, source)
        if now - run.moved_at > patience and not self._limiter.paused_for(source.name):
            self._give_up(record, run, source, f"nothing moved for {patience:g} s while {doing}")
        elif now - run.grown_at > max(patience, self._queue_patience):
            # News without bytes is no progress: a source may tell the same two things for ever.
            self._give_up(record, run, source, f"no bytes for {now - run.grown_at:.0f} s while {doing}")

    def _patience(self, record: Record, run: Run, source: Source) -> float:
        if run.phase in _ON_DISK:
            return VERIFY_PATIENCE
        if run.phase == IN_LINE:
            return self._queue_patience
        if record.transfer_id and run.meter.bytes_now() == 0:
            return self._queue_patience
        return source.info.stall_timeout

    def _give_up(self, record: Record, run: Run, source: Source, reason: str) -> None:
        candidate = run.candidate
        if not record.holds(run):
            return
        if source.lane.blocked_for() > BEAT:
            reason += f"; the plugin blocks its event loop at {source.lane.thread.where()}"
        error = Unavailable(reason, source=source.name, target=candidate.target_id)
        # First, so that it does not end the attempt that comes next.
        source.lane.withdraw(record.id)
        self._late.expect(record)
        if run.transfer_id and run.phase in (IN_LINE, *_ON_DISK):
            # The other program has done its part, and its files are worth another try.
            self._outcomes.failed(record, run, error, None)
            return
        transfer_id, record.transfer_id = record.transfer_id, ""
        source.let_go(candidate.target_id, self._ended_there(source, run, transfer_id))
        self._outcomes.failed(record, run, error, source)

    async def _ended_there(self, source: Source, run: Run, transfer_id: str) -> None:
        if not self._parked.leave(source, run):
            await source.cancel(run.candidate.target_id, transfer_id)

    def _look_after(self, source: Source) -> None:
        blocked = source.lane.blocked_for()
        if blocked <= BLOCKED_LIMIT:
            return
        where = source.lane.thread.where()
        log.error("%s has blocked its event loop for %.0f s at %s", source.name, blocked, where)
        source.breaker.trip(f"the plugin blocks its event loop at {where}")
        self._lose_runs(source, where)
        if not source.lane.renew():
            log.error("%s blocks every thread that it is given; it gets no more", source.name)
        elif any(record.transfer_id for record in self._table.running()):
            source.lane.submit(self._watch_again(source))

    async def _watch_again(self, source: Source) -> None:
        """The watcher of its transfers hangs on the old thread: have one on the new."""
        self._parked.watch(source)

    def _lose_runs(self, source: Source, where: str) -> None:
        for record in self._table.running():
            run = record.run
            if run is not None and run.candidate.source == source.name and not record.transfer_id:
                error = Unavailable(f"the plugin blocks its event loop at {where}", source=source.name)
                self._outcomes.failed(record, run, error, source)

    def _sweep(self, records: Iterable[Record]) -> None:
        oldest = time.time() - self._queue_patience
        for record in records:
            waits = record.state is DownloadState.INITIALIZING and record.run is None
            if waits and record.waiting_since < oldest:
                late = Unavailable(
                    f"not begun within {self._queue_patience:g} s ({record.detail or 'queued'})",
                    source=record.source,
                )
                self._outcomes.ended(record, None, late)
                self._sources.withdraw(record.source, record.id)
