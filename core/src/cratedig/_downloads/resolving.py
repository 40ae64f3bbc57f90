"""Finding the candidate at the next source of a chain, when the known ones are used up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from cratedig._errors import NotFound
from cratedig._model import Candidate, SearchResult, Wanted

if TYPE_CHECKING:
    from cratedig._downloads.blocked import Blocklist
    from cratedig._downloads.outcomes import Outcomes
    from cratedig._downloads.record import Record
    from cratedig._downloads.table import Table
    from cratedig._runtime.source import Source
    from cratedig._search.search import Searching

MAX_CANDIDATES = 3
"""Matches of one source that are worth a try before the next source is asked."""


class Resolving:
    """Searches one source, in its lane, for what a record wants."""

    def __init__(
        self,
        table: Table,
        outcomes: Outcomes,
        blocklist: Blocklist,
        searching: Searching,
        minimum_match: float,
    ) -> None:
        self._table = table
        self._outcomes = outcomes
        self._blocklist = blocklist
        self._searching = searching
        self._minimum_match = minimum_match

    async def resolve(self, record: Record, source: Source) -> None:
        """Add the matches of ``source`` to the record's candidates and queue it again.

        :raises SourceError: the search failed.
        """
        wanted = record.plan.wanted
        record.detail = f"searching {source.name}"
        if wanted is None:
            raise NotFound("nothing is known of it to search for", source=source.name)
        if wanted.kind not in source.info.delivers:
            raise NotFound(f"delivers {wanted.kind.other}s only", source=source.name)
        candidates, why_not = self._choose(record, await self._searching.here(source, wanted), wanted)
        if not candidates:
            raise NotFound(why_not, source=source.name)
        if record.found(candidates):
            self._table.commit(record, record.state)
            self._outcomes.queue(record)

    def _choose(
        self, record: Record, found: list[SearchResult], wanted: Wanted
    ) -> tuple[tuple[Candidate, ...], str]:
        from cratedig._matching import filter_by_quality, matches  # noqa: PLC0415 - rapidfuzz, when first used

        preference = record.plan.quality
        good = filter_by_quality(found, preference) if preference else found
        matching = [result for result in good if matches(result, wanted, self._minimum_match)]
        blocked = {result.key: self._blocked(record, result) for result in matching}
        free = [result for result in matching if blocked[result.key] is None]
        chosen = tuple(candidate_of(result) for result in free[:MAX_CANDIDATES])
        if chosen:
            return chosen, ""
        if matching:
            return (), f"the only match was given up before: {blocked[matching[0].key]}"
        if good:
            return (), f"{len(good)} results, none of them surely the same; the best was {_shown(good[0])}"
        return (), f"{len(found)} results, none in the quality asked for" if found else "no results"

    def _blocked(self, record: Record, result: SearchResult) -> str | None:
        return None if record.plan.force else self._blocklist.reason(result.source, result.target_id)


def candidate_of(result: SearchResult) -> Candidate:
    """A search result as a candidate; its alternates are candidates of their own."""
    return Candidate(source=result.source, target_id=result.target_id, promise=evolve(result, alternates=()))


def _shown(result: SearchResult) -> str:
    return f"{result.artist} - {result.title} ({result.score:.2f})"
