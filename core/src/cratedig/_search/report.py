"""What a search answers: the results, and how it went at each source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum

from attrs import field, frozen

from cratedig._model import SearchResult, Wanted


class SearchStatus(StrEnum):
    """How the search went at one source."""

    OK = "ok"
    EMPTY = "empty"
    CACHED = "cached"
    SKIPPED = "skipped"
    FAILED = "failed"


@frozen(kw_only=True)
class SearchOutcome:
    """One source's part in a search.

    ``count`` is the number of valid results, ``took`` seconds, ``queries`` what it was asked, ``problems``
    what was wrong with some of its results. ``code``, ``reason`` and ``hint`` say why it was skipped or has
    failed.
    """

    source: str
    status: SearchStatus
    count: int = 0
    took: float = 0.0
    queries: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    code: str = ""
    reason: str = ""
    hint: str = ""


@frozen(kw_only=True)
class SearchReport:
    """Results, best first, and for each source asked how it went. Iterating gives the results."""

    wanted: Wanted
    results: tuple[SearchResult, ...] = ()
    outcomes: Mapping[str, SearchOutcome] = field(factory=dict)

    def __iter__(self) -> Iterator[SearchResult]:
        """The results, best first."""
        return iter(self.results)

    def __len__(self) -> int:
        """The number of results; alternates are not counted."""
        return len(self.results)

    def __bool__(self) -> bool:
        """Whether there is any result."""
        return bool(self.results)

    @property
    def failures(self) -> tuple[SearchOutcome, ...]:
        """The sources that failed."""
        return tuple(outcome for outcome in self.outcomes.values() if outcome.status is SearchStatus.FAILED)
