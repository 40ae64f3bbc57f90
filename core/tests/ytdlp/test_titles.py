"""Titles of uploads are taken apart at the dash that people mean."""

from __future__ import annotations

from typing import Any

import pytest

from cratedig.ytdlp import credited, quality, split_title
from cratedig.ytdlp._bytes import display_name


@pytest.mark.parametrize(
    ("title", "artist", "rest"),
    [
        ("Artist - Song", "Artist", "Song"),
        ("Artist \u2013 Song (Official Audio)", "Artist", "Song (Official Audio)"),
        ("Artist \u2014 Song", "Artist", "Song"),
        ("Artist - Song - Live", "Artist", "Song - Live"),
        ("Jay-Z - 99 Problems", "Jay-Z", "99 Problems"),
        ("A-ha", "", "A-ha"),
        ("Song", "", "Song"),
        (" - Song", "", "- Song"),
        ("Artist - ", "", "Artist -"),
        ("", "", ""),
    ],
)
def test_the_first_dash_between_blanks_divides(title: str, artist: str, rest: str) -> None:
    """Hyphens inside words do not."""
    assert split_title(title) == (artist, rest)


@pytest.mark.parametrize(
    ("line", "artists", "artist", "title"),
    [
        ("Artist - Song", "", "Artist", "Song"),
        ("Artist - Song", "Artist", "Artist", "Song"),
        ("ARTIST - Song", "Artist", "Artist", "Song"),
        ("Song - Remix", "Artist", "Artist", "Song - Remix"),
        ("Song", "Artist", "Artist", "Song"),
        ("Song", "", "", "Song"),
    ],
)
def test_a_label_knows_its_artist(line: str, artists: str, artist: str, title: str) -> None:
    """Its name goes before the line's, and is cut off the line only where it is there."""
    assert credited(line, artists) == (artist, title)


@pytest.mark.parametrize(
    ("info", "name"),
    [
        ({"title": "Artist - Song", "track": "Artist - Song", "artists": ["Artist"]}, "Artist - Song"),
        ({"title": "Song", "track": "Song", "artists": ["Artist"]}, "Artist - Song"),
        ({"title": "Song (Video)", "track": "Song", "artists": ["A", "B"]}, "A, B - Song"),
        ({"title": "Artist - Song"}, "Artist - Song"),
        ({"title": "Song"}, "Song"),
    ],
)
def test_a_file_is_named_after_its_recording(info: dict[str, Any], name: str) -> None:
    """Some extractors call the whole line the track; the artist stands in it once."""
    assert display_name(info) == name


@pytest.mark.parametrize(
    ("info", "shown"),
    [
        ({"acodec": "mp4a.40.2", "abr": 160, "ext": "m4a"}, "AAC 160"),
        ({"acodec": None, "abr": 128, "ext": "mp3"}, "MP3 128"),
        ({"ext": "FLAC"}, "FLAC"),
        ({"ext": "aif"}, "AIFF"),
        ({"acodec": "opus", "ext": "webm", "tbr": 133.4}, "OPUS 133"),
        ({"ext": "webm"}, "unknown"),
        ({"acodec": [], "abr": "x", "ext": 7}, "unknown"),
    ],
)
def test_a_formats_quality_is_read(info: dict[str, Any], shown: str) -> None:
    """By its codec, or by an extension that leaves no choice."""
    assert str(quality(info)) == shown
