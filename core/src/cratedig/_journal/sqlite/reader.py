"""The connection that reads, and rows made of what it finds."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Container
from pathlib import Path
from typing import Any

from attrs import evolve

from cratedig._errors import JournalError
from cratedig._journal import codec
from cratedig._journal.port import Row
from cratedig._journal.sqlite.faults import fault
from cratedig._journal.sqlite.schema import connect
from cratedig._journal.sqlite.statements import Record
from cratedig._model import Download, Plan

_log = logging.getLogger("cratedig.journal")


class Reader:
    """One query at a time, from any thread; readers never wait for the writer."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._connection = connect(path)
        self._connection.execute("PRAGMA query_only = ON")

    def query(self, sql: str, *parameters: Any) -> list[Any]:
        """All rows of the answer.

        :raises JournalError: the file cannot be read, or the journal is closed.
        """
        try:
            with self._lock:
                return self._connection.execute(sql, parameters).fetchall()
        except sqlite3.ProgrammingError as error:
            raise JournalError(f"{self._path} is closed") from error
        except sqlite3.Error as error:
            raise fault(self._path, error) from error

    def close(self) -> None:
        """End the connection."""
        with self._lock:
            self._connection.close()


def as_rows(records: list[Record], alive: Container[str | None]) -> list[Row]:
    """The records as rows. One that this version cannot read is left out, and the log says which."""
    rows = []
    for record in records:
        try:
            rows.append(_as_row(record, alive))
        except (TypeError, ValueError) as error:
            _log.warning("download %s is in the journal but cannot be read: %s", record[0], error)
    return rows


def _as_row(record: Record, alive: Container[str | None]) -> Row:
    _, owner, terminal, noted, noted_size, download, plan = record
    found = codec.loads(Download, download)
    return Row(
        download=found if noted is None else _progressed(found, noted, noted_size),
        plan=codec.loads(Plan, plan),
        owner=owner if not terminal and owner in alive else None,
    )


def _progressed(download: Download, transferred: int, size: int | None) -> Download:
    total = size or download.size
    percent = min(100.0, 100 * transferred / total) if total else download.progress
    return evolve(download, transferred=transferred, size=total, progress=percent)
