"""What to do after a failed attempt: here again, onward, or the end. Decisions only; no side effects."""

from __future__ import annotations

import random
from enum import Enum

from attrs import frozen

from cratedig._errors import RateLimited, SourceError, Treatment

LONG_PAUSE = 60.0
"""A source that asks for a longer pause than this is left for the next candidate, if there is one."""

MAX_RATE_LIMITS = 20
"""Times that one candidate may be answered "slow down" before it is given up."""


class Step(Enum):
    """Where a record goes."""

    AGAIN = "again"
    ONWARD = "onward"


@frozen(kw_only=True)
class Decision:
    """``delay`` in seconds; ``wipe`` throws away the bytes received, ``reload`` renews the login first."""

    step: Step
    delay: float = 0.0
    wipe: bool = False
    reload: bool = False


@frozen(kw_only=True)
class RetryPolicy:
    """``retries`` after the first try of a candidate; pauses grow from ``first`` to ``longest`` seconds."""

    retries: int = 3
    first: float = 0.5
    longest: float = 30.0

    def pause(self, tries: int) -> float:
        """Exponential back-off with full jitter, so that clients do not come back in step."""
        ceiling = min(self.longest, self.first * 2.0 ** min(tries - 1, 16))
        return random.uniform(ceiling / 2, ceiling)  # noqa: S311 - spreads load, guards nothing

    def decide(self, error: SourceError, tries: int, *, has_next: bool, outage: bool) -> Decision:
        """The decision after the ``tries``-th failure of this treatment at one candidate."""
        treatment = error.treatment
        if isinstance(error, RateLimited):
            long = (error.retry_after or 0.0) > LONG_PAUSE
            return _onward() if (has_next and long) or tries > MAX_RATE_LIMITS else Decision(step=Step.AGAIN)
        if treatment is Treatment.RETRY:
            if outage:
                return _onward() if has_next else Decision(step=Step.AGAIN)
            return Decision(step=Step.AGAIN, delay=self.pause(tries)) if tries <= self.retries else _onward()
        if treatment is Treatment.RESTART and tries == 1:
            return Decision(step=Step.AGAIN, wipe=True)
        if treatment is Treatment.RELOAD and tries == 1:
            return Decision(step=Step.AGAIN, reload=True)
        return _onward()


def _onward() -> Decision:
    return Decision(step=Step.ONWARD, wipe=True)
