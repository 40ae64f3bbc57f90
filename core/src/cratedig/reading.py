"""Tolerant readers for what a service answers.

JSON from outside has every type in every place: a number where a string was, a list of one, ``null``, ten
megabytes of text. Each reader here takes any value and gives back the one type that it names. None raises,
but the two ``require_…`` that say so. Where a list stands for a single value, its first item counts.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Mapping
from itertools import islice
from typing import Any, Protocol

from cratedig._errors import UnexpectedResponse

__all__ = [
    "MAX_TEXT",
    "MAX_TEXTS",
    "flag",
    "isrc",
    "items",
    "json_of",
    "mapping",
    "number",
    "require_items",
    "require_mapping",
    "text",
    "texts",
    "versioned",
    "whole",
    "year",
]

MAX_TEXT = 4096
"""Characters that are kept of one text; the model's fields take no more."""

MAX_TEXTS = 1000
"""Texts that are kept of one list."""

_MAX_WHOLE = 2**63 - 1  # what a journal's integer column holds
_MAX_DIGITS = 64
_LINE_BREAKS = re.compile(r"[\t-\r\x85\u2028\u2029]+")
# Controls, lone surrogates (not encodable), direction overrides (a name that reads backwards) and the BOM.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff]")
_NUMBER = re.compile(r"\+?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}")
# Alone, or at the head of YYYYMM and YYYYMMDD; seconds since 1970 also start with four digits.
_YEAR = re.compile(r"(?<![0-9])((?:1[89]|20)[0-9]{2})(?:[0-9]{2}){0,2}(?![0-9])")


class Answer(Protocol):
    """An answer over HTTP, that of httpx or of another library."""

    def json(self) -> Any:
        """The body, read as JSON."""
        ...


def text(value: object) -> str:
    """One line of at most :data:`MAX_TEXT` characters; a number as its digits; "" for anything else.

    HTML entities are resolved, line breaks are spaces, other control characters and lone surrogates are
    gone, and so is white space at both ends.
    """
    value = _first(value)
    if not isinstance(value, str):
        return _digits(value)
    line = _LINE_BREAKS.sub(" ", _unescape(value.lstrip()[:MAX_TEXT]))
    return _UNPRINTABLE.sub("", line).strip()[:MAX_TEXT].rstrip()


def texts(value: object) -> tuple[str, ...]:
    """Every non-empty text of a list, at most :data:`MAX_TEXTS`; of a single value, that one."""
    several = value if isinstance(value, list | tuple) else [value]
    return tuple(line for line in map(text, islice(several, MAX_TEXTS)) if line)


def number(value: object) -> float | None:
    """A finite number of zero or more, also out of a numeric string."""
    value = _first(value)
    if isinstance(value, str):
        value = value.strip() if len(value) <= _MAX_DIGITS else ""
        return number(float(value)) if _NUMBER.fullmatch(value) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        converted = float(value)
    except OverflowError:
        return None
    return abs(converted) if math.isfinite(converted) and converted >= 0 else None


def whole(value: object) -> int | None:
    """A whole number from zero to 2**63-1, also out of a numeric string; a fraction is cut off."""
    value = _first(value)
    if isinstance(value, str) and len(value) <= _MAX_DIGITS and value.strip().isdecimal():
        value = int(value)  # not by way of float, which is exact up to 2**53 only
    if isinstance(value, int) and not isinstance(value, bool):
        return value if 0 <= value <= _MAX_WHOLE else None
    converted = number(value)
    return int(converted) if converted is not None and converted < _MAX_WHOLE else None


def flag(value: object) -> bool:
    """True for ``true``, 1, "true" and "1"; false for everything else."""
    value = _first(value)
    if isinstance(value, str):
        return value.strip().lower() in {"true", "1"} if len(value) <= _MAX_DIGITS else False
    return isinstance(value, bool | int | float) and value == 1


def mapping(value: object) -> Mapping[str, Any]:
    """The object itself, or an empty one."""
    return value if isinstance(value, Mapping) else {}


def items(value: object) -> list[Any]:
    """The list itself; a single object as a list of one; an empty list for anything else."""
    if isinstance(value, list | tuple):
        return list(value)
    return [value] if isinstance(value, Mapping) else []


def year(value: object) -> int | None:
    """The first year from 1800 to 2099 that stands in a date, a title or a number."""
    found = _YEAR.search(text(value))
    return int(found[1]) if found else None


def isrc(value: object) -> str | None:
    """An ISRC (ISO 3901) in capitals, without hyphens and blanks; ``None`` for what is none."""
    code = text(value).replace("-", "").replace(" ", "").upper()
    return code if _ISRC.fullmatch(code) else None


def versioned(title: object, version: object) -> str:
    """A title with its version ("Live", "Remastered") in brackets, unless that stands in it already.

    Services keep the version in a field of its own, and it makes another recording of the song.
    """
    name, kind = text(title), text(version)
    known = not (name and kind) or kind.casefold() in name.casefold()
    return name if known else f"{name} ({kind})"[:MAX_TEXT]


def json_of(answer: Answer) -> Any:
    """The JSON in an answer's body, where refusals often have their reason; ``None`` for anything else."""
    try:
        return answer.json()
    except (ValueError, RecursionError):  # the latter for lists in lists in lists
        return None


def require_mapping(value: object, what: str) -> Mapping[str, Any]:
    """The object itself.

    :raises UnexpectedResponse: it is none; says what ``what`` is instead, not what it holds.
    """
    if isinstance(value, Mapping):
        return value
    raise UnexpectedResponse(f"{what}: expected an object, got {_kind(value)}")


def require_items(value: object, what: str) -> list[Any]:
    """The list itself.

    :raises UnexpectedResponse: it is none; says what ``what`` is instead, not what it holds.
    """
    if isinstance(value, list | tuple):
        return list(value)
    raise UnexpectedResponse(f"{what}: expected a list, got {_kind(value)}")


def _first(value: object) -> object:
    """One level only: a list of lists is no way to write a single value."""
    return (value[0] if value else None) if isinstance(value, list | tuple) else value


def _digits(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    if isinstance(value, int):
        # Python refuses to write out integers of thousands of digits.
        return str(value) if value.bit_length() <= 256 else ""  # noqa: PLR2004
    if not math.isfinite(value):
        return ""
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else str(value)


def _unescape(value: str) -> str:
    try:
        return html.unescape(value)
    except ValueError:  # "&#" and more digits than int() takes
        return value


def _kind(value: object) -> str:
    """The JSON name of a value's type."""
    names: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (type(None), "null"),
        (bool, "true or false"),
        ((int, float), "a number"),
        (str, "text"),
        ((list, tuple), "a list"),
        (Mapping, "an object"),
    )
    return next((name for types, name in names if isinstance(value, types)), type(value).__name__)
