"""From what a host passes as ``journal=`` to a journal."""

from __future__ import annotations

from pathlib import Path

from cratedig._journal.memory import MemoryJournal
from cratedig._journal.port import Journal


def open_journal(where: str | Path | Journal | None = None) -> Journal:
    """The journal that ``where`` stands for, not started yet.

    ``None`` and ``"memory"`` are records that end with the process, a path is an SQLite file (``~`` is the
    home folder; it is created when missing), a journal is itself.
    """
    if where is None or where == "memory":
        return MemoryJournal()
    if isinstance(where, str | Path):
        # sqlite3 costs import time that only those who store pay.
        from cratedig._journal.sqlite import SqliteJournal  # noqa: PLC0415

        return SqliteJournal(Path(where).expanduser())
    return where
