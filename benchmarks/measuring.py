"""Timing, repetition and the table that every benchmark prints into."""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One comparison: ours against the alternative; ``ratio`` is better when it is higher or lower."""

    what: str
    ours: str
    other: str
    ratio: float
    target: float
    higher_is_better: bool = True

    @property
    def met(self) -> bool:
        """Whether the target is reached."""
        return self.ratio >= self.target if self.higher_is_better else self.ratio <= self.target

    def __str__(self) -> str:
        sign = ">=" if self.higher_is_better else "<="
        mark = "ok  " if self.met else "MISS"
        both = f"{self.ours:>22} | {self.other:>28}"
        return f"{mark} {self.what:<46} {both} | {self.ratio:8.2f} ({sign} {self.target:g})"


def in_turn(ours: Callable[[], float], other: Callable[[], float], rounds: int = 5) -> tuple[float, float]:
    """Medians of both, measured turn by turn so that what else the machine does hits both alike."""
    pairs = [(ours(), other()) for _ in range(rounds)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def cpu_seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Wall time and CPU time, children included, of one call."""
    before = _cpu()
    wall = seconds(work)
    return wall, _cpu() - before


def _cpu() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
