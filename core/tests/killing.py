"""The moments at which a process of a test kills itself; see :mod:`core.tests.forks`."""

from __future__ import annotations

import os
import signal
from typing import Any

from cratedig import Kind
from cratedig._journal.sqlite import SqliteJournal


def die(*_: Any, **__: Any) -> Any:
    """Be killed."""
    os.kill(os.getpid(), signal.SIGKILL)


def before(owner: Any, name: str) -> None:
    """Be killed instead of doing that."""
    setattr(owner, name, die)


def after(owner: Any, name: str) -> None:
    """Be killed as soon as that is done."""
    real = getattr(owner, name)
    setattr(owner, name, lambda *args, **more: (real(*args, **more), die()))


def at_commit(when: str, kind: Kind | None = None) -> None:
    """Be killed before or after it is durable that a record, of that kind, is completed."""
    save = SqliteJournal.save

    def saved(self: SqliteJournal, record: Any) -> Any:
        if str(record.state) == "Completed" and kind in (None, record.kind):
            if when == "after":
                save(self, record).result()
            die()
        return save(self, record)

    SqliteJournal.save = saved  # type: ignore[method-assign]
