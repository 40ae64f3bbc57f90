"""Titles of uploads are taken apart at the dash that people mean."""

from __future__ import annotations

import pytest

from cratedig.ytdlp import split_title


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
