"""Lists of phrases made into patterns, so that a vocabulary reads as one."""

from __future__ import annotations

import re


def any_of(phrases: str) -> str:
    """Match one of ``phrases``: parted by a comma and white space, each a regular expression."""
    return "(?:" + "|".join(re.split(r",\s+", phrases.strip())) + ")"


def words(phrases: str) -> str:
    """:func:`any_of` as whole words."""
    return rf"\b{any_of(phrases)}\b"
