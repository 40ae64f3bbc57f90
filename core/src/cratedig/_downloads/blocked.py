"""Candidates that the engine does not pick by itself again: cancelled by a person, or found useless.

Each is remembered with reason and expiry, so that a fallback does not walk in circles and a cancelled
release does not come back. A person who names the candidate, or says ``force``, gets it all the same.
"""

from __future__ import annotations

import time
from typing import Any

from cratedig._journal.port import Journal

DAY = 86400.0
CANCELLED_FOR = 7 * DAY
FAILED_FOR = DAY


class Blocklist:
    """Kept in the journal, so as durable as that is."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def block(self, source: str, target_id: str, reason: str, *, seconds: float = FAILED_FOR) -> None:
        """Do not pick this candidate for a while."""
        now = time.time()
        self._journal.put(_key(source, target_id), {"reason": reason, "at": now}, expires_at=now + seconds)

    def allow(self, source: str, target_id: str) -> None:
        """Somebody wants it again."""
        if self._journal.get(_key(source, target_id)) is not None:
            self._journal.put(_key(source, target_id), None)

    def reason(self, source: str, target_id: str) -> str | None:
        """Why it is blocked, ``None`` when it is not."""
        kept: Any = self._journal.get(_key(source, target_id))
        return str(kept.get("reason", "")) if isinstance(kept, dict) else None


def _key(source: str, target_id: str) -> str:
    return f"blocked:{source}:{target_id}"
