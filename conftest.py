"""Rules for every test of the workspace: how long one may take, and what hypothesis measures.

A limit is there to end what hangs, never to judge how fast the machine is: the seconds of a test's limit are
those of a machine of the usual speed, and become more on one that is slower or busy at that moment.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
import pytest_timeout
from hypothesis import HealthCheck, settings

USUAL = 0.07
"""Seconds that the sample of work takes on an idle machine of the usual speed."""

AGAIN_AFTER = 30.0
"""Seconds for which a measurement holds."""

SAMPLE = 5_000_000

# A deadline, and the health check of its kind, measure the machine. What an example may cost is asserted by
# tests that compare CPU times with each other (core/tests/cost.py).
# Examples are the same in each run, so that no change fails by another's bad luck; `./run search` looks for
# new ones.
settings.register_profile(
    "cratedig", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
settings.register_profile("search", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("cratedig")


def pytest_configure(config: pytest.Config) -> None:
    """Let all processes of the tests share the audio that the emulators make."""
    folder = Path(config.rootpath) / ".pytest_cache" / "audio"
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["CRATEDIG_EMULATORS_CACHE"] = str(folder)


_set_timer: Any = pytest_timeout.pytest_timeout_set_timer


class Pace:
    """How many times slower than usual this machine computes just now; never below 1."""

    def __init__(self) -> None:
        self._measured_at = float("-inf")
        self._slowness = 1.0

    def slowness(self) -> float:
        """Return the newest measurement, and measure where that is an old one."""
        started = time.perf_counter()
        if started - self._measured_at > AGAIN_AFTER:
            sum(range(SAMPLE))
            self._measured_at = time.perf_counter()
            self._slowness = max(1.0, (self._measured_at - started) / USUAL)
        return self._slowness


_pace = Pace()


@pytest.hookimpl(tryfirst=True)
def pytest_timeout_set_timer(item: pytest.Item, settings: Any) -> object:
    """Give a test more of the clock where the machine has less time for it."""
    return _set_timer(item, settings._replace(timeout=settings.timeout * _pace.slowness()))
