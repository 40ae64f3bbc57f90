"""Opening the file: whose it is, which version, and the way up from older ones."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from cratedig._errors import JournalError
from cratedig._journal.sqlite.faults import damaged, fault, primary_code

APPLICATION_ID = 0x63726467
"""``crdg`` in the file's header, so that another program's database is never taken for a journal."""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE record (
            seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, owner TEXT, state TEXT NOT NULL,
            terminal INTEGER NOT NULL, noted INTEGER, noted_size INTEGER,
            download TEXT NOT NULL, plan TEXT NOT NULL)""",
        "CREATE INDEX record_open ON record (owner) WHERE terminal = 0",
        """CREATE TABLE archive (
            source TEXT NOT NULL, target_id TEXT NOT NULL, entry TEXT NOT NULL,
            PRIMARY KEY (source, target_id)) WITHOUT ROWID""",
        """CREATE TABLE owner (
            id TEXT PRIMARY KEY, pid INTEGER NOT NULL, host TEXT NOT NULL, beat REAL NOT NULL)""",
        """CREATE TABLE request (
            seq INTEGER PRIMARY KEY, download_id TEXT NOT NULL, action TEXT NOT NULL,
            UNIQUE (download_id, action))""",
        "CREATE TABLE value (key TEXT PRIMARY KEY, body TEXT NOT NULL, expires_at REAL) WITHOUT ROWID",
    ),
)
"""The statements that lead from version n to n + 1. Never change one that was released; add the next."""

BUSY_SECONDS = 30.0
"""How long one statement waits for another process to finish its transaction."""


def open_store(path: Path) -> sqlite3.Connection:
    """A connection for writing, the schema brought up to date.

    A new file is readable by its owner only, and so is its folder if it is made here.

    :raises JournalError: not readable, damaged, another program's, or of a newer version; left as it was.
    """
    try:
        _make_file(path)
        return _prepared(connect(path), path)
    except (sqlite3.Error, OSError) as error:
        raise fault(path, error) from error


def connect(path: Path) -> sqlite3.Connection:
    """A connection in autocommit mode that may wander between threads, one at a time."""
    return sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)


def _make_file(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    log = path.with_name(path.name + "-wal")
    if path.stat().st_size == 0 and log.exists() and log.stat().st_size:
        # SQLite would take the empty file for a new one and delete the log that may hold all there is.
        raise damaged(path, f"it is empty but {log.name} is not")


def _prepared(connection: sqlite3.Connection, path: Path) -> sqlite3.Connection:
    try:
        _refuse_strangers(connection, path)
        _use_wal(connection)
        _migrate(connection, path)
        _check(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _refuse_strangers(connection: sqlite3.Connection, path: Path) -> None:
    version = _pragma(connection, "user_version")
    if _pragma(connection, "application_id") != APPLICATION_ID:
        if version or _pragma(connection, "schema_version"):
            raise JournalError(f"{path} is another program's database; name another file for the journal")
    elif version > len(MIGRATIONS):
        raise JournalError(
            f"{path} was written by a newer cratedig (journal version {version}, this one knows"
            f" {len(MIGRATIONS)}); upgrade cratedig or name another file"
        )


def _use_wal(connection: sqlite3.Connection) -> None:
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").close()
        except sqlite3.OperationalError as error:
            # Changing the mode does not honour the busy time-out when two processes do it at once.
            if primary_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    if _pragma(connection, "user_version") == len(MIGRATIONS):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Another process may have been first; or, in between, a newer version.
        _refuse_strangers(connection, path)
        for statements in MIGRATIONS[_pragma(connection, "user_version") :]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _check(connection: sqlite3.Connection, path: Path) -> None:
    with closing(connection.execute("PRAGMA quick_check(1)")) as found:
        verdict = found.fetchone()[0]
    if verdict != "ok":
        raise damaged(path, verdict)


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    with closing(connection.execute(f"PRAGMA {name}")) as found:
        return int(found.fetchone()[0])
