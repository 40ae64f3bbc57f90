"""Telling listeners what happens, in the order in which it happened."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable

from cratedig._model import DownloadEvent

log = logging.getLogger("cratedig.downloads")

Listener = Callable[[DownloadEvent], None]


class Announcing:
    """Hands events on, one at a time, on the thread of whoever has one; listeners may call the engine."""

    def __init__(self) -> None:
        self._listeners: tuple[Listener, ...] = ()
        self._waiting: deque[DownloadEvent] = deque()
        self._busy = False
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        """Whether anybody listens."""
        return bool(self._listeners)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` with every event from now on; returns how to stop."""
        with self._lock:
            self._listeners = (*self._listeners, listener)
        return lambda: self._unlisten(listener)

    def put(self, event: DownloadEvent) -> None:
        """Note an event; :meth:`flush` tells about it. Does not call anybody."""
        self._waiting.append(event)

    def flush(self) -> None:
        """Tell what is waiting, unless somebody is at it already, who then tells that as well."""
        while self._begin():
            try:
                self._tell(self._waiting.popleft())
            finally:
                self._busy = False

    def _begin(self) -> bool:
        with self._lock:
            if self._busy or not self._waiting:
                return False
            self._busy = True
            return True

    def _tell(self, event: DownloadEvent) -> None:
        for listener in self._listeners:
            try:
                listener(event)
            except Exception:
                log.exception("a listener to events failed")

    def _unlisten(self, listener: Listener) -> None:
        with self._lock:
            self._listeners = tuple(other for other in self._listeners if other is not listener)
