"""All records of one engine, and telling people about them once the journal has them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import Future
from functools import partial

from cratedig._downloads.announcing import Announcing, Listener
from cratedig._downloads.record import Record
from cratedig._errors import CratedigError, UnknownDownload
from cratedig._journal.port import WRITTEN, Journal
from cratedig._model import Download, DownloadEvent, DownloadState

log = logging.getLogger("cratedig.downloads")


CleanUp = Callable[[], Future[None] | None]


class EngineClosed(CratedigError):
    """The engine was closed before this download ended; that is no end of the download."""


class Table:
    """Finds, keeps and announces records; callable from any thread."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self._records: dict[str, Record] = {}
        self._under_way: dict[Hashable, str] = {}
        self._keys: dict[str, Hashable] = {}
        self._completed: dict[tuple[str, str], str] = {}
        self._waiters: dict[str, list[Future[Download]]] = {}
        self._announcing = Announcing()
        self._lock = threading.Lock()

    def add(self, record: Record, key: Hashable) -> Record:
        """Take a record in, unless one with the same key is under way: then that one is returned."""
        with self._lock:
            present = self._under_way.get(key)
            if present is not None and present in self._records:
                return self._records[present]
            self._under_way[key] = record.id
            self._keys[record.id] = key
            self._records[record.id] = record
            return record

    def take_back(self, record: Record, key: Hashable = None) -> Record:
        """Take in a record out of the journal; the one that is here already wins.

        With a ``key`` it is under way again: the same asked for once more is this record.
        """
        with self._lock:
            present = self._records.setdefault(record.id, record)
            if present is record and key is not None:
                self._keys[record.id] = key
                self._under_way.setdefault(key, record.id)
            return present

    def find(self, download_id: str) -> Record | None:
        """The record, if it is known."""
        return self._records.get(download_id)

    def completed(self, source: str, target_id: str) -> Record | None:
        """The record that has brought this target, if it is still known."""
        return self._records.get(self._completed.get((source, target_id), ""))

    def get(self, download_id: str) -> Record:
        """The record.

        :raises UnknownDownload: there is none.
        """
        record = self._records.get(download_id)
        if record is None:
            raise UnknownDownload(download_id)
        return record

    def all(self) -> list[Record]:
        """Every record, in the order of their dispatch."""
        return list(self._records.values())

    def running(self) -> list[Record]:
        """The records with an attempt under way."""
        return [record for record in self.all() if record.run is not None]

    def remove(self, ids: Iterable[str]) -> Future[None]:
        """Forget records, here and in the journal."""
        gone = list(ids)
        with self._lock:
            for download_id in gone:
                record = self._records.pop(download_id, None)
                self._release(download_id)
                if record is not None and self._completed.get(_target(record)) == download_id:
                    del self._completed[_target(record)]
        return self.journal.delete(gone)

    def commit(
        self, record: Record, before: DownloadState | None, clean_up: CleanUp | None = None
    ) -> Future[None]:
        """Write a record's new state down; once that is durable, ``clean_up``, then tell about it.

        A ``clean_up`` that takes long returns a future; the telling waits for it, the calling thread not.
        """
        with record.lock:
            # In one piece: a state that was overtaken must not be the last one that the journal gets.
            state = record.state
            written = self.journal.save(record)
            told = written is WRITTEN and clean_up is None and self._show(record, state, before)
        if written is not WRITTEN:
            written.add_done_callback(partial(self._written, record, state, before, clean_up))
        elif clean_up is not None:
            self._tell_after(clean_up, record, state, before)
        elif told:
            self._follow_up(record, state)
        return written

    def moved(self, record: Record) -> None:
        """Tell that an attempt has progressed."""
        run = record.run
        if run is not None:
            self.journal.note_progress(record.id, run.meter.bytes_now(), run.meter.bytes_expected())
            if self._announcing:
                with record.lock:
                    if not record.shown.terminal:
                        self._note(record, record.shown)
                self._announcing.flush()

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` with every event, on whatever thread it happens; returns how to stop."""
        return self._announcing.listen(listener)

    def waiter(self, download_id: str) -> Future[Download]:
        """A future of the record's terminal snapshot.

        :raises UnknownDownload: there is no such record.
        """
        record = self.get(download_id)
        future: Future[Download] = Future()
        with self._lock:
            if not record.shown.terminal:
                self._waiters.setdefault(download_id, []).append(future)
                return future
        future.set_result(record.snapshot())
        return future

    def drop_waiters(self) -> None:
        """Nothing more will happen here: tell everybody who still waits."""
        error = EngineClosed("the engine was closed before this download ended")
        with self._lock:
            waiters, self._waiters = self._waiters, {}
        for waiting in waiters.values():
            for future in waiting:
                if future.set_running_or_notify_cancel():
                    future.set_exception(error)

    def _written(
        self,
        record: Record,
        state: DownloadState,
        before: DownloadState | None,
        clean_up: CleanUp | None,
        written: Future[None],
    ) -> None:
        error = None if written.cancelled() else written.exception()
        if error is not None:
            log.critical("%s: its state could not be written down: %s", record.id, error)
            record.detail = f"{record.detail} (not written down: {error})".strip()
            clean_up = None
        self._tell_after(clean_up, record, state, before)

    def _tell_after(
        self, clean_up: CleanUp | None, record: Record, state: DownloadState, before: DownloadState | None
    ) -> None:
        cleaned = clean_up() if clean_up else None
        if cleaned is None:
            self._tell(record, state, before)
        else:
            cleaned.add_done_callback(lambda _: self._tell(record, state, before))

    def _tell(self, record: Record, state: DownloadState, before: DownloadState | None) -> None:
        with record.lock:
            told = self._show(record, state, before)
        if told:
            self._follow_up(record, state)

    def _show(self, record: Record, state: DownloadState, before: DownloadState | None) -> bool:
        """Let readers see the state, unless they have seen the end; under the record's lock."""
        if record.shown.terminal:
            return False
        record.shown = state
        if self._announcing:
            self._note(record, before)
        return True

    def _follow_up(self, record: Record, state: DownloadState) -> None:
        """Call who listens and who waits, without any lock."""
        waiting: list[Future[Download]] = []
        if state.terminal:
            with self._lock:
                self._release(record.id)
                waiting = self._waiters.pop(record.id, waiting)
                if state is DownloadState.COMPLETED and record.id in self._records:
                    self._completed[_target(record)] = record.id
        if self._announcing:
            self._announcing.flush()
        for future in waiting:
            if future.set_running_or_notify_cancel():
                future.set_result(record.snapshot())

    def _note(self, record: Record, before: DownloadState | None) -> None:
        self._announcing.put(DownloadEvent(download=record.snapshot(), before=before, at=time.time()))

    def _release(self, download_id: str) -> None:
        key = self._keys.pop(download_id, None)
        if self._under_way.get(key) == download_id:
            del self._under_way[key]


def _target(record: Record) -> tuple[str, str]:
    return record.source, record.target_id
