"""Who is alive: the running engines that share a journal."""

from __future__ import annotations

import os
import platform
import sqlite3
import time
from functools import cache
from pathlib import Path

BEAT_SECONDS = 1.0
"""How often a running engine says that it is there."""

LIFE_SECONDS = 10.0
"""An owner that has not been heard of for this long is dead, on whatever machine it was."""

_HERE: set[str] = set()
"""The owners of this very process. A row with our process id that is not among them is a namesake's."""

Owner = tuple[str, int, str, float]


@cache
def host() -> str:
    """Where process ids mean the same as here: the machine's name and, on Linux, the pid namespace."""
    namespace = Path("/proc/self/ns/pid")
    try:
        return f"{platform.node()} {namespace.readlink()}"
    except OSError:
        return platform.node()


def arrive(owner: str) -> None:
    """``owner`` is an engine of this process."""
    _HERE.add(owner)


def leave(owner: str) -> None:
    """``owner`` is no longer one."""
    _HERE.discard(owner)


def beat(connection: sqlite3.Connection, owner: str) -> None:
    """Say that ``owner`` is alive now."""
    connection.execute(
        "INSERT OR REPLACE INTO owner (id, pid, host, beat) VALUES (?, ?, ?, ?)",
        (owner, os.getpid(), host(), time.time()),
    )


def living(owners: list[Owner]) -> frozenset[str]:
    """Those of the ``owner`` table's rows whose process is alive."""
    now = time.time()
    return frozenset(name for name, pid, where, at in owners if _lives(name, pid, where, now - at))


def _lives(name: str, pid: int, where: str, age: float) -> bool:
    if name in _HERE:
        return True
    # A clock that was set back leaves beats in the future; they count like old ones.
    return abs(age) < LIFE_SECONDS and (where != host() or (pid != os.getpid() and _exists(pid)))


def _exists(pid: int) -> bool:
    if os.name == "nt":
        # There, signal 0 is Ctrl-C. The heartbeat has to do.
        return True
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
