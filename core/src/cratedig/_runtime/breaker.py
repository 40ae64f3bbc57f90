"""A circuit breaker: after repeated outages a source is left alone, then probed by one caller.

closed ──failures──▶ open ──pause over──▶ half-open ──one probe──▶ closed | open (longer)
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from cratedig._journal.port import Journal


class BreakerState(StrEnum):
    """Whether calls go through."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@frozen(kw_only=True)
class BreakerPolicy:
    """``failures`` in a row open it for ``pause`` seconds, doubled at each failed probe up to ``longest``."""

    failures: int = 5
    pause: float = 30.0
    longest: float = 900.0


class Breaker:
    """One source's breaker; callable from any thread.

    An open one is kept in the journal under ``key``, where :meth:`restore` finds it after a restart.
    ``clock`` gives seconds since 1970, which mean the same to the next process.
    """

    def __init__(
        self, policy: BreakerPolicy, journal: Journal, key: str, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._policy = policy
        self._journal = journal
        self._key = key
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._opened = 0
        self._until = 0.0
        self._probing = False
        self.reason = ""

    @property
    def state(self) -> BreakerState:
        """Where it stands now."""
        if not self._opened:
            return BreakerState.CLOSED
        return BreakerState.OPEN if self._clock() < self._until else BreakerState.HALF_OPEN

    @property
    def remaining(self) -> float:
        """Seconds until a probe is allowed, 0 when calls go through."""
        return max(0.0, self._until - self._clock()) if self._opened else 0.0

    def admit(self) -> bool:
        """Whether the caller may go ahead now. Half-open admits one caller until it has reported back."""
        if not self._opened:
            return True
        with self._lock:
            if self.state is BreakerState.OPEN or self._probing:
                return not self._opened
            self._probing = True
            return True

    async def admitted(self) -> None:
        """Wait until the caller may go ahead."""
        while not self.admit():
            await asyncio.sleep(min(max(self.remaining, 0.05), 1.0))

    def success(self) -> None:
        """The service answered, be it with an error of its own."""
        if not (self._failures or self._opened):
            return
        with self._lock:
            was_open = self._opened
            self._failures = self._opened = 0
            self._probing = False
            self.reason = ""
        if was_open:
            self._journal.put(self._key, None)

    def failure(self, reason: str) -> None:
        """The service did not answer."""
        with self._lock:
            self._failures += 1
            opens = self._probing or self._failures >= self._policy.failures
            self._probing = False
            if not opens:
                return
            self._open(reason)
        self._keep()

    def trip(self, reason: str) -> None:
        """Open it at once."""
        with self._lock:
            self._open(reason)
        self._keep()

    def release(self) -> None:
        """The admitted caller went away without an answer (cancelled): let another one probe."""
        with self._lock:
            self._probing = False

    def restore(self) -> None:
        """Take over what an earlier process has kept; anything malformed is ignored."""
        memory: object = self._journal.get(self._key)
        if not isinstance(memory, dict):
            return
        until, opened = memory.get("until"), memory.get("opened")
        if isinstance(until, int | float) and isinstance(opened, int) and opened > 0:
            with self._lock:
                self._until, self._opened = float(until), opened
                self.reason = str(memory.get("reason", ""))

    def _keep(self) -> None:
        self._journal.put(self._key, {"until": self._until, "opened": self._opened, "reason": self.reason})

    def _open(self, reason: str) -> None:
        if self._opened and self._clock() < self._until:
            return
        self._opened += 1
        self._failures = 0
        pause = min(self._policy.pause * 2 ** (self._opened - 1), self._policy.longest)
        self._until = self._clock() + pause
        self.reason = reason
