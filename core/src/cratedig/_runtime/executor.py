"""The executor port: who performs a record, and where. Its default: the lanes of this process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from cratedig._runtime.lane import Lane


class Executor(Protocol):
    """Takes ids of records; what it knows of a download is its id, the source it waits for and its priority.

    It may perform an id more than once (a distributed one delivers at least once): an attempt's fence makes
    sure that only one of them counts.
    """

    def submit(self, source: str, record_id: str, *, priority: int = 0, delay: float = 0.0) -> None:
        """Have the record performed, not before ``delay`` seconds from now."""
        ...

    def withdraw(self, source: str, record_id: str) -> None:
        """End what is under way for the record."""
        ...


class LaneExecutor:
    """Performs every record in its source's lane."""

    def __init__(self, lane_of: Callable[[str], Lane]) -> None:
        self._lane_of = lane_of

    def submit(self, source: str, record_id: str, *, priority: int = 0, delay: float = 0.0) -> None:
        """See :class:`Executor`."""
        self._lane_of(source).put(record_id, priority, delay)

    def withdraw(self, source: str, record_id: str) -> None:
        """See :class:`Executor`."""
        self._lane_of(source).withdraw(record_id)
