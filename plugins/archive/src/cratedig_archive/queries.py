"""Searching: words into the Archive's query language, its answer into the items worth a look."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from cratedig import UnexpectedResponse, Wanted
from cratedig.reading import mapping, require_items, require_mapping, text, texts
from cratedig_archive.items import IDENTIFIER
from cratedig_archive.settings import ArchiveSettings

ROWS = 50
_FIELDS = ("identifier", "title", "creator", "downloads")
_WORD = re.compile(r"\w+(?:['’]\w+)*")  # noqa: RUF001 -- the apostrophe of typeset titles
_MOST_WORDS = 24


def words(line: str) -> list[str]:
    """Take the words of ``line`` in lower case: no operators, nothing that has a meaning in a query."""
    return [word.lower() for word in _WORD.findall(line)][:_MOST_WORDS]


def search_args(query: str, wanted: Wanted, settings: ArchiveSettings) -> dict[str, Any]:
    """Make the arguments of a search for music; empty when ``query`` has no words.

    The index knows items and not their tracks, so everything by the artist is asked for besides.
    """
    if not words(query):
        return {}
    either = f"({_all(words(query))})"
    if artist := words(wanted.artist or query.partition(" - ")[0] * (" - " in query)):
        either = f"({either} OR creator:({_all(artist)}))"
    parts = [either, "mediatype:(audio OR etree)", "NOT access-restricted-item:true"]
    if settings.collections:
        parts.append(f"collection:({_any(settings.collections)})")
    if settings.exclude_collections:
        parts.append(f"NOT collection:({_any(settings.exclude_collections)})")
    return {"q": " AND ".join(parts), "fl[]": list(_FIELDS), "rows": ROWS, "page": 1, "output": "json"}


def read_hits(answer: Any, query: str, wanted: Wanted) -> list[Mapping[str, Any]]:
    """Read the items that were found, those first that have the most of the words that were looked for.

    :raises UnexpectedResponse: the answer is no search's, or an error.
    """
    whole = require_mapping(answer, "search")
    if "error" in whole:
        raise UnexpectedResponse(f"the search is refused: {text(whole['error'])[:200]}")
    found = require_items(mapping(whole.get("response")).get("docs"), "search's documents")
    sought = {*words(query), *words(f"{wanted.artist} {wanted.title} {wanted.album}")}
    hits = [hit for hit in map(mapping, found) if IDENTIFIER.fullmatch(text(hit.get("identifier")))]
    return sorted(hits, key=lambda hit: -len(sought.intersection(_known_words(hit))))


def _known_words(hit: Mapping[str, Any]) -> set[str]:
    return {word for line in (text(hit.get("title")), *texts(hit.get("creator"))) for word in words(line)}


def _all(parts: Iterable[str]) -> str:
    return " AND ".join(parts)


def _any(names: Iterable[str]) -> str:
    """Names of collections, of which nothing but identifiers is let through."""
    return " OR ".join(name for name in names if IDENTIFIER.fullmatch(name))
