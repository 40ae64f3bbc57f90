"""From yt-dlp's entries to search results, and from targets to addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from cratedig import NotFound, Quality, RawSearchResult
from cratedig.reading import number, text, texts, whole
from cratedig.ytdlp import credited

TYPICAL = Quality(lossless=False, bitrate=128)
"""A search tells no quality. This is what every track has; many have more."""

_FAR = 2**32
"""Seconds since 1970; later is no date."""

_HOSTS = frozenset({"soundcloud.com", "www.soundcloud.com", "m.soundcloud.com"})
_TARGET = re.compile(r"(?P<id>[0-9]{1,20})(?:/(?P<secret>s-[A-Za-z0-9]{1,64}))?")
_SECRET = re.compile(r"(?:/|secret_token=)(s-[A-Za-z0-9]{1,64})(?:[/?&#]|$)")


def is_address(words: str) -> bool:
    """Whether somebody has pasted an address in place of words."""
    return "://" in words


def is_ours(address: str) -> bool:
    """Whether an address is one of SoundCloud's site."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.hostname in _HOSTS


def address_of(target_id: str) -> str:
    """Give the address that yt-dlp resolves; :class:`~cratedig.NotFound` for what cannot be a track."""
    if is_address(target_id) and is_ours(target_id):
        return target_id
    found = _TARGET.fullmatch(target_id)
    if found is None:
        raise NotFound("that is no track of SoundCloud's", hint="a track is a number, or its whole address")
    secret = f"?secret_token={found['secret']}" if found["secret"] else ""
    return f"https://api.soundcloud.com/tracks/{found['id']}{secret}"


def is_track(entry: Mapping[str, Any]) -> bool:
    """Whether an entry is something that a download could be made of."""
    return bool(_TARGET.fullmatch(text(entry.get("id"))) and text(entry.get("title")))


def result(entry: Mapping[str, Any]) -> RawSearchResult:
    """Read an entry of a search, or a whole track where one was asked for by its address."""
    uploader = text(entry.get("uploader"))
    artist, title = credited(text(entry.get("title")), ", ".join(texts(entry.get("artists"))))
    secret = _SECRET.search(text(entry.get("original_url")))
    return RawSearchResult(
        target_id=text(entry.get("id")) + (f"/{secret[1]}" if secret else ""),
        title=title,
        artist=artist or uploader,
        album=text(entry.get("album")),
        duration=number(entry.get("duration")),
        year=_year(entry),
        quality=TYPICAL,
        popularity=number(entry.get("view_count")),
        extra={"uploader": uploader, "address": text(entry.get("webpage_url"))},
    )


def _year(entry: Mapping[str, Any]) -> int | None:
    """When it was released, where the label says so; when it was uploaded says little."""
    seconds = whole(entry.get("release_timestamp"))
    return datetime.fromtimestamp(seconds, UTC).year if seconds and seconds < _FAR else None
