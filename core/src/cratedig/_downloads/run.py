"""One attempt while it lasts."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from cratedig._downloads.meter import Meter
from cratedig._model import Attempt, AttemptOutcome, Candidate, Quality

if TYPE_CHECKING:
    from cratedig._errors import CratedigError

SMOOTHING = 0.3
"""Weight of the newest second in the speed that is shown."""


class Run:
    """An attempt's fence token, meter and clock.

    ``moved_at`` is when there was news last, be it a text; ``grown_at`` when there were more bytes than ever
    before, or the next phase began (both monotonic). ``trouble`` is why there is no news at the moment; that
    is shown, and is no news itself. ``transfer_id`` is that of the other program, if one is at work.
    """

    __slots__ = (
        "_looked_at",
        "_most",
        "_seen",
        "_shown",
        "candidate",
        "fence",
        "grown_at",
        "meter",
        "moved_at",
        "phase",
        "speed",
        "started_at",
        "transfer_id",
        "trouble",
    )

    def __init__(self, candidate: Candidate, fence: int, size: int | None) -> None:
        self.candidate = candidate
        self.fence = fence
        self.meter = Meter(size)
        self.started_at = time.time()
        self.moved_at = self.grown_at = self._looked_at = time.monotonic()
        self.speed = 0.0
        self.phase = "asking the source"
        self.transfer_id = ""
        self.trouble = ""
        self._most = 0
        self._shown = self.trouble
        self._seen: tuple[int, str, str] = (0, "", self.phase)

    def look(self) -> bool:
        """Take the meter's reading; whether there is anything to tell since the last look."""
        now = time.monotonic()
        seen = (self.meter.bytes_now(), self.meter.doing(), self.phase)
        gained, elapsed = seen[0] - self._seen[0], now - self._looked_at
        if elapsed > 0:
            self.speed += SMOOTHING * (max(gained, 0) / elapsed - self.speed)
        moved = seen != self._seen
        if seen[0] > self._most or seen[2] != self._seen[2]:
            self.grown_at = now
        if moved:
            self.moved_at = now
        self._most = max(self._most, seen[0])
        self._seen, self._looked_at = seen, now
        shown, self._shown = self._shown, self.trouble
        return moved or shown != self.trouble

    def doing(self) -> str:
        """What people are told about it."""
        return self.trouble or self.meter.doing() or self.phase

    def ended(
        self, number: int, outcome: AttemptOutcome, error: CratedigError | None, quality: Quality | None
    ) -> Attempt:
        """The attempt as it is kept in the record."""
        return Attempt(
            number=number,
            source=self.candidate.source,
            target_id=self.candidate.target_id,
            started_at=self.started_at,
            ended_at=time.time(),
            outcome=outcome,
            code=error.code if error else "",
            reason=str(error) if error else "",
            received=self.meter.bytes_now(),
            quality=quality,
        )
