"""Text made comparable: one spelling for what services spell in many ways."""

# ruff: noqa: RUF001 - the look-alike signs are what it is about

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from cratedig._matching.roman import romanise

_APOSTROPHES = re.compile(r"['’‘`´ʼ′]")
_AND = re.compile(r"\s*[&＆+]\s*|\s['’]?n['’]?\s")
_INCH = re.compile(r"\b(7|10|12)\s?(?:[\"”″]|'')")
_DOLLAR = re.compile(r"\$(?=\w)|(?<=\w)\$")
_BANG = re.compile(r"(?<=[a-z])!(?=[a-z])")
_INITIALS = re.compile(r"\b(?:\w\.){2,}")
_NOT_WORD = re.compile(r"[\W_]+")
_ARTICLE = re.compile(r"^(?:the|a|an) (?=.)")
FEAT = re.compile(r"\b(?:feat|ft|featuring)\b\.?\s*", re.IGNORECASE)
"""The words after which guests are named."""


@lru_cache(maxsize=16_384)
def fold(text: str) -> str:
    """``text`` in lower-case Latin words with single spaces: no marks, no punctuation, "&" as "and".

    A text made of nothing but punctuation (there are such titles) keeps it.
    """
    plain = unicodedata.normalize("NFKC", text).casefold().strip()
    # Twice: a mark makes another letter of it (й, が) or stands between a letter and its table (ό).
    latin = romanise(_strip_marks(romanise(plain)))
    latin = _DOLLAR.sub("s", _BANG.sub("i", _INCH.sub(r"\1 inch", latin)))
    latin = _AND.sub(" and ", f"{latin}") if len(latin) > 1 else latin
    latin = _INITIALS.sub(lambda found: found[0].replace(".", ""), _APOSTROPHES.sub("", latin))
    words = _NOT_WORD.sub(" ", latin).strip()
    return words or "".join(plain.split())


def _strip_marks(text: str) -> str:
    if text.isascii():
        return text
    return "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))


def normalise(text: str) -> str:
    """The words two spellings of one name share: :func:`fold` without guests and a leading article."""
    head = FEAT.split(text, maxsplit=1)[0].rstrip(" ([-") or text
    return without_article(fold(head))


def without_article(folded: str) -> str:
    """Folded text without its leading English article, unless that is all there is."""
    return _ARTICLE.sub("", folded)


def compact(folded: str) -> str:
    """Folded text without spaces, so that ``taylor swift`` and ``taylorswift`` are one."""
    return folded.replace(" ", "")


def is_foreign(text: str) -> bool:
    """Whether letters of another script than Latin stand in ``text``, so that its spelling is a guess."""
    return not text.isascii() and any(
        char.isalpha() and not unicodedata.name(char, "LATIN").startswith(("LATIN", "FULLWIDTH LATIN"))
        for char in text
    )
