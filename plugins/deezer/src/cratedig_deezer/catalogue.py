"""The public catalogue: searches and what they find."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cratedig import NotFound, Quality, RawSearchResult, SourceContext
from cratedig.reading import flag, isrc, mapping, number, require_items, require_mapping, text, whole, year
from cratedig_deezer.answers import read_json
from cratedig_deezer.songs import NUMBER
from cratedig_deezer.vocabulary import raise_api_error

RESULTS = 50
_LONGEST = 300


async def search(context: SourceContext, words: str, quality: Quality) -> list[RawSearchResult]:
    """Search for tracks. One request.

    :raises SourceError: what the catalogue's error stands for.
    """
    args = {"q": text(words)[:_LONGEST], "limit": str(RESULTS)}
    answer = await _ask(context, "/search/track", args) if args["q"] else {"data": []}
    return list(read_found(answer, quality))


async def by_isrc(context: SourceContext, code: str, quality: Quality) -> list[RawSearchResult]:
    """Return the track with that ISRC, or none. One request."""
    try:
        answer = await _ask(context, f"/track/isrc:{code}", {})
    except NotFound:
        return []
    return list(read_found({"data": [answer]}, quality))


async def _ask(context: SourceContext, path: str, args: Mapping[str, str]) -> Any:
    answer = await context.http.get(f"{context.settings.api_base}{path}", params=dict(args))
    found = require_mapping(read_json(answer, "the catalogue"), "catalogue's answer")
    raise_api_error(found.get("error"))
    return found


def read_found(answer: Any, quality: Quality) -> Iterator[RawSearchResult]:
    """Read the tracks of an answer, those that can be had; ``quality`` is the best that the account gets.

    :raises UnexpectedResponse: it is no list of tracks.
    """
    for row in require_items(mapping(answer).get("data"), "search's data"):
        result = read_track(row, quality)
        if result is not None:
            yield result


def read_track(value: Any, quality: Quality) -> RawSearchResult | None:
    """Read one track; ``None`` when it is none, or cannot be streamed where we are."""
    track = mapping(value)
    identity, title = text(track.get("id")), text(track.get("title")) or text(track.get("title_short"))
    withheld = "readable" in track and not flag(track["readable"])
    if not NUMBER.fullmatch(identity) or not title or withheld:
        return None
    album = mapping(track.get("album"))
    return RawSearchResult(
        target_id=identity,
        title=title,
        artist=text(mapping(track.get("artist")).get("name")),
        album=text(album.get("title")),
        duration=number(track.get("duration")) or None,
        track_number=whole(track.get("track_position")) or None,
        year=year(track.get("release_date")) or year(album.get("release_date")),
        isrc=isrc(track.get("isrc")),
        quality=quality,
        popularity=number(track.get("rank")),
        extra={
            "link": text(track.get("link")),
            "explicit": flag(track.get("explicit_lyrics")),
            "disc": whole(track.get("disk_number")),
        },
    )
