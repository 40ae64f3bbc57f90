"""Tracks as the API tells them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from cratedig import RawSearchResult
from cratedig.reading import items, mapping, number, require_items, require_mapping, text, texts, whole, year
from cratedig_tidal.tiers import TIERS, Tier, at_most, tier_of

ID = re.compile(r"[0-9]{1,18}")
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}")
_HI_RES_TAG = "HIRES_LOSSLESS"


def read_search(answer: Any, limit: str) -> list[RawSearchResult]:
    """The tracks of a search that can be had; ``limit`` is the best tier that will be asked for.

    :raises UnexpectedResponse: the answer is no search's.
    """
    page = require_mapping(require_mapping(answer, "search").get("tracks"), "search's tracks")
    return list(_read_all(require_items(page.get("items"), "search's tracks"), limit))


def _read_all(entries: list[Any], limit: str) -> Iterator[RawSearchResult]:
    for entry in entries:
        told = mapping(entry)
        locked = told.get("allowStreaming") is False or told.get("streamReady") is False
        if not locked and (track := read_track(told, limit)):
            yield track


def read_track(answer: Any, limit: str) -> RawSearchResult | None:
    """One track, ``None`` where there is not even an id and a title."""
    told = mapping(answer)
    track_id, title = text(told.get("id")), text(told.get("title"))
    if not ID.fullmatch(track_id) or not title:
        return None
    album = mapping(told.get("album"))
    artists = _artists(told)
    return RawSearchResult(
        target_id=track_id,
        title=_with_version(title, text(told.get("version"))),
        artist=next(iter(artists), ""),
        album=text(album.get("title")),
        duration=number(told.get("duration")) or None,
        track_number=whole(told.get("trackNumber")) or None,
        year=year(album.get("releaseDate")) or year(told.get("streamStartDate")),
        isrc=_isrc(told.get("isrc")),
        quality=_promised(told, limit),
        popularity=number(told.get("popularity")),
        extra={"album_id": text(album.get("id")), "artists": list(artists)},
    )


def read_ids(answer: Any) -> list[str]:
    """The ids that a look-up by ISRC has found.

    :raises UnexpectedResponse: the answer is no look-up's.
    """
    found = require_items(require_mapping(answer, "look-up by ISRC").get("data"), "look-up by ISRC")
    ids = [text(mapping(entry).get("id")) for entry in found]
    return [track_id for track_id in ids if ID.fullmatch(track_id)]


def _artists(told: Mapping[str, Any]) -> tuple[str, ...]:
    everybody = [told.get("artist"), *items(told.get("artists"))]
    names = (text(mapping(one).get("name")) for one in everybody)
    return tuple(dict.fromkeys(name for name in names if name))


def _with_version(title: str, version: str) -> str:
    """A version ("Live", "Remastered") stands beside the title, and makes another recording of it."""
    known = not version or version.casefold() in title.casefold()
    return title if known else f"{title} ({version})"[:4096]


def _isrc(value: Any) -> str | None:
    code = text(value).replace("-", "").upper()
    return code if _ISRC.fullmatch(code) else None


def _promised(told: Mapping[str, Any], limit: str) -> Any:
    best = _best(told)
    return at_most(best, limit).promised if best else None


def _best(told: Mapping[str, Any]) -> Tier | None:
    """The best tier; the field for it often says LOSSLESS where there is more, so the tags count first."""
    tags = texts(mapping(told.get("mediaMetadata")).get("tags"))
    if _HI_RES_TAG in tags:
        return TIERS[0]
    return tier_of("LOSSLESS") if "LOSSLESS" in tags else tier_of(text(told.get("audioQuality")))
