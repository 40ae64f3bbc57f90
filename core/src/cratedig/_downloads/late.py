"""What sources still write for downloads that have ended: it is removed for as long as it may come.

A cancelled hook may ignore that, and a thread cannot be cancelled at all. Either may make its staging folder
once more, long after the engine has removed it.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from cratedig._downloads.staged import staging_of

if TYPE_CHECKING:
    from cratedig._downloads.record import Record

PATIENCE = 600.0
"""Seconds after which nothing is expected any more."""


class Latecomers:
    """The records that were ended while their source was at work; callable from any thread."""

    def __init__(self) -> None:
        self._expected: dict[str, tuple[Record, float]] = {}

    def expect(self, record: Record) -> None:
        """Something may still come for this record."""
        self._expected[record.id] = (record, time.monotonic() + PATIENCE)

    def sweep(self) -> None:
        """Remove what has come for records that have ended; others own what is in their folders."""
        now = time.monotonic()
        for record, until in list(self._expected.values()):
            if record.state.terminal and staging_of(record).path.exists():
                staging_of(record).remove()
            if now > until:
                self._expected.pop(record.id, None)
