"""One permit a request, and none twice.

The engine takes a permit before it calls a hook, so that sources with HTTP clients of their own are held
too. The first request that the hook then sends through ``context.http`` uses that permit up; every further
one takes its own. A permit that has lain around is not used: its window is no longer the request's.
"""

from __future__ import annotations

import time
from contextvars import ContextVar

from cratedig._runtime.limiter import RateLimiter

FRESH_FOR = 0.02
"""Seconds for which a permit taken for the hook call may stand for its first request."""


class Permits:
    """The permits of one hook call."""

    __slots__ = ("_limiter", "_prepaid_at", "_source")

    def __init__(self, limiter: RateLimiter, source: str) -> None:
        self._limiter = limiter
        self._source = source
        self._prepaid_at = 0.0

    async def prepay(self) -> None:
        """Take the permit for the call itself."""
        await self._limiter.acquire(self._source)
        self._prepaid_at = time.monotonic()

    async def take(self) -> None:
        """Take the permit for one request within the call."""
        prepaid_at, self._prepaid_at = self._prepaid_at, 0.0
        if time.monotonic() - prepaid_at > FRESH_FOR:
            await self._limiter.acquire(self._source)


current: ContextVar[Permits | None] = ContextVar("cratedig_permits", default=None)
