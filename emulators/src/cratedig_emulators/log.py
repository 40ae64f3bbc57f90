"""What a service remembers of the requests it got, so that tests can look at a client's manners."""

from __future__ import annotations

import time
from collections.abc import Mapping
from fnmatch import fnmatchcase
from threading import Lock

from attrs import define, field

from cratedig_emulators.messages import Request


@define(kw_only=True)
class Seen:
    """One request. ``at`` and ``ended_at`` are :func:`time.monotonic` seconds.

    ``concurrency`` counts the requests under way when it came, itself included; ``sent`` is bytes of body;
    ``aborted`` says that the client hung up before the end; ``counted`` that it is under way.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    host: str
    port: int
    concurrency: int
    at: float = field(factory=time.monotonic)
    ended_at: float | None = None
    status: int = 0
    sent: int = 0
    aborted: bool = False
    counted: bool = True


@define
class RequestLog:
    """Every request in the order of arrival. Read it from any thread."""

    _seen: list[Seen] = field(factory=list)
    _active: int = 0
    _lock: Lock = field(factory=Lock)

    def begin(self, request: Request, port: int) -> Seen:
        """Write a request down."""
        with self._lock:
            self._active += 1
            seen = Seen(
                method=request.method,
                path=request.path,
                query=request.query,
                headers=request.headers,
                body=request.body,
                host=request.host,
                port=port,
                concurrency=self._active,
            )
            self._seen.append(seen)
        return seen

    def release(self, seen: Seen) -> None:
        """Stop counting it as under way. Called ahead of the last byte: the client may act on it at once."""
        with self._lock:
            self._active -= seen.counted
            seen.counted = False

    def end(self, seen: Seen) -> None:
        """Note that it has been answered, or given up."""
        self.release(seen)
        with self._lock:
            seen.ended_at = time.monotonic()

    def all(self, glob: str = "*") -> list[Seen]:
        """Return the requests whose decoded path fits ``glob``."""
        with self._lock:
            return [seen for seen in self._seen if fnmatchcase(seen.path, glob)]

    @property
    def active(self) -> int:
        """How many requests are under way now."""
        with self._lock:
            return self._active

    def clear(self) -> None:
        """Forget what has been seen."""
        with self._lock:
            self._seen.clear()
