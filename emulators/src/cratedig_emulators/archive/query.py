"""The part of the Lucene query language that clients of the Archive use.

Fields, phrases, AND, OR, NOT, parentheses, ranges and free words. Words next to each other are all wanted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

Document = Mapping[str, Any]
Test = Callable[[Document], bool]

_TOKEN = re.compile(
    r'\s*(?:(?P<open>\()|(?P<close>\))|(?P<field>[\w-]+):|(?P<range>\[[^\]]*\])|"(?P<phrase>[^"]*)"'
    r"|(?P<word>(?:\\.|[^\s()\"\[\]:])+))"
)
_ANYWHERE = ("title", "creator", "description", "identifier", "subject")


class BadQuery(Exception):
    """The query cannot be read."""


def parse(query: str) -> Test:
    """Make the test that a document has to pass.

    :raises BadQuery: a parenthesis or a quotation mark is left alone, or an operator has nothing to work on.
    """
    parser = _Parser(_tokens(query))
    test = parser.either("")
    if parser.left:
        raise BadQuery(f"unexpected {parser.left[0][1]!r}")
    return test


def _tokens(query: str) -> list[tuple[str, str]]:
    tokens, position = [], 0
    while query[position:].strip():
        match = _TOKEN.match(query, position)
        if match is None:
            raise BadQuery(f"cannot read {query[position:]!r}")
        tokens.append((str(match.lastgroup), str(match[str(match.lastgroup)])))
        position = match.end()
    return tokens


class _Parser:
    """Recursive descent; ``name`` is the field that words are looked for in, "" for anywhere."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.left = tokens

    def either(self, name: str) -> Test:
        tests = [self.all_of(name)]
        while self._take("word", "OR"):
            tests.append(self.all_of(name))
        return lambda document: any(test(document) for test in tests)

    def all_of(self, name: str) -> Test:
        tests = [self.one(name)]
        while self.left and self.left[0][0] != "close" and self.left[0] != ("word", "OR"):
            self._take("word", "AND")
            tests.append(self.one(name))
        return lambda document: all(test(document) for test in tests)

    def one(self, name: str) -> Test:
        if not self.left:
            raise BadQuery("something is missing at the end")
        kind, text = self.left.pop(0)
        if kind == "open":
            test = self.either(name)
            if not self._take("close"):
                raise BadQuery("a parenthesis is not closed")
            return test
        if kind == "field":
            return self.one(text)
        if (kind, text) == ("word", "NOT"):
            refused = self.one(name)
            return lambda document: not refused(document)
        if kind == "close" or (kind == "word" and text in {"AND", "OR"}):
            raise BadQuery(f"unexpected {text!r}")
        return _range(name, text) if kind == "range" else _words(name, text)

    def _take(self, kind: str, text: str | None = None) -> bool:
        if self.left and self.left[0][0] == kind and text in {None, self.left[0][1]}:
            self.left.pop(0)
            return True
        return False


def _words(name: str, text: str) -> Test:
    wanted = plain(text.replace("\\", ""))
    return lambda document: any(wanted in plain(value) for value in _values(document, name))


def _range(name: str, text: str) -> Test:
    low, _, high = text.strip("[]").partition(" TO ")
    return lambda document: any(
        low <= value[: len(low)] and value[: len(high)] <= high for value in _values(document, name)
    )


def _values(document: Document, name: str) -> list[str]:
    values = [document.get(one) for one in ((name,) if name else _ANYWHERE)]
    flat = [one for value in values for one in (value if isinstance(value, list) else [value])]
    return [str(one) for one in flat if one is not None]


def plain(text: str) -> str:
    """Words in lower case with a blank at both ends, so that only whole words are found."""
    words = " ".join(re.findall(r"\w+", text.casefold()))
    return f" {words} "
