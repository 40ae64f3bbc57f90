"""Results narrowed to the qualities that are welcome."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from cratedig._model import QualityPreference, SearchResult


def filter_by_quality(
    results: Iterable[SearchResult], preference: QualityPreference | None
) -> list[SearchResult]:
    """The results of which at least one copy is welcome, without the copies that are not.

    Where the main copy is refused, its best welcome alternate takes its place.
    """
    if preference is None:
        return list(results)
    narrowed = (_narrowed(result, preference) for result in results)
    return [result for result in narrowed if result is not None]


def _narrowed(result: SearchResult, preference: QualityPreference) -> SearchResult | None:
    welcome = [copy for copy in (result, *result.alternates) if preference.accepts(copy.quality)]
    if not welcome:
        return None
    if len(welcome) == 1 + len(result.alternates):
        return result
    main, *others = welcome
    return attrs.evolve(main, alternates=tuple(others))
