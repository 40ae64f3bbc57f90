"""Tracks as the catalogue has them."""

from __future__ import annotations

import re
from typing import Any

from cratedig import RawSearchResult, UnexpectedResponse
from cratedig.reading import flag, isrc, items, mapping, number, text, texts, versioned, whole, year
from cratedig_hifi.tiers import promised

TARGET = re.compile(r"[1-9][0-9]{0,17}")
"""A track's number at Tidal, the same at every instance."""


def unwrapped(answer: Any) -> Any:
    """Return what is in the envelope that newer versions have; without one, the answer itself."""
    return mapping(answer).get("data", answer)


def read_search(answer: Any, limit: str) -> list[RawSearchResult]:
    """Read the tracks of a search, those that may be played; ``limit`` is the best tier that is asked for.

    :raises UnexpectedResponse: the answer is no search's.
    """
    found = unwrapped(answer)
    rows = found if isinstance(found, list) else _rows(found)
    if rows is None:
        raise UnexpectedResponse("the search is answered with something that has no tracks")
    return [track for row in rows if (track := read_track(row, limit))]


def _rows(found: Any) -> list[Any] | None:
    """Look where the versions and forks put them."""
    holder = mapping(found)
    nested = mapping(holder.get("tracks"))
    for candidate in (holder.get("items"), nested.get("items"), holder.get("tracks")):
        if isinstance(candidate, list):
            return candidate
    return None


def read_track(value: Any, limit: str) -> RawSearchResult | None:
    """Read one track, bare or in an album's wrapper; ``None`` when it is none or may not be played."""
    row = mapping(mapping(value).get("item") or value)
    target, title = text(row.get("id")), versioned(row.get("title"), row.get("version"))
    playable = all(row.get(key) is None or flag(row[key]) for key in ("streamReady", "allowStreaming"))
    if not (TARGET.fullmatch(target) and title and playable):
        return None
    album = mapping(row.get("album"))
    tags = texts(mapping(row.get("mediaMetadata")).get("tags"))
    return RawSearchResult(
        target_id=target,
        title=title,
        artist=_artist(row),
        album=text(album.get("title")),
        duration=number(row.get("duration")) or None,
        track_number=whole(row.get("trackNumber")),
        year=year(album.get("releaseDate")) or year(row.get("streamStartDate")),
        isrc=isrc(row.get("isrc")),
        quality=promised(tags, text(row.get("audioQuality")), limit),
        popularity=number(row.get("popularity")),
        extra={
            "album_id": text(album.get("id")),
            "disc": whole(row.get("volumeNumber")),
            "explicit": flag(row.get("explicit")),
            "tags": list(tags),
        },
    )


def _artist(row: Any) -> str:
    """The main artist, else the first of those that are named."""
    named = [mapping(row.get("artist")), *map(mapping, items(row.get("artists")))]
    return next((name for artist in named if (name := text(artist.get("name")))), "")
