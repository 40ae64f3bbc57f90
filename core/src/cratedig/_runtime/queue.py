"""What waits in a lane: ids of records, by priority and then by age."""

from __future__ import annotations

import heapq
from itertools import count


class WorkQueue:
    """A priority queue of record ids; put from any thread, taken by the lane's workers.

    It needs no lock: pushing and popping tuples of plain numbers and text runs no Python code in between,
    so the interpreter does each in one piece.
    """

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, str]] = []
        self._numbers = count()

    def __len__(self) -> int:
        """Ids that wait, those of records that have ended meanwhile included."""
        return len(self._heap)

    def put(self, record_id: str, priority: int) -> None:
        """Add an id; a higher ``priority`` is taken earlier, equals in order of arrival."""
        heapq.heappush(self._heap, (-priority, next(self._numbers), record_id))

    def take(self) -> str | None:
        """The next id, ``None`` when nothing waits."""
        try:
            return heapq.heappop(self._heap)[2]
        except IndexError:
            return None
