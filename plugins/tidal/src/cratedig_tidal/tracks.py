"""Tracks as the API tells them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cratedig import Quality, RawSearchResult
from cratedig.reading import (
    isrc,
    items,
    mapping,
    number,
    require_items,
    require_mapping,
    text,
    texts,
    versioned,
    whole,
    year,
)
from cratedig_tidal.tiers import HI_RES, LADDER

ID = re.compile(r"[0-9]{1,18}")


def read_search(answer: Any, limit: str) -> list[RawSearchResult]:
    """The tracks of a search that can be had; ``limit`` is the best tier that will be asked for.

    :raises UnexpectedResponse: the answer is no search's.
    """
    page = require_mapping(require_mapping(answer, "search").get("tracks"), "search's tracks")
    entries = map(mapping, require_items(page.get("items"), "search's tracks"))
    return [track for told in entries if not _locked(told) and (track := read_track(told, limit))]


def _locked(told: Mapping[str, Any]) -> bool:
    return told.get("allowStreaming") is False or told.get("streamReady") is False


def read_track(answer: Any, limit: str) -> RawSearchResult | None:
    """One track, ``None`` where there is not even an id and a title."""
    told = mapping(answer)
    track_id, title = text(told.get("id")), versioned(told.get("title"), told.get("version"))
    if not ID.fullmatch(track_id) or not title:
        return None
    album = mapping(told.get("album"))
    people = (text(mapping(one).get("name")) for one in (told.get("artist"), *items(told.get("artists"))))
    artists = list(dict.fromkeys(filter(None, people)))
    return RawSearchResult(
        target_id=track_id,
        title=title,
        artist=next(iter(artists), ""),
        album=text(album.get("title")),
        duration=number(told.get("duration")) or None,
        track_number=whole(told.get("trackNumber")) or None,
        year=year(album.get("releaseDate")) or year(told.get("streamStartDate")),
        isrc=isrc(told.get("isrc")),
        quality=_promised(told, limit),
        popularity=number(told.get("popularity")),
        extra={"album_id": text(album.get("id")), "artists": artists},
    )


def read_ids(answer: Any) -> list[str]:
    """The ids that a look-up by ISRC has found.

    :raises UnexpectedResponse: the answer is no look-up's.
    """
    found = require_items(require_mapping(answer, "look-up by ISRC").get("data"), "look-up by ISRC")
    ids = [text(mapping(entry).get("id")) for entry in found]
    return [track_id for track_id in ids if ID.fullmatch(track_id)]


def _promised(told: Mapping[str, Any], limit: str) -> Quality | None:
    """The best quality; the field for it often says LOSSLESS where there is more, so the tags count first."""
    tags = texts(mapping(told.get("mediaMetadata")).get("tags"))
    word = "LOSSLESS" if "LOSSLESS" in tags else text(told.get("audioQuality"))
    best = HI_RES if "HIRES_LOSSLESS" in tags else LADDER.named(word)
    return LADDER.at_most(best, limit).least if best else None
