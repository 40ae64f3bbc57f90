"""What Lidarr has written down of an album since a job began."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import frozen

from cratedig.reading import items, mapping, text, whole

_FAILED = "downloadFailed"
_OVER = frozenset({"downloadImported", "albumImportIncomplete", _FAILED, "downloadIgnored"})
_CAME = frozenset({"downloadImported", "albumImportIncomplete", "trackFileImported"})


@frozen
class History:
    """The downloads that were ``grabbed``, those of them that are ``running`` as far as anybody knows.

    ``imported`` says that files have come, ``failed`` that a download is over without; ``said`` is the reason
    that Lidarr gives. ``last`` is the highest number of a row.
    """

    grabbed: frozenset[str]
    running: frozenset[str]
    imported: bool
    failed: bool
    said: str
    last: int


def history(answer: Any, after: int) -> History:
    """Read a page of rows; those up to the number ``after`` are of another time."""
    records = mapping(answer).get("records") if isinstance(answer, dict) else answer
    numbered = {whole(row.get("id")) or 0: row for row in map(mapping, items(records))}
    rows = [row for number, row in numbered.items() if number > after]
    grabbed = _downloads(rows, {"grabbed"})
    failures = [row for row in rows if _event(row) == _FAILED]
    return History(
        grabbed=grabbed,
        running=grabbed - _downloads(rows, _OVER),
        imported=any(_event(row) in _CAME for row in rows),
        failed=bool(failures),
        said=next((said for row in failures if (said := text(mapping(row.get("data")).get("message")))), ""),
        last=max(numbered, default=0),
    )


def _event(row: Any) -> str:
    return text(row.get("eventType"))


def _downloads(rows: Iterable[Any], events: Iterable[str]) -> frozenset[str]:
    return frozenset(text(row.get("downloadId")) for row in rows if _event(row) in events)
