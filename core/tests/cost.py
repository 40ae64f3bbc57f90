"""What work costs, as a ratio of CPU times, which a slow machine and a busy one leave as it is."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence

ROUNDS = 3
"""Measurements, of which the cheapest counts: other work makes one dearer, never cheaper."""


def cpu_seconds(work: Callable[[], object]) -> float:
    """CPU seconds of this thread for one call, at the cheapest of several."""
    return min(_once(work) for _ in range(ROUNDS))


def ratio(work: Callable[[], object], other: Callable[[], object]) -> float:
    """How many times as much CPU ``work`` takes as ``other``."""
    return cpu_seconds(work) / max(cpu_seconds(other), 1e-9)


def growth(work: Callable[[int], object], sizes: Sequence[int]) -> float:
    """The exponent with which the cost grows with the size: 1 is linear, 2 the square.

    ``work`` is called with the first and the last of the sizes; the first should take a millisecond at least.
    """
    first, last = sizes[0], sizes[-1]
    return math.log(ratio(lambda: work(last), lambda: work(first))) / math.log(last / first)


def _once(work: Callable[[], object]) -> float:
    started = time.thread_time()
    work()
    return time.thread_time() - started
