"""SQLite's errors in words that say which file it is and what to do."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from cratedig._errors import JournalError

_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_DAMAGED = frozenset({sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT})


def damaged(path: Path, what: str) -> JournalError:
    """The file is there but cannot be believed."""
    return JournalError(
        f"{path} cannot be read as a journal: {what}. It was left as it is. To begin with an empty one, move"
        f" it aside together with its -wal file; to save what is in it, try: sqlite3 {path} .recover"
    )


def fault(path: Path, error: BaseException) -> JournalError:
    """What ``error`` means for the person whose journal is at ``path``."""
    code = primary_code(error)
    if code in _DAMAGED:
        return damaged(path, str(error))
    if code in _BUSY:
        return JournalError(f"{path} is locked by another program for too long; close that program ({error})")
    if code == sqlite3.SQLITE_FULL:
        return JournalError(f"{path} cannot be written: the disk is full; make room and try again")
    if code == sqlite3.SQLITE_CANTOPEN or isinstance(error, OSError):
        return JournalError(f"{path} cannot be opened ({error}); it must be a file you may read and write")
    return JournalError(f"{path}: {error}")


def primary_code(error: BaseException) -> int | None:
    """SQLite's result code without its extension, ``None`` for any other error."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF
