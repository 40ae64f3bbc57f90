"""Artists' names compared: several people, channels of theirs, other spellings."""

# ruff: noqa: RUF001 - the look-alike signs are what it is about

from __future__ import annotations

import re
from functools import lru_cache
from itertools import product

from attrs import frozen

from cratedig._matching import noise
from cratedig._matching.similar import Likeness, likeness
from cratedig._matching.text import FEAT, fold, is_foreign, without_article

_SEPARATOR = re.compile(
    r"\s*[,;/、×・+]\s*|\s+(?:&|and|x|vs\.?|versus|with|und|et|y|e|и|med|con|presents|pres\.?|meets)\s+|\s*&\s*",
    re.IGNORECASE,
)
_PAREN = re.compile(r"[(\[](.*?)[)\]]")
_NOBODY = frozenset(
    {"", "various artists", "various", "va", "unknown artist", "unknown", "n a", "untitled", "artist"}
)


@frozen
class Names:
    """``whole`` is the credit as one name, ``each`` the people in it, ``guests`` those after "feat."."""

    whole: str
    each: tuple[str, ...] = ()
    guests: tuple[str, ...] = ()
    foreign: bool = False

    @property
    def lead(self) -> str:
        """The first person."""
        return self.each[0] if self.each else self.whole

    @property
    def known(self) -> bool:
        """Whether anybody is named at all."""
        return self.whole not in _NOBODY


def _clean(name: str) -> str:
    return without_article(noise.UPLOADER.sub("", fold(name)).strip() or fold(name))


@lru_cache(maxsize=32_768)
def names(credit: str) -> Names:
    """The people in an artist credit, the first one first."""
    lead, *guests = FEAT.split(" ".join(credit.split()))
    lead = lead.rstrip(" ([-")
    others = [name.rstrip(")] ") for name in guests]
    inside = [found[1] for found in _PAREN.finditer(lead)]
    bare = _PAREN.sub(" ", lead).strip() or lead
    each = tuple(filter(None, (_clean(name) for name in [*_SEPARATOR.split(bare), *inside] if name.strip())))
    more = tuple(
        filter(None, (_clean(one) for name in others for one in _SEPARATOR.split(name) if one.strip()))
    )
    return Names(_clean(bare), each, more, is_foreign(credit))


def alike(left: Names, right: Names, extra: tuple[str, ...] = ()) -> Likeness:
    """Whether two credits name the same artist; ``extra`` are guests that a title names."""
    if not left.known or not right.known:
        return Likeness.DIFFERENT
    foreign = left.foreign or right.foreign
    # Where one person is named, lead and whole are one.
    spellings = {left.whole, left.lead}, {right.whole, right.lead}
    best = max(likeness(ours, theirs, foreign) for ours, theirs in product(*spellings))
    if best is Likeness.DIFFERENT and (_within(left, right, extra) or _within(right, left, extra)):
        return Likeness.CLOSE
    return best


def _within(few: Names, many: Names, extra: tuple[str, ...]) -> bool:
    pool = {*many.each, *many.guests, many.whole, *extra}
    return all(person in pool for person in few.each or (few.whole,))
