"""The journal port on an SQLite file."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from sqlite3 import Connection
from typing import Any
from uuid import uuid4

from cratedig._errors import JournalError
from cratedig._journal import codec
from cratedig._journal.archive import agrees
from cratedig._journal.port import Action, Archived, Row, Saveable
from cratedig._journal.sqlite import owners, statements
from cratedig._journal.sqlite.reader import Reader, as_rows
from cratedig._journal.sqlite.schema import open_store
from cratedig._journal.sqlite.watcher import Request, Watcher
from cratedig._journal.sqlite.writer import Writer

_log = logging.getLogger("cratedig.journal")

PROGRESS_SECONDS = 0.5
"""How often progress is written: what a crash may take from it."""


class SqliteJournal:
    """Records in the file at ``path``, which several processes of one machine may share.

    Reading and ``adopt`` wait for the disk; call them from a thread, not from an event loop. The file
    must be on a local disk: SQLite's log does not work over a network.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.owner = uuid4().hex
        self._notes: dict[str, tuple[int, int | None]] = {}
        self._next_beat = 0.0
        self._opened: tuple[Writer, Reader] | None = None
        self._watcher: Watcher | None = None

    def start(self, on_request: Callable[[str, Action], None] | None = None) -> None:
        """Open the file, or make it, under a new owner's name.

        :raises JournalError: it cannot be opened; it was left as it was.
        """
        connection = open_store(self.path)
        self.owner = uuid4().hex
        self._notes.clear()
        owners.arrive(self.owner)
        self._opened = (Writer(connection, self.path, self._chores, PROGRESS_SECONDS), Reader(self.path))
        try:
            self._submit(self._arrive).result()
        except JournalError:
            self.close()
            raise
        if on_request is not None:
            self._watcher = Watcher(self, on_request)

    def close(self) -> None:
        """Write what is under way, give up every record, close. A closed journal may be started again."""
        if self._opened is None:
            return
        if self._watcher is not None:
            self._watcher.close()
        writer, reader = self._opened
        farewell = writer.submit(self._depart)
        writer.close()
        reader.close()
        owners.leave(self.owner)
        self._opened = self._watcher = None
        if (error := farewell.exception()) is not None:
            # Its records are orphans anyway, once this owner has not been heard of for a while.
            _log.warning("%s: could not give up this owner's records: %s", self.path, error)

    def save(self, record: Saveable) -> Future[None]:
        """Snapshot the record; the future is done when the disk has it."""
        row = record.row()
        self._notes.pop(row.download.id, None)
        return self._submit(partial(statements.save, owner=self.owner, row=row))

    def note_progress(self, download_id: str, transferred: int, size: int | None) -> None:
        """Remember the latest; it is written twice a second, unless saves are waiting."""
        self._notes[download_id] = (transferred, size)

    def delete(self, download_ids: Iterable[str]) -> Future[None]:
        """Forget records that no other living process works on."""
        return self._submit(partial(statements.delete, owner=self.owner, download_ids=list(download_ids)))

    def rows(self) -> list[Row]:
        """Every record, oldest first."""
        return as_rows(self._query(statements.ALL_RECORDS), self._living())

    def row(self, download_id: str) -> Row | None:
        """One record."""
        found = self._query(statements.ONE_RECORD, statements.key(download_id))
        return next(iter(as_rows(found, self._living())), None)

    def adopt(self, download_ids: Iterable[str] | None = None) -> list[Row]:
        """Take over what nobody living works on."""
        asked = None if download_ids is None else list(download_ids)
        taken = self._submit(partial(statements.adopt, owner=self.owner, download_ids=asked)).result()
        return as_rows(taken, {self.owner})

    def is_owned_elsewhere(self, download_id: str) -> bool:
        """Whether another living engine works on it."""
        query = "SELECT owner FROM record WHERE id = ? AND terminal = 0"
        found = self._query(query, statements.key(download_id))
        return bool(found) and found[0][0] in self._living() - {self.owner}

    def ask(self, download_id: str, action: Action) -> Future[None]:
        """Leave a request; the owner looks four times a second."""
        return self._submit(partial(statements.ask, download_id=download_id, action=action))

    def archived(self, source: str, target_id: str) -> Archived | None:
        """What was published for this target, if its files are still as they were."""
        query = "SELECT entry FROM archive WHERE source = ? AND target_id = ?"
        found = self._query(query, statements.key(source), statements.key(target_id))
        entry = codec.loads(Archived, found[0][0]) if found else None
        return entry if entry is not None and agrees(entry) else None

    def put(self, key: str, value: Any, *, expires_at: float | None = None) -> Future[None]:
        """Keep a JSON value; a wrong one is refused here and now."""
        body = None if value is None else json.dumps(value)
        return self._submit(partial(statements.put, name=key, body=body, expires_at=expires_at))

    def get(self, key: str) -> Any:
        """The value, or ``None``."""
        query = "SELECT body FROM value WHERE key = ? AND (expires_at IS NULL OR expires_at > ?)"
        found = self._query(query, statements.key(key), time.time())
        return json.loads(found[0][0]) if found else None

    def keys(self, prefix: str) -> list[str]:
        """The keys of unexpired values that start with ``prefix``, sorted."""
        # Stored keys are ASCII, so that everything with the prefix sorts before prefix + U+0080.
        query = """SELECT key FROM value WHERE key >= ?1 AND key < ?1 || char(128)
            AND (expires_at IS NULL OR expires_at > ?2)"""
        found = self._query(query, statements.key(prefix), time.time())
        return sorted(statements.unkey(row[0]) for row in found)

    def version(self) -> int:
        """A number that changes whenever the file has."""
        return int(self._query("PRAGMA data_version")[0][0])

    def requests(self) -> list[Request]:
        """What is asked of this owner's records."""
        query = """SELECT request.seq, download_id, action FROM request
            JOIN record ON record.id = download_id WHERE owner = ? ORDER BY request.seq"""
        return self._query(query, self.owner)

    def answered(self, seq: int) -> None:
        """Take a request off the list."""
        self._submit(partial(statements.answered, seq=seq)).result()

    def _submit(self, change: Callable[[Connection], Any]) -> Future[Any]:
        if self._opened is None:
            raise JournalError(f"{self.path} is not open; start the journal first")
        return self._opened[0].submit(change)

    def _query(self, sql: str, *parameters: Any) -> list[Any]:
        if self._opened is None:
            raise JournalError(f"{self.path} is not open; start the journal first")
        return self._opened[1].query(sql, *parameters)

    def _living(self) -> frozenset[str]:
        return owners.living(self._query("SELECT id, pid, host, beat FROM owner"))

    def _arrive(self, connection: Connection) -> None:
        owners.beat(connection, self.owner)
        statements.forget_the_dead(connection)
        statements.forget_expired(connection, time.time())

    def _depart(self, connection: Connection) -> None:
        statements.note(connection, self.owner, self._take_notes())
        statements.release(connection, self.owner)

    def _chores(self, settled: bool) -> Callable[[Connection], None]:
        # A note that is written before the save which it follows is lost: the save sets it back.
        return partial(self._do_chores, notes=self._take_notes() if settled else [])

    def _do_chores(self, connection: Connection, notes: list[tuple[str, int, int | None]]) -> None:
        statements.note(connection, self.owner, notes)
        if time.monotonic() >= self._next_beat:
            self._next_beat = time.monotonic() + owners.BEAT_SECONDS
            owners.beat(connection, self.owner)

    def _take_notes(self) -> list[tuple[str, int, int | None]]:
        notes, self._notes = self._notes, {}
        return [(name, *note) for name, note in list(notes.items())]
