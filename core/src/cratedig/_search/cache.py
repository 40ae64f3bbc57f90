"""Answers that are used again for a while. One for each lane, so it needs no lock."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")

MAX_ENTRIES = 256


class Cache(Generic[T]):
    """Keeps values for ``ttl`` seconds of ``clock``; the oldest go when there are too many."""

    def __init__(self, ttl: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._ttl = ttl
        self._clock = clock
        self._kept: OrderedDict[Hashable, tuple[float, T]] = OrderedDict()

    def get(self, key: Hashable) -> T | None:
        """The value, if it is there and fresh."""
        kept = self._kept.get(key)
        if kept is None:
            return None
        if self._clock() > kept[0]:
            self._kept.pop(key, None)
            return None
        return kept[1]

    def put(self, key: Hashable, value: T) -> None:
        """Keep a value."""
        if self._ttl <= 0:
            return
        self._kept[key] = (self._clock() + self._ttl, value)
        self._kept.move_to_end(key)
        while len(self._kept) > MAX_ENTRIES:
            self._kept.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()
