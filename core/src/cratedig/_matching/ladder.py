"""Shorter queries for when a search box finds nothing."""

# ruff: noqa: RUF001 - the look-alike signs are what it is about

from __future__ import annotations

import re
from collections.abc import Iterator

from cratedig._matching import noise
from cratedig._matching.names import names
from cratedig._matching.text import fold
from cratedig._matching.titles import splits
from cratedig._model import Kind, Wanted

_BRACKET = re.compile(r"\s*[(\[{][^()\[\]{}]*[)\]}]\s*")
_GUESTS = re.compile(r"\s*\b(?:feat|ft|featuring)\b.*?(?=\s[-–—]\s|$)", re.IGNORECASE)
_SIGNS = re.compile(r"[^\w\s'’&$.-]+|\s[-–—]\s")


def ladder(query: str, wanted: Wanted | None = None) -> Iterator[str]:
    """At most four queries, each other than ``query`` and the ones before: what to ask when it found nothing.

    Without brackets, then without guests, then only the song's own words with the first artist, then the
    title alone. One word alone is asked only when the title is one word: it floods a service otherwise.
    """
    query = " ".join(query.split())
    seen = {fold(query)}
    for rung in _rungs(query, wanted):
        words = " ".join(rung.split())
        if fold(words) not in seen and _enough(words, query, wanted):
            seen.add(fold(words))
            yield words


def _rungs(query: str, wanted: Wanted | None) -> Iterator[str]:
    if wanted is not None and (wanted.title or wanted.album):
        yield from _from_fields(wanted)
    else:
        yield from _from_text(query)


def _from_fields(wanted: Wanted) -> Iterator[str]:
    title = _title(wanted)
    yield f"{wanted.artist} {_plain(title)}"
    yield f"{_without_guests(wanted.artist)} {_without_guests(_plain(title))}"
    yield f"{names(wanted.artist).lead} {_core(title)}"
    yield _core(title)


def _from_text(query: str) -> Iterator[str]:
    bare = _BRACKET.sub(" ", query)
    yield _SIGNS.sub(" ", bare)
    yield _SIGNS.sub(" ", _without_guests(bare))
    for split in splits(query)[:2][-1:]:
        yield f"{names(split.artist).lead} {split.title.core}"
        yield split.title.core


def _enough(words: str, query: str, wanted: Wanted | None) -> bool:
    """Whether a rung is a query at all, and no single word that is not a whole title."""
    if not words or noise.LABELS.fullmatch(fold(words)) or len(fold(words)) > len(fold(query)):
        return False
    if len(words.split()) > 1:
        return True
    return wanted is not None and fold(words) == _core(_title(wanted))


def _title(wanted: Wanted) -> str:
    return wanted.album if wanted.kind is Kind.ALBUM else wanted.title


def _core(title: str) -> str:
    said = splits(title)
    return said[0].title.core if said else fold(title)


def _plain(text: str) -> str:
    return _SIGNS.sub(" ", _BRACKET.sub(" ", text))


def _without_guests(text: str) -> str:
    return _GUESTS.sub("", text)
