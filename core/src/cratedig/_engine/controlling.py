"""Starting, stopping, cancelling, retrying: what a host does to a running engine and its downloads. Sync."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterable
from concurrent.futures import Future, wait
from typing import TYPE_CHECKING

from attrs import evolve

from cratedig._downloads.blocked import CANCELLED_FOR
from cratedig._downloads.dispatch import key_of
from cratedig._downloads.record import Record
from cratedig._downloads.regrouping import GATHERING
from cratedig._downloads.settling import TRACKS
from cratedig._downloads.staged import staging_of
from cratedig._errors import CratedigError, UnknownDownload
from cratedig._journal.port import Action
from cratedig._model import Candidate, Download, DownloadState, Plan

if TYPE_CHECKING:
    from cratedig._downloads.run import Run
    from cratedig._engine.parts import Parts
    from cratedig._runtime.source import Source

STOP_PATIENCE = 3.0
SETTLE_PATIENCE = 2.0
"""Seconds that other programs get to forget what was taken over; what takes longer is done the next time."""
CHORE_PATIENCE = 3.0
"""Seconds that they get to stop what was cancelled, and to forget what has failed."""

BY_PERSON = "cancelled"


class Controlling:
    """Acts on the parts of one engine; callable from any thread."""

    def __init__(self, parts: Parts, *, keeps_unfinished: bool) -> None:
        self._parts = parts
        self._keeps_unfinished = keeps_unfinished

    # -- life --------------------------------------------------------------------------------------------

    def start(self, *, resume: bool) -> None:
        """Open the journal and begin; with ``resume``, take over what nobody works on any more."""
        parts = self._parts
        parts.journal.start(self._on_request)
        parts.pulse.start()
        if resume:
            self.resume()

    def resume(self) -> list[str]:
        """Go on with what processes that are gone have left, and see to what they had no time for."""
        # Errands come first: an attempt waits for those of its target, lest they end what it begins.
        self._parts.sources.send_owed()
        adopted = self.adopt()
        self._parts.settling.settle_all()
        if self._keeps_unfinished:
            self._tidy_up(adopted)
        return adopted

    def _tidy_up(self, adopted: Iterable[str]) -> None:
        """Remove the staging folders of those that were killed between a record's end and its clean-up."""
        from cratedig._transfer.staging import sweep  # noqa: PLC0415 - only downloads need it

        folders = {self._parts.settings.engine.download_dir}
        records = map(self._parts.table.find, adopted)
        folders.update(record.dest_dir for record in records if record is not None)
        for folder in folders:
            sweep(folder, self._is_over)

    def _is_over(self, download_id: str) -> bool:
        row = self._parts.journal.row(download_id)
        return row is not None and row.download.state in {DownloadState.COMPLETED, DownloadState.CANCELLED}

    def adopt(self, ids: Iterable[str] | None = None) -> list[str]:
        """Go on with unfinished records of a process that is gone; their ids."""
        adopted = []
        for row in self._parts.journal.adopt(ids):
            if row.download.state.terminal:
                self._parts.table.take_back(Record.from_row(row))
                continue
            record = Record.from_row(row)
            record.put_back()
            record.owner = None
            if self._parts.table.take_back(record, key_of(record)) is record:
                self._load(record)
                self._parts.dispatching.start(record)
                adopted.append(record.id)
        return adopted

    def stop(self) -> None:
        """End everything; unfinished records stay in the journal, their bytes in staging."""
        parts = self._parts
        parts.pulse.stop()
        parts.settling.finish(SETTLE_PATIENCE)
        wait([chore for source in parts.sources.working() for chore in source.lane.chores], CHORE_PATIENCE)
        _close_lanes(parts.sources.working(), parts.table.running())
        parts.desk.shutdown()
        parts.late.sweep()
        if not self._keeps_unfinished:
            for record in parts.table.all():
                if not record.state.terminal:
                    staging_of(record).remove()
        parts.table.drop_waiters()
        parts.journal.close()

    # -- downloads ---------------------------------------------------------------------------------------

    def downloads(self) -> list[Download]:
        """All records: those of this engine as they are now, the others as the journal has them."""
        here = {record.id: record for record in self._parts.table.all()}
        rows = {row.download.id: row.download for row in self._parts.journal.rows()}
        known = {**rows, **{record_id: record.snapshot() for record_id, record in here.items()}}
        return sorted(known.values(), key=lambda download: download.created_at)

    def cancel(self, download_id: str, *, remove: bool) -> tuple[bool, list[Future[None]]]:
        """End a record; whether that changed anything, and what has to be written before it may be told."""
        table = self._parts.table
        record = table.find(download_id) or self._elsewhere(download_id)
        before = record.state
        changed, run = record.cancel(BY_PERSON)
        written = []
        if changed:
            self._block(record, run)
            written.append(table.commit(record, before))
            self._end_io(record, run)
            for track in record.extra.get(TRACKS, ()):
                written += self._without(track)
        if remove:
            written.append(table.remove([download_id]))
        return changed, written

    def retry(self, download_id: str) -> Record:
        """A new record with the plan of one that has ended badly, not started yet; else the record itself."""
        table = self._parts.table
        record = table.find(download_id) or self._elsewhere(download_id)
        if not record.shown.terminal or record.state is DownloadState.COMPLETED:
            return record
        plan = _again(record)
        self._parts.dispatching.unblock(plan)
        self._load(record)
        return self._parts.dispatching.record(
            plan,
            record.dest_dir,
            display_name=record.display_name,
            extra={**record.extra, "retry_of": record.id},
            priority=record.priority,
            kind=record.kind,
        )

    def clear(self, states: frozenset[DownloadState]) -> tuple[int, Future[None]]:
        """Forget ended records, whoever had them."""
        ended = [d.id for d in self.downloads() if d.state in states and d.state.terminal]
        return len(ended), self._parts.table.remove(ended)

    def _without(self, track: str) -> list[Future[None]]:
        """End the download of one track of an album that is cancelled, and forget it."""
        try:
            return self.cancel(track, remove=True)[1]
        except UnknownDownload:
            return []

    def _load(self, record: Record) -> None:
        # Queueing it must not be what imports a plugin: that happens on threads that may not wait.
        with contextlib.suppress(CratedigError):
            self._parts.sources.get(record.source)

    def _elsewhere(self, download_id: str) -> Record:
        """A record that is only in the journal, and that no living process works on."""
        self.adopt([download_id])
        return self._parts.table.get(download_id)

    def _block(self, record: Record, run: Run | None) -> None:
        candidate = _candidate_of(run) if run else record.candidate
        if candidate is not None:
            self._parts.blocklist.block(
                candidate.source, candidate.target_id, BY_PERSON, seconds=CANCELLED_FOR
            )

    def _end_io(self, record: Record, run: Run | None) -> None:
        """Stop what is under way; the lane's worker removes the bytes when it has let go of them."""
        candidate = _candidate_of(run) if run else _asked_for(record)
        try:
            source = self._parts.sources.get(candidate.source if candidate else record.source)
        except CratedigError:
            staging_of(record).remove()
            return
        source.lane.withdraw(record.id)
        if run is not None:
            self._parts.late.expect(record)
        if candidate is not None:
            source.let_go(candidate.target_id, self._cleaned_up(source, record, run, candidate.target_id))
        else:
            staging_of(record).remove()

    async def _cleaned_up(self, source: Source, record: Record, run: Run | None, target_id: str) -> None:
        await asyncio.sleep(0)
        if run is None or not self._parts.parked.leave(source, run):
            await source.cancel(target_id, record.transfer_id)
        staging_of(record).remove()

    def _on_request(self, download_id: str, action: Action) -> None:
        """Another process asks something of a record that this one works on."""
        if self._parts.table.find(download_id) is not None:
            self.cancel(download_id, remove=action is Action.REMOVE)


def _close_lanes(sources: list[Source], running: list[Record]) -> None:
    """All at once: one that is blocked makes nobody wait twice."""
    for source in sources:
        source.lane.begin_close()
    for record in running:
        # A source that does nothing but report never lets its loop turn, and would do so for ever.
        record.stop_reports()
    deadline = time.monotonic() + STOP_PATIENCE
    for source in sources:
        source.lane.close(max(0.0, deadline - time.monotonic()))


def _candidate_of(run: Run) -> Candidate | None:
    """What a source works on; an album that is being put together is nobody's target."""
    return None if run.phase == GATHERING else run.candidate


def _again(record: Record) -> Plan:
    """What a retry does: all of it, or only the rest where another program still has the files."""
    if record.transfer_id and record.state is DownloadState.ERRORED:
        return record.row().plan
    return evolve(record.plan, transfer_id="")


def _asked_for(record: Record) -> Candidate | None:
    """What a source was asked for that is to be asked again: it may hold a place in a queue meanwhile."""
    last, candidate = record.attempts[-1:], record.candidate
    if candidate is None or not last:
        return None
    same = (last[0].source, last[0].target_id) == (candidate.source, candidate.target_id)
    return candidate if same else None
