"""Progress of one attempt, written by the source's threads and read by everybody.

A report writes plain attributes and takes no lock, so that a source may report at any rate. A source that
does nothing but report would keep the interpreter lock for whole switch intervals and slow the other lanes
down; so every few dozen reports the reporting thread lets go of it for a moment.
"""

from __future__ import annotations

import time

YIELD_EVERY = 512
"""Reports between two pauses; at a fifth of a microsecond each, other threads wait for 0.1 ms at most."""

MAX_DETAIL = 300
"""Characters of what a source says it is doing."""

_PAUSE = 1e-6


class AttemptOver(Exception):
    """Raised into a source that reports progress on an attempt that has ended."""


class Meter:
    """Bytes received, bytes expected, and what is going on, for one attempt."""

    __slots__ = ("_reports", "detail", "over", "size", "transferred")

    def __init__(self, size: int | None = None, transferred: int = 0) -> None:
        self.transferred = transferred
        self.size = size
        self.detail: object = ""
        self.over = False
        self._reports = 0

    def report(self, transferred: int, total: int | None = None, detail: object = "") -> None:
        """Note how far it is. The source's own ``progress`` callback.

        :raises AttemptOver: the attempt was cancelled or has failed; stop.
        """
        if self.over:
            raise AttemptOver("this download is over; stop delivering")
        self.transferred = transferred
        if total is not None:
            self.size = total
        self.detail = detail
        self._reports += 1
        if self._reports >= YIELD_EVERY:
            self._reports = 0
            time.sleep(_PAUSE)

    def doing(self) -> str:
        """What the source says it is doing, if that is a text, and no more of it than people read."""
        detail = self.detail
        return detail[:MAX_DETAIL] if isinstance(detail, str) else ""

    def bytes_now(self) -> int:
        """What was reported, if it makes sense."""
        return _sane(self.transferred) or 0

    def bytes_expected(self) -> int | None:
        """What the source expects, if it makes sense."""
        return _sane(self.size)


def _sane(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
