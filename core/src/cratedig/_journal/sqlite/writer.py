"""The one thread that writes: it gathers what is waiting into one transaction and then answers everybody."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Generic, NamedTuple, TypeVar

from cratedig._errors import JournalError
from cratedig._journal.sqlite.faults import fault

T = TypeVar("T")
Change = Callable[[sqlite3.Connection], T]

BATCH = 500
"""Most changes in one transaction, so that the first of them does not wait for long."""

_log = logging.getLogger("cratedig.journal")


class _Job(NamedTuple, Generic[T]):
    change: Change[T]
    future: Future[T]


class Writer:
    """Runs changes in the order in which they were handed in, on a thread of its own.

    Every ``period`` seconds ``chores`` tells what else to write; it is not worth a wait for the disk. It is
    told whether all that was handed in until this moment has been written.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        path: Path,
        chores: Callable[[bool], Change[None]],
        period: float,
    ) -> None:
        self._connection = connection
        self._path = path
        self._chores = chores
        self._period = period
        self._jobs: SimpleQueue[_Job[Any] | None] = SimpleQueue()
        self._open = True
        self._gate = threading.Lock()
        self._durable = True
        self._thread = threading.Thread(target=self._run, name="cratedig-journal", daemon=True)
        connection.execute("PRAGMA synchronous = FULL")
        self._thread.start()

    def submit(self, change: Change[T]) -> Future[T]:
        """Have ``change`` run in a transaction; the future is done after the commit.

        It cannot be cancelled: what was handed in will be written. It fails with :class:`JournalError`.
        """
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()
        with self._gate:
            if self._open:
                self._jobs.put(_Job(change, future))
                return future
        future.set_exception(JournalError(f"{self._path} is closed; this change was not kept"))
        return future

    def close(self) -> None:
        """Write everything that was handed in, then end the thread and the connection."""
        with self._gate:
            if self._open:
                self._open = False
                self._jobs.put(None)
        self._thread.join()
        self._connection.close()

    def _run(self) -> None:
        due = time.monotonic() + self._period
        going = True
        while going:
            jobs, going = self._gather(due)
            if jobs:
                self._write(jobs)
            if time.monotonic() >= due:
                due = time.monotonic() + self._period
                self._do_chores()

    def _gather(self, due: float) -> tuple[list[_Job[Any]], bool]:
        jobs: list[_Job[Any]] = []
        try:
            job = self._jobs.get(timeout=max(0.0, due - time.monotonic()))
            while job is not None:
                jobs.append(job)
                if len(jobs) == BATCH:
                    return jobs, True
                job = self._jobs.get_nowait()
        except Empty:
            return jobs, True
        return jobs, False

    def _do_chores(self) -> None:
        try:
            with self._gate:
                change = self._chores(self._jobs.empty())
            self._transact([change], durable=False)
        except Exception:  # noqa: BLE001 - the next time may succeed, and the thread must be there for it
            _log.exception("%s: could not write progress and heartbeat", self._path)

    def _write(self, jobs: list[_Job[Any]]) -> None:
        while jobs:
            try:
                answers = self._transact([job.change for job in jobs], durable=True)
            except _ChangeFailed as failed:
                # The rest has to be written without it; the transaction has been rolled back.
                _fail([jobs.pop(failed.index)], self._path, failed.error)
            except Exception as error:  # noqa: BLE001 - whatever it is, the callers are told and the thread lives
                _fail(jobs, self._path, error)
                return
            else:
                for job, answer in zip(jobs, answers, strict=True):
                    job.future.set_result(answer)
                return

    def _transact(self, changes: list[Change[Any]], *, durable: bool) -> list[Any]:
        if durable is not self._durable:
            self._connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            self._durable = durable
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            answers = [self._attempt(index, change) for index, change in enumerate(changes)]
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
        return answers

    def _attempt(self, index: int, change: Change[T]) -> T:
        try:
            return change(self._connection)
        except Exception as error:
            raise _ChangeFailed(index, error) from error


class _ChangeFailed(Exception):
    def __init__(self, index: int, error: Exception) -> None:
        super().__init__(index)
        self.index = index
        self.error = error


def _fail(jobs: list[_Job[Any]], path: Path, error: Exception) -> None:
    for job in jobs:
        raised = error if isinstance(error, JournalError) else fault(path, error)
        raised.__cause__ = None if raised is error else error
        job.future.set_exception(raised)
