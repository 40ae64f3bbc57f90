"""From yt-dlp's entries to search results."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from cratedig import Quality, RawSearchResult
from cratedig.reading import number, text, whole
from cratedig.ytdlp import split_title

TOPIC = " - Topic"
"""How YouTube names the channels that it fills with what labels deliver."""

TYPICAL = Quality(lossless=False, bitrate=130)
"""A search tells no quality. It is always lossy, and the best audio of nearly every video has this rate."""

_ADDRESS = re.compile(r"https?://(?:[\w-]+\.)?youtu(?:be\.com|\.be)/", re.IGNORECASE)
_LIVE = frozenset({"is_live", "is_upcoming", "post_live"})
_CLOSED = frozenset({"private", "premium_only", "subscriber_only", "needs_auth"})


def query_for(words: str, count: int) -> str:
    """Tell yt-dlp what ``words`` ask for: a search, or a video's own address; "" for a foreign one."""
    if "://" in words:
        return words if _ADDRESS.match(words) else ""
    # A minus before a word would exclude that word.
    return f"ytsearch{count}:" + re.sub(r"(?<!\S)-+(?=\S)", "", words)


def playable(entry: Mapping[str, Any], *, logged_in: bool) -> bool:
    """Whether an entry is a recording that a download could be made of."""
    closed = text(entry.get("availability")) in _CLOSED and not logged_in
    return bool(text(entry.get("id")) and text(entry.get("title"))) and not live(entry) and not closed


def live(info: Mapping[str, Any]) -> bool:
    """Whether it is going on, has not begun, or is not yet cut to a recording."""
    return text(info.get("live_status")) in _LIVE


def result(entry: Mapping[str, Any]) -> RawSearchResult:
    """Read an entry of a search, or a whole video where one was asked for by its address."""
    artist, title = credits_of(entry)
    channel = text(entry.get("channel"))
    return RawSearchResult(
        target_id=text(entry.get("id")),
        title=title,
        artist=artist,
        album=text(entry.get("album")),
        duration=number(entry.get("duration")),
        year=whole(entry.get("release_year")),
        quality=TYPICAL,
        popularity=number(entry.get("view_count")),
        extra={"channel": channel, "label_audio": channel.endswith(TOPIC)},
    )


def credits_of(entry: Mapping[str, Any]) -> tuple[str, str]:
    """Artist and title: the label's, a topic channel's, or "Artist - Title"; else the channel is one."""
    line, channel = text(entry.get("title")), text(entry.get("channel") or entry.get("uploader"))
    if entry.get("track"):
        return text(entry.get("artists")), text(entry["track"])
    if channel.endswith(TOPIC):
        return channel.removesuffix(TOPIC), line
    artist, title = split_title(line)
    return artist or channel, title
