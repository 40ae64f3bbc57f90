"""What the writer does inside a transaction, one function per change."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from cratedig._errors import JournalError
from cratedig._journal import codec
from cratedig._journal.archive import entries
from cratedig._journal.port import Action, Archived, Row
from cratedig._journal.sqlite import owners

_SELECT = "SELECT id, owner, terminal, noted, noted_size, download, plan FROM record"
ALL_RECORDS = f"{_SELECT} ORDER BY seq"
OPEN_RECORDS = f"{_SELECT} WHERE terminal = 0 ORDER BY seq"
ONE_RECORD = f"{_SELECT} WHERE id = ?"
Record = tuple[str, str | None, int, int | None, int | None, str, str]

_SAVE = """
    INSERT INTO record (id, owner, state, terminal, download, plan) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET state = excluded.state, terminal = excluded.terminal, noted = NULL,
        noted_size = NULL, download = excluded.download, plan = excluded.plan
    WHERE record.owner = excluded.owner"""
_LARGEST = 2**63 - 1


def key(text: str) -> str:
    """``text`` in printable ASCII, one to one and prefix by prefix: SQLite takes no lone surrogates."""
    return json.dumps(text)[1:-1]


def unkey(text: str) -> str:
    """The text that :func:`key` made ``text`` of."""
    return str(json.loads(f'"{text}"'))


def save(connection: sqlite3.Connection, owner: str, row: Row) -> None:
    """Write the record if ``owner`` holds it or nobody has it yet, and what it published."""
    download = row.download
    state = download.state
    values = (
        key(download.id),
        owner,
        str(state),
        state.terminal,
        codec.dumps(download),
        codec.dumps(row.plan),
    )
    if connection.execute(_SAVE, values).rowcount != 1:
        raise JournalError(
            f"download {download.id} belongs to another process by now; this change to it was not kept"
        )
    for entry in entries(row):
        _archive(connection, entry)


def _archive(connection: sqlite3.Connection, entry: Archived) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO archive (source, target_id, entry) VALUES (?, ?, ?)",
        (key(entry.source), key(entry.target_id), codec.dumps(entry)),
    )


def note(connection: sqlite3.Connection, owner: str, notes: Iterable[tuple[str, int, int | None]]) -> None:
    """Write how far the records have come."""
    connection.executemany(
        "UPDATE record SET noted = ?, noted_size = ? WHERE id = ? AND owner = ? AND terminal = 0",
        [
            (min(transferred, _LARGEST), size if size is None else min(size, _LARGEST), key(name), owner)
            for name, transferred, size in notes
        ],
    )


def delete(connection: sqlite3.Connection, owner: str, download_ids: Iterable[str]) -> None:
    """Forget records, except what another living owner works on."""
    others = _living(connection) - {owner}
    for name in map(key, download_ids):
        found = connection.execute("SELECT owner, terminal FROM record WHERE id = ?", (name,)).fetchone()
        if found is not None and (found[1] or found[0] not in others):
            connection.execute("DELETE FROM record WHERE id = ?", (name,))
            connection.execute("DELETE FROM request WHERE download_id = ?", (name,))


def adopt(connection: sqlite3.Connection, owner: str, download_ids: Iterable[str] | None) -> list[Record]:
    """Make ``owner`` the holder of what is orphaned, or of the given ones that nobody works on."""
    alive = _living(connection) | {owner}
    if download_ids is None:
        found: list[Record] = connection.execute(OPEN_RECORDS).fetchall()
    else:
        found = _these(connection, download_ids)
    taken = [record for record in found if record[2] or record[1] not in alive]
    connection.executemany("UPDATE record SET owner = ? WHERE id = ?", [(owner, it[0]) for it in taken])
    # What was asked of an earlier life of a record that had ended does not concern its next one.
    connection.executemany("DELETE FROM request WHERE download_id = ?", [(it[0],) for it in taken if it[2]])
    return [(it[0], owner, *it[2:]) for it in taken]


def _these(connection: sqlite3.Connection, download_ids: Iterable[str]) -> list[Record]:
    names = dict.fromkeys(map(key, download_ids))
    found = (connection.execute(ONE_RECORD, (name,)).fetchone() for name in names)
    return [record for record in found if record is not None]


def release(connection: sqlite3.Connection, owner: str) -> None:
    """Give up everything that ``owner`` holds, and its name."""
    connection.execute("UPDATE record SET owner = NULL WHERE owner = ?", (owner,))
    connection.execute("DELETE FROM owner WHERE id = ?", (owner,))


def forget_the_dead(connection: sqlite3.Connection) -> None:
    """Strike owners that are dead off the list; their records stay theirs until somebody adopts them."""
    names = {row[0] for row in connection.execute("SELECT id FROM owner")}
    connection.executemany("DELETE FROM owner WHERE id = ?", [(it,) for it in names - _living(connection)])


def ask(connection: sqlite3.Connection, download_id: str, action: Action) -> None:
    """Leave a request, once, if there is such a record."""
    connection.execute(
        "INSERT OR IGNORE INTO request (download_id, action) SELECT id, ? FROM record WHERE id = ?",
        (str(action), key(download_id)),
    )


def answered(connection: sqlite3.Connection, seq: int) -> None:
    """Take a request off the list."""
    connection.execute("DELETE FROM request WHERE seq = ?", (seq,))


def put(connection: sqlite3.Connection, name: str, body: str | None, expires_at: float | None) -> None:
    """Keep a value that is JSON text; ``None`` removes it."""
    if body is None:
        connection.execute("DELETE FROM value WHERE key = ?", (key(name),))
        return
    connection.execute(
        "INSERT OR REPLACE INTO value (key, body, expires_at) VALUES (?, ?, ?)",
        (key(name), body, expires_at),
    )


def forget_expired(connection: sqlite3.Connection, now: float) -> None:
    """Remove values whose time is over."""
    connection.execute("DELETE FROM value WHERE expires_at <= ?", (now,))


def _living(connection: sqlite3.Connection) -> frozenset[str]:
    return owners.living(connection.execute("SELECT id, pid, host, beat FROM owner").fetchall())
