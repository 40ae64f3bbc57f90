"""A lock between processes, held while a file is read, changed and replaced."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PATIENCE = 10.0
"""Seconds to wait for another process; it needs milliseconds, so more means that it hangs."""

_NOT_SUPPORTED = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL}


@contextmanager
def file_lock(path: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the lock on ``path``, which is created and stays. The system releases it when a process dies.

    :raises TimeoutError: another process held it all the time.
    :raises OSError: the file cannot be created.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        _wait(handle, path, time.monotonic() + patience)
        yield
    finally:
        with suppress(OSError):
            _release(handle)
        os.close(handle)


def _wait(handle: int, path: Path, deadline: float) -> None:
    while True:
        try:
            return _take(handle)
        except OSError as error:
            if error.errno in _NOT_SUPPORTED:
                return None  # a network file system without locks: the last writer of the file wins
            if time.monotonic() > deadline:
                raise TimeoutError(errno.ETIMEDOUT, "another process keeps it locked", str(path)) from None
        time.sleep(0.005)


if sys.platform == "win32":
    import msvcrt

    def _take(handle: int) -> None:
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

    def _release(handle: int) -> None:
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _take(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _release(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)
