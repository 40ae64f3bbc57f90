"""Tracks as search and ``track/get`` describe them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cratedig import NotFound, Quality, RawSearchResult
from cratedig.reading import flag, isrc, items, mapping, number, require_mapping, text, versioned, whole, year
from cratedig_qobuz.tiers import offer

TRACK_ID = re.compile(r"[0-9]{1,19}")
_LONGEST = 7 * 24 * 3600
_MOST_KHZ = 1000
_MOST_BITS = 64


def read_search(answer: Any, highest: int) -> list[RawSearchResult]:
    """Read the tracks of a search that can be streamed now.

    :raises UnexpectedResponse: the answer is no search's.
    """
    whole_answer = require_mapping(answer, "search")
    found = items(require_mapping(whole_answer.get("tracks"), "search's tracks").get("items"))
    # Only an explicit false says no: some answers leave the field out.
    rows = [row for row in map(mapping, found) if row.get("streamable") is not False]
    return [track for row in rows if (track := _track(row, highest))]


def read_track(answer: Any, highest: int) -> RawSearchResult:
    """Read one track; ``highest`` is the best format that will be asked for.

    :raises NotFound: there is none.
    :raises UnexpectedResponse: the answer is something else.
    """
    track = _track(require_mapping(answer, "track"), highest)
    if track is None:
        raise NotFound("Qobuz answers without a track")
    return track


def _track(row: Mapping[str, Any], highest: int) -> RawSearchResult | None:
    target = text(row.get("id"))
    if not TRACK_ID.fullmatch(target):
        return None
    album = mapping(row.get("album"))
    return RawSearchResult(
        target_id=target,
        title=versioned(row.get("title"), row.get("version")),
        artist=_artist(row, album),
        album=versioned(album.get("title"), album.get("version")),
        duration=seconds(row.get("duration")),
        track_number=whole(row.get("track_number")),
        year=year(album.get("release_date_original")),
        isrc=isrc(row.get("isrc")),
        quality=offer(highest, _maximum(row)),
        extra={
            "album_id": text(album.get("id")),
            "upc": text(album.get("upc")),
            "disc": whole(row.get("media_number")),
            "explicit": flag(row.get("parental_warning")),
        },
    )


def _artist(row: Mapping[str, Any], album: Mapping[str, Any]) -> str:
    """The performer; classical recordings have only an album artist, or a composer."""
    people = (row.get("performer"), album.get("artist"), row.get("composer"))
    return next((name for one in people if (name := text(mapping(one).get("name")))), "")


def _maximum(row: Mapping[str, Any]) -> Quality | None:
    """The best that there is of the track; ``None`` when it is not told."""
    depth, rate = bits(row.get("maximum_bit_depth")), hertz(row.get("maximum_sampling_rate"))
    if depth is None or rate is None:
        return None
    return Quality(codec="flac", lossless=True, bit_depth=depth, sample_rate=rate)


def seconds(value: object) -> float | None:
    """Read a duration; ``None`` for zero and for what no recording takes."""
    length = number(value)
    return length if length and length <= _LONGEST else None


def hertz(value: object) -> int | None:
    """Read a sampling rate, which is in kHz and has a fraction at times."""
    rate = number(value)
    return round(rate * 1000) if rate and rate <= _MOST_KHZ else None


def bits(value: object) -> int | None:
    """Read a bit depth."""
    depth = whole(value)
    return depth if depth and depth <= _MOST_BITS else None
