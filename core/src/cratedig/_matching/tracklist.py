"""The tracks of an album, out of what a search for it has brought."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from cratedig._matching.text import normalise
from cratedig._matching.wishes import matches
from cratedig._model import Kind, RawSearchResult, SearchResult, Wanted


@frozen(kw_only=True)
class Tracklist:
    """``tracks`` in order, each with its alternates; ``missing`` names those that nobody has."""

    tracks: tuple[SearchResult, ...]
    missing: tuple[str, ...]


def tracklist(
    results: Iterable[SearchResult], wanted: Wanted, count: int | None, minimum: float
) -> Tracklist:
    """The tracks among ``results`` (ranked, deduplicated) that belong to the album that is wanted.

    ``count`` is how many there should be; where nobody has said, the highest track number is taken for it.
    A result without a number, or whose number is taken, counts only while its title is new and the list is
    not full.
    """
    own = [result for result in results if _belongs(result, wanted, minimum)]
    numbered: dict[int, SearchResult] = {}
    for result in own:
        if result.track_number:
            numbered.setdefault(result.track_number, result)
    expected = count or max(numbered, default=0)
    titles = {normalise(result.title) for result in numbered.values()}
    loose: list[SearchResult] = []
    for result in own:
        if len(numbered) + len(loose) < expected and normalise(result.title) not in titles:
            titles.add(normalise(result.title))
            loose.append(result)
    absent = [number for number in range(1, expected + 1) if number not in numbered]
    missing = tuple(f"track {number}" for number in absent[len(loose) :])
    return Tracklist(tracks=(*(numbered[number] for number in sorted(numbered)), *loose), missing=missing)


def _belongs(result: SearchResult, wanted: Wanted, minimum: float) -> bool:
    if result.kind is not Kind.TRACK or not result.album:
        return False
    album = RawSearchResult(
        target_id=result.target_id,
        title=result.album,
        artist=result.artist,
        kind=Kind.ALBUM,
        album=result.album,
        year=result.year,
    )
    return matches(album, Wanted(artist=wanted.artist, album=wanted.album, year=wanted.year), minimum)
