"""Albums, as a look-up finds them and as the library has them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from cratedig import Kind, NotFound, RawSearchResult
from cratedig.reading import flag, items, mapping, number, require_items, text, texts, whole, year

_MBID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MILLI = 1000


def mbid(value: object) -> str:
    """The MusicBrainz id that ``value`` is, in lower case; "" where it is none."""
    name = text(value).lower()
    return name if _MBID.fullmatch(name) else ""


def release_group(target_id: str) -> str:
    """The release group that a target names.

    :raises NotFound: it names none.
    """
    found = mbid(target_id)
    if not found:
        raise NotFound("that is no album", hint="a target is the MusicBrainz id of a release group")
    return found


@frozen(kw_only=True)
class Entry:
    """An album in the library: its number and its artist's, how many tracks it has and how many are there.

    ``foreign_id`` and ``foreign_artist_id`` are those of MusicBrainz.
    """

    id: int
    foreign_id: str
    artist_id: int
    foreign_artist_id: str
    monitored: bool
    tracks: int
    there: int

    @property
    def complete(self) -> bool:
        """Whether every track has a file."""
        return 0 < self.tracks <= self.there


def entry(value: Any) -> Entry | None:
    """Read an album of the library; ``None`` for one that has no number."""
    row = mapping(value)
    about, statistics = mapping(row.get("artist")), mapping(row.get("statistics"))
    identity = whole(row.get("id"))
    if not identity:
        return None
    # Of an album that is not monitored, trackCount counts only what has a file.
    counts = (whole(statistics.get(name)) or 0 for name in ("trackCount", "totalTrackCount"))
    return Entry(
        id=identity,
        foreign_id=mbid(row.get("foreignAlbumId")),
        artist_id=whole(row.get("artistId")) or whole(about.get("id")) or 0,
        foreign_artist_id=mbid(about.get("foreignArtistId")),
        monitored=flag(row.get("monitored")),
        tracks=max(counts) if items(row.get("releases")) else 0,
        there=whole(statistics.get("trackFileCount")) or 0,
    )


def entries(answer: Any) -> dict[int, Entry]:
    """The albums of a list, by number.

    :raises UnexpectedResponse: it is no list.
    """
    rows = map(entry, require_items(answer, "albums"))
    return {one.id: one for one in rows if one is not None}


def results(answer: Any) -> list[RawSearchResult]:
    """What a look-up has found.

    :raises UnexpectedResponse: it is no list.
    """
    rows = map(mapping, require_items(answer, "album look-up"))
    found = (result(row) for row in rows)
    return list({one.target_id: one for one in found if one is not None}.values())


def result(row: Mapping[str, Any]) -> RawSearchResult | None:
    """One album as a search result; ``None`` where it has no id or no title."""
    target, title, artist = (
        mbid(row.get("foreignAlbumId")),
        text(row.get("title")),
        mapping(row.get("artist")),
    )
    if not (target and title):
        return None
    return RawSearchResult(
        target_id=target,
        kind=Kind.ALBUM,
        title=title,
        artist=text(artist.get("artistName")),
        album=title,
        duration=(number(row.get("duration")) or 0) / _MILLI or None,
        track_count=_track_count(row),
        year=year(row.get("releaseDate")),
        popularity=number(mapping(row.get("ratings")).get("votes")),
        extra={
            "type": text(row.get("albumType")),
            "secondary_types": list(texts(row.get("secondaryTypes")))[:20],
            "disambiguation": text(row.get("disambiguation")),
            "in_library": bool(whole(row.get("id"))),
        },
    )


def _track_count(row: Mapping[str, Any]) -> int | None:
    """Of the release that Lidarr would take; others of the same album may have more or fewer tracks."""
    releases = [mapping(one) for one in items(row.get("releases"))]
    chosen = [one for one in releases if flag(one.get("monitored"))] or releases
    return next((count for one in chosen if (count := whole(one.get("trackCount")))), None)
