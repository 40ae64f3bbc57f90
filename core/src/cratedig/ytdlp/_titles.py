"""Upload titles are one line of text; most of music's read "Artist - Title"."""

from __future__ import annotations

import re

# From the first blank of a run: from each of them, a run of n blanks would take n squared steps.
_DASH = re.compile(r"(?<!\s)\s+(?:[-\u2010-\u2015\u2212]|[-\u2012-\u2015]{2})\s+")
"""Hyphen, en dash and their kin, but only between blanks: "Jay-Z" and "A-ha" stay whole."""


def credited(line: str, artists: str) -> tuple[str, str]:
    """Artist and title of an upload titled ``line``, whose label names ``artists`` ("" where none does).

    The label's artist goes before the one of the line, and is taken out of it only where it is the same.
    """
    artist, title = split_title(line)
    if not artists:
        return artist, title
    return (artists, title) if artist.casefold() == artists.casefold() else (artists, line.strip())


def split_title(title: str) -> tuple[str, str]:
    """Artist and title out of ``Artist - Title``; the artist is empty where there is no such dash.

    Only the first dash divides, so that "Artist - Title - Live" keeps its version words.
    """
    halves = _DASH.split(title, maxsplit=1)
    if len(halves) != 2 or not all(half.strip() for half in halves):  # noqa: PLR2004 - a pair
        return "", title.strip()
    return halves[0].strip(), halves[1].strip()
