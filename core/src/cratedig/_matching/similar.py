"""How alike two folded spellings are: exactly, up to typing errors, up to romanisation, or not."""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache
from itertools import zip_longest

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from cratedig._matching.roman import sound
from cratedig._matching.text import compact

_FILLERS = frozenset({"the", "a", "an", "and"})
_ROMAN = frozenset({"ii", "iii", "iv", "vi", "vii", "viii", "ix", "xi", "xii"})
_SHORTEST_TYPO = 5
_LONG_WORD = 8
_LETTERS_PER_GUESS = 6


class Likeness(IntEnum):
    """Ordered from different to identical."""

    DIFFERENT = 0
    CLOSE = 1
    """A typing error, a filler word or another romanisation apart: needs other evidence beside it."""
    EXACT = 2


@lru_cache(maxsize=32_768)
def likeness(left: str, right: str, foreign: bool = False) -> Likeness:
    """How alike two folded texts are; ``foreign`` when one of them was romanised."""
    if not left or not right:
        return Likeness.DIFFERENT
    if compact(left) == compact(right):
        return Likeness.EXACT
    if _numbers(left) != _numbers(right):
        return Likeness.DIFFERENT
    ours, theirs = _content(left), _content(right)
    if "".join(ours) == "".join(theirs) or _typed(ours, theirs) or (foreign and _sounds_like(left, right)):
        return Likeness.CLOSE
    return Likeness.DIFFERENT


def similarity(left: str, right: str) -> float:
    """0 to 1, for ordering only; decisions are made by :func:`likeness`."""
    return fuzz.token_sort_ratio(left, right) / 100


def is_typo(left: str, right: str) -> bool:
    """Whether two words are one, up to a slip of the finger."""
    if left == right:
        return True
    length = min(len(left), len(right))
    if length < _SHORTEST_TYPO or _numbers(left) or _numbers(right):
        return False
    limit = 2 if length >= _LONG_WORD else 1
    return OSA.distance(left, right, score_cutoff=limit) <= limit


def _typed(left: list[str], right: list[str]) -> bool:
    # Word by word, as "minor" and "major" are as near as a typing error once they are part of a long title.
    if len(left) != len(right):
        return is_typo("".join(left), "".join(right)) and abs(len(left) - len(right)) == 1
    return all(is_typo(ours, theirs) for ours, theirs in zip_longest(left, right, fillvalue=""))


def _sounds_like(left: str, right: str) -> bool:
    ours, theirs = sound(compact(left)), sound(compact(right))
    limit = min(len(ours), len(theirs)) // _LETTERS_PER_GUESS
    return OSA.distance(ours, theirs, score_cutoff=limit) <= limit


def _content(folded: str) -> list[str]:
    words = folded.split()
    return [word for word in words if word not in _FILLERS] or words


@lru_cache(maxsize=32_768)
def _numbers(folded: str) -> tuple[str, ...]:
    return tuple(sorted(word for word in folded.split() if word in _ROMAN or any(map(str.isdigit, word))))
