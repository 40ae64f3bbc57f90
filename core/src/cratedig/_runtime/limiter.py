"""The rate limiter port and its in-process default.

pyrate-limiter's in-memory bucket does the counting: an exact log of the window, safe across threads, with
rates that can be replaced while in use. Its own waiting is bound to one loop or thread and knows no pause,
so the waiting is done here, on whichever loop the caller is.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Protocol

from pyrate_limiter import InMemoryBucket, RateItem
from pyrate_limiter import Rate as WindowRate

from cratedig._plugins import Rate

_SEARCHES = "/searches"

MARGIN = 0.02
"""The window is stretched by this share: a permit taken and the request arriving are not the same moment."""


class RateLimiter(Protocol):
    """Permits to send one request to a source. Attempts are charged, whatever becomes of them.

    A source's searches are counted for themselves, too, under the name that :func:`searches_of` makes.
    """

    async def acquire(self, source: str) -> None:
        """Wait for a permit; may be awaited on any event loop."""
        ...

    def set_rate(self, source: str, rate: Rate | None) -> None:
        """Change a source's rate from now on; ``None`` lifts it. What was taken already still counts."""
        ...

    def pause(self, source: str, seconds: float) -> None:
        """Hand out no permit for a while; a longer pause that is under way stays."""
        ...

    def paused_for(self, source: str) -> float:
        """Seconds until the pause ends, 0 when there is none."""
        ...


def searches_of(source: str) -> str:
    """The name under which a source's searches are counted."""
    return f"{source}{_SEARCHES}"


class _Gate:
    """One source's window and pause."""

    def __init__(self) -> None:
        self.paused_until = 0.0
        self.bucket: InMemoryBucket | None = None

    def set_rate(self, rate: Rate | None) -> None:
        if rate is None:
            self.bucket = None
        elif self.bucket is None:
            self.bucket = InMemoryBucket([_window(rate)])
        else:
            self.bucket.rates = [_window(rate)]

    def wait(self, now: float) -> float:
        """Take a permit and return 0, or say for how many seconds there is none."""
        if now < self.paused_until:
            return self.paused_until - now
        bucket = self.bucket
        if bucket is None:
            return 0.0
        item = RateItem("request", int(now * 1000))
        bucket.leak(item.timestamp)
        if bucket.put(item):
            return 0.0
        waiting = bucket.waiting(item)
        return max(0.001, (waiting + 1) / 1000) if isinstance(waiting, int) else 0.25


class InProcessRateLimiter:
    """Holds for all callers of this process, on any loops; ``clock`` gives seconds that only grow."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._gates: dict[str, _Gate] = {}
        self._lock = threading.Lock()

    async def acquire(self, source: str) -> None:
        """Wait until a request to ``source`` is due, and charge it."""
        gate = self._gate(source)
        while True:
            with self._lock:
                seconds = gate.wait(self._clock())
            if not seconds:
                return
            # In short steps, so that a rate that was raised or a pause that was lifted is felt at once.
            await asyncio.sleep(min(seconds, 0.25))

    def set_rate(self, source: str, rate: Rate | None) -> None:
        """See :class:`RateLimiter`."""
        gate = self._gate(source)
        with self._lock:
            gate.set_rate(rate)

    def pause(self, source: str, seconds: float) -> None:
        """See :class:`RateLimiter`."""
        gate = self._gate(source)
        with self._lock:
            gate.paused_until = max(gate.paused_until, self._clock() + seconds)

    def paused_for(self, source: str) -> float:
        """See :class:`RateLimiter`."""
        return max(0.0, self._gate(source).paused_until - self._clock())

    def _gate(self, source: str) -> _Gate:
        with self._lock:
            return self._gates.setdefault(source, _Gate())


def _window(rate: Rate) -> WindowRate:
    return WindowRate(rate.count, int(rate.period * 1000 * (1 + MARGIN)) + 5)
