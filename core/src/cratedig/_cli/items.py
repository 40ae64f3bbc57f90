"""What `get` is asked for: numbers of the last search, keys, free text, lines of a file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click
from attrs import fields_dict

from cratedig._model import SearchResult, Wanted

if TYPE_CHECKING:
    from collections.abc import Sequence

Key = tuple[str, str]
Item = SearchResult | Wanted | Key

_FIELDS = frozenset(fields_dict(Wanted))


class Reader:
    """Turns words into items. ``sources`` are the names and aliases of all sources."""

    def __init__(self, last: Sequence[SearchResult], sources: Collection[str]) -> None:
        self._last = last
        self._sources = sources

    def word(self, word: str) -> Item:
        """The item that one argument or line stands for.

        :raises click.UsageError: it is a number that the last search does not have.
        """
        if word.isascii() and word.isdigit():
            return self._numbered(int(word))
        source, colon, target = word.partition(":")
        if colon and target and " " not in source and source in self._sources:
            known = (r for result in self._last for r in (result, *result.alternates))
            return next((result for result in known if result.key == word), (source, target))
        return Wanted.of(word)

    def lines(self, text: str) -> Iterator[Item]:
        """The items of a list: a line each, ``#`` for comments; JSON objects; or CSV with a header.

        :raises click.UsageError: a line cannot be read; it is named.
        """
        lines = text.removeprefix("\ufeff").splitlines()
        meant = [(n, line.strip()) for n, line in enumerate(lines, 1) if _is_meant(line)]
        if meant and _is_header(meant[0][1]):
            yield from _table(meant)
            return
        for number, line in meant:
            yield _object(number, line) if line.startswith("{") else self.word(line)

    def _numbered(self, number: int) -> SearchResult:
        if not 1 <= number <= len(self._last):
            there = f"has {len(self._last)} results" if self._last else "found nothing, or there was none"
            hint = f"for a name made of digits use --title {number}"
            raise click.UsageError(f"{number} is no result: the last search {there}; {hint}")
        return self._last[number - 1]


def _is_meant(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _is_header(line: str) -> bool:
    names = [name.strip().lower() for name in line.split(",")]
    return len(names) > 1 and set(names) <= _FIELDS


def _table(lines: Iterable[tuple[int, str]]) -> Iterator[Wanted]:
    (_, header), *rows = lines
    names = [name.strip().lower() for name in header.split(",")]
    for number, line in rows:
        cells = next(csv.reader(io.StringIO(line)))
        yield _wanted(number, dict(zip(names, cells, strict=False)))


def _object(number: int, line: str) -> Wanted:
    try:
        found = json.loads(line)
    except ValueError as error:
        raise click.UsageError(f"line {number}: not valid JSON: {error}") from None
    return _wanted(number, found)


def _wanted(number: int, given: dict[str, Any]) -> Wanted:
    wrong = sorted(set(given) - _FIELDS)
    if wrong:
        raise click.UsageError(f"line {number}: {', '.join(wrong)}: expected {', '.join(sorted(_FIELDS))}")
    try:
        return Wanted(
            **{name: _value(name, value) for name, value in given.items() if value not in ("", None)}
        )
    except (ValueError, TypeError) as error:
        raise click.UsageError(f"line {number}: {error}") from None


def _value(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if name == "duration":
        return float(value)
    return int(value) if name in {"track_number", "year"} else value.strip()
