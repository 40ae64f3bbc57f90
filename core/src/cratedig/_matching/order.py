"""Which of two copies of one recording is the better one to get."""

from __future__ import annotations

from cratedig._model import Availability, Quality, SearchResult

_UNKNOWN = Quality()


def standing(result: SearchResult) -> tuple[tuple[int, ...], tuple[bool, int, int]]:
    """Quality, then availability, as a key that grows with what is better."""
    return (result.quality or _UNKNOWN).rank, _readiness(result.availability)


def _readiness(availability: Availability | None) -> tuple[bool, int, int]:
    """Who can start now, then whose queue is short, then who is fast. A service without queues is ready."""
    if availability is None:
        return True, 0, 0
    ready = (
        availability.free_slots > 0 if availability.free_slots is not None else not availability.queue_length
    )
    return ready, -(availability.queue_length or 0), availability.speed or 0


def best_first(result: SearchResult) -> tuple[object, ...]:
    """A sort key under which the best copy comes first and no order of arrival shows through."""
    (lossless, *figures), (ready, queue, speed) = standing(result)
    return (
        (-lossless, *(-figure for figure in figures)),
        (not ready, -queue, -speed),
        -result.score,
        result.key,
        repr(result),
    )
