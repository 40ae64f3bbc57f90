"""A clock that stands still until the test turns it: what the engine measures by it comes due when told to.

Where time stands still nothing that is well can be late, however slow the machine is. Loops and threads keep
the time of the system.
"""

from __future__ import annotations

import time
from types import ModuleType

import pytest

from cratedig import DownloadEngine
from cratedig._downloads import early, outcomes, pulse, record, run

DEADLINES: tuple[ModuleType, ...] = (early, outcomes, pulse, record, run)
"""Whose time the deadlines of a download are kept by; that for a loop to answer is the lane's own."""


class Clock:
    """Stands in for the module ``time``."""

    sleep = staticmethod(time.sleep)

    def __init__(self) -> None:
        self._started = time.monotonic(), time.time()
        self._turned = 0.0

    def turn(self, seconds: float) -> None:
        """Let so much time pass at once."""
        self._turned += seconds

    def monotonic(self) -> float:
        """As ``time.monotonic``."""
        return self._started[0] + self._turned

    def time(self) -> float:
        """As ``time.time``."""
        return self._started[1] + self._turned


def turned(monkeypatch: pytest.MonkeyPatch, *modules: ModuleType) -> Clock:
    """The clock of these modules from now on; without any, of those that keep :data:`DEADLINES`."""
    clock = Clock()
    for module in modules or DEADLINES:
        monkeypatch.setattr(module, "time", clock)
    return clock


class Beats:
    """The pulse of an engine, which from now on beats only when the test says so."""

    def __init__(self, engine: DownloadEngine, clock: Clock) -> None:
        self._pulse = engine._parts.pulse
        self._clock = clock
        self._pulse.stop()

    def look(self) -> None:
        """Look at everything, and let no time pass."""
        self._pulse.beat()

    def after(self, seconds: float) -> None:
        """Let time pass, then look at everything."""
        self._clock.turn(seconds)
        self._pulse.beat()
