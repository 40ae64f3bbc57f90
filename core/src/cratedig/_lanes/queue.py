"""What waits in a lane: ids of records, by priority and then by age."""

from __future__ import annotations

import heapq
import threading
from itertools import count


class WorkQueue:
    """A priority queue of record ids; put from any thread, taken by the lane's workers."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, str]] = []
        self._numbers = count()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Ids that wait, those of records that have ended meanwhile included."""
        return len(self._heap)

    def put(self, record_id: str, priority: int) -> None:
        """Add an id; a higher ``priority`` is taken earlier, equals in order of arrival."""
        with self._lock:
            heapq.heappush(self._heap, (-priority, next(self._numbers), record_id))

    def take(self) -> str | None:
        """The next id, ``None`` when nothing waits."""
        with self._lock:
            return heapq.heappop(self._heap)[2] if self._heap else None
