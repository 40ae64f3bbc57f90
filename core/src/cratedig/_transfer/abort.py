"""Ending blocking network I/O from another thread."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Mapping
from typing import Any


class AbortedError(Exception):
    """The transfer was told to end. It never leaves this package."""


class Abort:
    """Shared by the thread that transfers and the one that may want it to end.

    The socket is duplicated as soon as it is connected: shutting the duplicate down ends every read and
    write on the connection, TLS or not, reused or not, without touching an object the other thread uses.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._event = threading.Event()
        self._sockets: list[socket.socket] = []
        self.connecting = False
        """Whether the thread is in name resolution or connecting, which nothing can interrupt."""

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Take httpcore's ``trace`` extension, which tells of every connection that is opened."""
        if event.endswith("connect_tcp.started"):
            self.check()
            self.connecting = True
        elif event.endswith(("connect_tcp.complete", "connect_tcp.failed")):
            self.connecting = False
            stream = info.get("return_value")
            if stream is not None:
                self._hold(stream.get_extra_info("socket"))
            if self._event.is_set():
                if stream is not None:
                    # The client does not have the connection yet, so nobody else would close it.
                    stream.close()
                raise AbortedError

    def _hold(self, sock: object) -> None:
        if not isinstance(sock, socket.socket):
            return
        with self._lock:
            self._sockets.append(sock.dup())

    def abort(self) -> None:
        """End it: whatever blocks on one of the connections returns at once."""
        with self._lock:
            self._event.set()
            for sock in self._sockets:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)

    def check(self) -> None:
        """Raise :class:`AbortedError` when it was told to end."""
        if self._event.is_set():
            raise AbortedError

    def wait(self, seconds: float) -> None:
        """Pause, but not beyond an abort."""
        self._event.wait(seconds)
        self.check()

    def close(self) -> None:
        """Give back the duplicates."""
        with self._lock:
            for sock in self._sockets:
                sock.close()
            self._sockets.clear()
