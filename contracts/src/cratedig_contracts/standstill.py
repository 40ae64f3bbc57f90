"""Whose doing it is that a loop stands still: the source's, or that of a machine with no time for it.

A thread beside the loop sleeps for a turn, again and again. Where the machine stands still, it does as well;
where it comes round and the loop does not, or where the loop's own thread has computed meanwhile, it is what
runs on the loop that stands still.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import field, frozen

from cratedig_contracts.patience import BEAT

FEW = 5
"""Turns of the other thread; a loop that is free to go on misses hardly more than one."""

_SCHEDULE = Path("/proc/thread-self/schedstat")
"""Where Linux tells how long this thread has waited for a processor."""


class _Beside:
    """The thread beside all loops, while somebody wants it."""

    def __init__(self) -> None:
        self.turns = 0
        self.runs = False

    @contextmanager
    def running(self) -> Iterator[None]:
        over = threading.Event()

        def turn() -> None:
            while not over.wait(BEAT):
                self.turns += 1

        thread = threading.Thread(target=turn, name="cratedig-contracts-beside", daemon=True)
        self.runs = True
        thread.start()
        try:
            yield
        finally:
            self.runs = False
            over.set()
            thread.join()


_beside = _Beside()
beside = _beside.running
"""Have the other thread run, so that what :attr:`Call.blocked` tells is known; for one at a time."""


def _waited() -> float:
    """Seconds that this thread has wanted a processor and had none; 0 where that is not known."""
    if not _beside.runs:
        return 0.0
    try:
        return int(_SCHEDULE.read_text(encoding="ascii").split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0


@frozen
class Moment:
    """Where this thread and the other one are now."""

    at: float = field(factory=time.monotonic)
    computed: float = field(factory=time.thread_time)
    waited: float = field(factory=_waited)
    turns: int = field(factory=lambda: _beside.turns)

    def stood(self) -> float:
        """Seconds since then, beyond a turn."""
        return time.monotonic() - self.at - BEAT

    def blocked(self) -> float:
        """How many of them are certainly the doing of what ran in this thread."""
        computed = time.thread_time() - self.computed
        own = self.stood() - (_waited() - self.waited)
        others_went_on = _beside.turns - self.turns >= FEW
        return max(computed, own) if others_went_on else computed
