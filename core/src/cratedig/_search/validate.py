"""What a source returned, made into results that the rest of the engine can trust."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from attrs import fields

from cratedig._errors import UnexpectedResponse
from cratedig._model import RawSearchResult, SearchResult

MAX_RESULTS = 1000
"""Results of one source that are looked at; no person reads more, and rubbish can come by the million."""

MAX_EXTRA = 16_384
"""Characters that a result's ``extra`` may take as JSON."""

_FIELDS = tuple(field.name for field in fields(RawSearchResult))


def validate(source: str, answer: object) -> tuple[list[SearchResult], tuple[str, ...]]:
    """The valid results, stamped with their source, and what was wrong with the others.

    :raises UnexpectedResponse: the answer is no list of results at all.
    """
    if not isinstance(answer, Sequence) or isinstance(answer, str | bytes):
        raise UnexpectedResponse(
            f"search_raw returned {type(answer).__name__}, expected a list", source=source
        )
    problems: Counter[str] = Counter()
    results = list(_valid(source, islice(answer, MAX_RESULTS), problems))
    if answer and not results:
        raise UnexpectedResponse(
            f"none of {len(answer)} results is valid: {_told(problems)[0]}", source=source
        )
    if len(answer) > MAX_RESULTS:
        problems[f"{len(answer)} results, only the first {MAX_RESULTS} were looked at"] += 1
    return results, _told(problems)


def _valid(source: str, answer: Iterable[object], problems: Counter[str]) -> Iterable[SearchResult]:
    seen: set[str] = set()
    for raw in answer:
        try:
            result = _stamped(source, raw)
        except Exception as error:  # noqa: BLE001 - a foreign object may raise anything when it is read
            problems[f"dropped: {error}"[:300]] += 1
            continue
        if result.target_id in seen:
            problems["dropped: the same target twice"] += 1
            continue
        seen.add(result.target_id)
        yield result


def _stamped(source: str, raw: object) -> SearchResult:
    if not isinstance(raw, RawSearchResult):
        raise TypeError(f"{type(raw).__name__} where a RawSearchResult is expected")
    values: dict[str, Any] = {name: getattr(raw, name) for name in _FIELDS}
    values["extra"] = _light(raw.extra)
    return SearchResult(source=source, **values)


def _light(extra: Mapping[str, Any]) -> dict[str, Any]:
    """A copy that is plain JSON: it goes into records and the journal."""
    if not extra:
        return {}
    if _weight(extra, MAX_EXTRA) > MAX_EXTRA:
        # Asked before it is encoded: the encoder lets no other thread run while it is at it.
        raise ValueError(f"extra: more than {MAX_EXTRA} characters")
    text = json.dumps(dict(extra), default=_brief)
    if len(text) > MAX_EXTRA:
        raise ValueError(f"extra: {len(text)} characters, at most {MAX_EXTRA}")
    light: dict[str, Any] = json.loads(text)
    return light


def _weight(value: object, limit: int) -> int:
    """About how many characters ``value`` takes; counting ends above ``limit``."""
    if isinstance(value, str | bytes):
        return len(value) + 2
    if isinstance(value, int) and not isinstance(value, bool):
        return value.bit_length() // 3 + 1
    if isinstance(value, Mapping):
        return _sum((part for pair in value.items() for part in pair), limit)
    if isinstance(value, list | tuple | set | frozenset):
        return _sum(value, limit)
    return 1


def _sum(values: Iterable[object], limit: int) -> int:
    total = 2
    for value in values:
        total += 1 + _weight(value, limit - total)
        if total > limit:
            break
    return total


def _brief(value: object) -> str:
    return str(value)[:MAX_EXTRA]


def _told(problems: Counter[str]) -> tuple[str, ...]:
    return tuple(f"{text} ({count} times)" if count > 1 else text for text, count in problems.most_common(5))
