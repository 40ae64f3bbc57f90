"""One download, from its turn in the lane to its file: a coroutine that knows no queue."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING

from cratedig._downloads import survivor
from cratedig._downloads.settling import Leftover, Settling
from cratedig._downloads.staged import staging_of
from cratedig._errors import CratedigError, SourceError, Unavailable, UnknownSource
from cratedig._model import AttemptOutcome, Candidate, DownloadState
from cratedig._plugins import Delivery, Pending
from cratedig._plugins.lending import Job
from cratedig._runtime.breaker import BreakerState

if TYPE_CHECKING:
    from cratedig._downloads.delivering import Delivering
    from cratedig._downloads.outcomes import Outcomes
    from cratedig._downloads.parked import Parked
    from cratedig._downloads.record import Record
    from cratedig._downloads.regrouping import Regrouping
    from cratedig._downloads.resolving import Resolving
    from cratedig._downloads.run import Run
    from cratedig._downloads.table import Table
    from cratedig._journal.port import Archived
    from cratedig._runtime.source import Source
    from cratedig._runtime.sources import Sources
    from cratedig._transfer.staging import Staging


log = logging.getLogger("cratedig.downloads")


class Performing:
    """Performs a record by its id; awaited by the worker of the lane whose turn it is."""

    def __init__(
        self,
        table: Table,
        sources: Sources,
        outcomes: Outcomes,
        delivering: Delivering,
        settling: Settling,
        parked: Parked,
        resolving: Resolving,
        regrouping: Regrouping,
        *,
        remembers: bool,
    ) -> None:
        self._table = table
        self._sources = sources
        self._outcomes = outcomes
        self._delivering = delivering
        self._settling = settling
        self._parked = parked
        self._resolving = resolving
        self._regrouping = regrouping
        self._remembers = remembers

    async def perform(self, record_id: str) -> None:
        """Make one attempt; afterwards the record has ended, waits in a lane again, or is parked."""
        record = self._table.find(record_id)
        if record is None or record.state.terminal:
            return
        source: Source | None = None
        try:
            source = self._sources.get(record.source)
            source.require_ready()
            await self._in_lane(record, source)
        except UnknownSource as error:
            self._outcomes.skipped(record, None, SourceError(str(error), source=record.source))
        except SourceError as error:
            self._outcomes.failed(record, None, error, source)
        except Exception as error:  # noqa: BLE001 - the record has to end, whatever is wrong here
            self._own_error(record, None, error)
        finally:
            if record.state is DownloadState.CANCELLED:
                staging_of(record).remove()

    async def _in_lane(self, record: Record, source: Source) -> None:
        if record.reload_first:
            record.reload_first = False
            await source.reload()
        candidate = record.candidate
        if record.exhausted and record.plan.across:
            await self._regrouping.begin(record, source)
        elif candidate is None:
            await self._resolving.resolve(record, source)
        elif record.transfer_id and survivor.find(staging_of(record).path) is None:
            self._pick_up(record, candidate, source)
        elif self._better_elsewhere(record, source):
            reason = Unavailable(f"paused after failures: {source.breaker.reason}", source=source.name)
            self._outcomes.skipped(record, None, reason)
        elif (kept := self._there_already(record, candidate)) is not None:
            self._take_over(record, candidate, kept)
        else:
            await self._attempt(record, candidate, source)

    def _there_already(self, record: Record, candidate: Candidate) -> Archived | None:
        """What was published from this candidate into this folder earlier, if it is good enough.

        A dispatch looks among the records; here the archive is asked, which knows of forgotten ones and of
        candidates that a search or a fallback has led to.
        """
        if record.plan.force or not (self._remembers or record.searched or record.cursor):
            return None
        kept = self._table.journal.archived(candidate.source, candidate.target_id)
        if kept is None or kept.path.parent != record.dest_dir:
            return None
        preference = record.plan.quality
        return kept if preference is None or preference.accepts(kept.files[0].quality) else None

    def _take_over(self, record: Record, candidate: Candidate, kept: Archived) -> None:
        """Complete the record with the files that are there."""
        run = record.begin(candidate)
        if run is None:
            return
        self._table.commit(record, DownloadState.INITIALIZING)
        attempt = record.ended(run, AttemptOutcome.COMPLETED, None, kept.files[0].quality)
        if record.complete(run, attempt, kept.files, kept.path, "was there already"):
            self._table.commit(record, DownloadState.IN_PROGRESS, staging_of(record).remove)

    async def _attempt(self, record: Record, candidate: Candidate, source: Source) -> None:
        """One attempt; what goes wrong in it is held against this attempt, never against a later one."""
        staging = staging_of(record)
        verified_before = survivor.find(staging.path)
        if verified_before is None:
            record.detail = f"waiting for {source.name} to let go of it"
            await source.has_let_go(candidate.target_id)
            await self._admitted(record, source)
        run = record.begin(candidate)
        if run is None:
            source.breaker.release()
            return
        self._table.commit(record, DownloadState.INITIALIZING)
        try:
            if verified_before is None:
                await self._fetched(record, run, source, staging)
            else:
                left = self._left_by(record, run)
                await self._deliver(record, run, source, verified_before, staging, left)
        except asyncio.CancelledError:
            source.breaker.release()
            raise
        except Exception as error:  # noqa: BLE001 - the record has to end, whatever is wrong here
            self._attempt_failed(record, run, error, source)

    def _attempt_failed(self, record: Record, run: Run, error: Exception, source: Source) -> None:
        if not record.holds(run) or source.lane.closing:
            # It was cancelled or given up before, or the engine ends and its threads are gone: no news of it.
            source.breaker.release()
        elif isinstance(error, UnpublishableError):
            source.answered()
            self._outcomes.ended(record, run, error)
        elif isinstance(error, SourceError):
            self._outcomes.failed(record, run, error, source)
        else:
            source.breaker.release()
            self._own_error(record, run, error)

    def _own_error(self, record: Record, run: Run | None, error: Exception) -> None:
        log.error("%s: an error of the engine", record.id, exc_info=error)
        self._outcomes.ended(record, run, CratedigError(f"an error of the engine: {error!r}"))

    async def _fetched(self, record: Record, run: Run, source: Source, staging: Staging) -> None:
        candidate = run.candidate
        try:
            staging.create()
            survivor.clear(staging.path)
        except OSError as error:
            raise UnpublishableError(error, record) from error
        job = Job(
            target_id=candidate.target_id,
            dest_dir=staging.path,
            progress=run.meter.report,
            download_id=record.id,
            promise=candidate.promise,
            preference=record.plan.quality,
        )
        run.phase = "waiting for the first bytes"
        answer = await source.download(job)
        source.answered()
        if isinstance(answer, Pending):
            record.transfer_id = answer.transfer_id
            self._table.commit(record, record.state)
            self._parked.park(record, run, source, answer.transfer_id)
        else:
            await self._deliver(record, run, source, answer, staging)

    async def _admitted(self, record: Record, source: Source) -> None:
        """Wait for the breaker and a permit."""
        self._say_why_it_waits(record, source)
        await source.breaker.admitted()
        try:
            await source.permit()
        except BaseException:
            source.breaker.release()
            raise

    async def _deliver(
        self,
        record: Record,
        run: Run,
        source: Source,
        delivery: Delivery,
        staging: Staging,
        leftover: Leftover | None = None,
    ) -> None:
        finish = partial(self._delivering.finish, record, run, delivery, staging, leftover)
        try:
            await asyncio.get_running_loop().run_in_executor(source.lane.pool, finish)
        except SourceError as error:
            error.source, error.target = error.source or source.name, error.target or run.candidate.target_id
            raise
        except OSError as error:
            raise UnpublishableError(error, record) from error

    def _left_by(self, record: Record, run: Run) -> Leftover | None:
        """What an earlier process would have removed, had it come to that."""
        run.transfer_id = record.transfer_id
        noted = self._settling.noted(record.id)
        return noted or (Leftover.of(record, run) if record.transfer_id else None)

    def _pick_up(self, record: Record, candidate: Candidate, source: Source) -> None:
        """Another program went on with it while this one was away: follow it, do not start it again."""
        run = record.begin(candidate)
        if run is not None:
            self._table.commit(record, DownloadState.INITIALIZING)
            self._parked.park(record, run, source, record.transfer_id)

    def _better_elsewhere(self, record: Record, source: Source) -> bool:
        """Whether the source is down while there is somewhere else to go."""
        more = record.cursor + 1 < len(record.plan.candidates) or record.searched < len(record.plan.chain)
        return more and source.breaker.state is BreakerState.OPEN

    def _say_why_it_waits(self, record: Record, source: Source) -> None:
        if source.breaker.state is not BreakerState.CLOSED:
            record.detail = f"waiting for {source.name} to recover: {source.breaker.reason}"
        else:
            record.detail = f"waiting for {source.name} to allow a request"


class UnpublishableError(SourceError):
    """The destination cannot be written; no other source would change that, but another disk would."""

    code = "destination"

    def __init__(self, error: OSError, record: Record) -> None:
        super().__init__(
            f"cannot write to {record.dest_dir}: {error.strerror or error}",
            hint="free some space or choose another folder, then retry",
        )
