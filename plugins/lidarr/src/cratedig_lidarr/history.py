"""What Lidarr has written down of an album since a job began."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import frozen

from cratedig.reading import mapping, text, whole
from cratedig_lidarr.api import rows_of

_FAILED = "downloadFailed"
_OVER = frozenset({"downloadImported", "albumImportIncomplete", _FAILED, "downloadIgnored"})
_CAME = frozenset({"downloadImported", "albumImportIncomplete", "trackFileImported"})


@frozen
class History:
    """The downloads that were ``grabbed``, those of them that are ``running`` as far as anybody knows.

    ``imported`` says that files have come, ``ignored`` and ``failed`` that a download is over without;
    ``said`` is the reason that Lidarr gives.
    """

    grabbed: frozenset[str]
    running: frozenset[str]
    imported: bool
    failed: bool
    ignored: bool
    said: str


def history(answer: Any, after: int) -> History:
    """Read a page of rows; those up to the number ``after`` are of another time."""
    rows = [row for row in map(mapping, rows_of(answer)) if (whole(row.get("id")) or 0) > after]
    grabbed = _downloads(rows, {"grabbed"})
    failures = [row for row in rows if _event(row) == _FAILED]
    return History(
        grabbed=grabbed,
        running=grabbed - _downloads(rows, _OVER),
        imported=any(_event(row) in _CAME for row in rows),
        failed=bool(failures),
        ignored=any(_event(row) == "downloadIgnored" for row in rows),
        said=next((said for row in failures if (said := text(mapping(row.get("data")).get("message")))), ""),
    )


def last_row(answer: Any) -> int:
    """The highest number of a page; 0 where there is no row."""
    return max((whole(mapping(row).get("id")) or 0 for row in rows_of(answer)), default=0)


def _event(row: Any) -> str:
    return text(row.get("eventType"))


def _downloads(rows: Iterable[Any], events: Iterable[str]) -> frozenset[str]:
    return frozenset(text(row.get("downloadId")) for row in rows if _event(row) in events)
