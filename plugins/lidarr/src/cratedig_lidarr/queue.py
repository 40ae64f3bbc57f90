"""The records of Lidarr's queue, and what several of them for one album amount to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from attrs import frozen

from cratedig import CorruptDownload, NotFound, SourceError
from cratedig.reading import items, mapping, require_items, text, texts, whole

FAILED, IGNORED = "downloadFailed", "ignored"
_ENDED = frozenset({FAILED, IGNORED})
_STUCK = frozenset({"importBlocked", "importFailed", "downloadFailedPending"})
_SAID = {
    "importPending": "waiting for Lidarr to import it",
    "importing": "importing",
    "importBlocked": "Lidarr cannot import it by itself",
    "importFailed": "Lidarr could not import all of it",
    "downloadFailedPending": "the download has failed",
    "delay": "held back by Lidarr's delay profile",
    "downloadClientUnavailable": "Lidarr's download client does not answer",
    "fallback": "waiting for another indexer",
}
MOST_SAID = 300


@frozen(kw_only=True)
class Record:
    """One record. ``said`` is what Lidarr says of it; ``size`` and ``left`` are bytes."""

    id: int
    album: int
    download_id: str
    status: str
    state: str
    size: int
    left: int
    said: str

    @property
    def ended(self) -> bool:
        """Whether nothing will come of it any more."""
        return self.state in _ENDED or (self.status == "failed" and not self.state)

    @property
    def stuck(self) -> bool:
        """Whether it waits for a person, or for Lidarr to try again."""
        return self.state in _STUCK

    @property
    def doing(self) -> str:
        """What is going on, in words."""
        words = _SAID.get(self.state) or _SAID.get(self.status) or self.status or "queued"
        return f"{words}: {self.said}" if self.said else words


@frozen(kw_only=True)
class Standing:
    """How an album stands in the queue; ``problem`` when nothing will come of it."""

    transferred: int
    size: int
    detail: str
    stuck: bool
    problem: SourceError | None = None


def records(answer: Any) -> list[Record]:
    """Read a plain list of records; those without number or album are left out.

    :raises UnexpectedResponse: it is no list.
    """
    rows = (_record(mapping(value)) for value in require_items(answer, "queue"))
    return [one for one in rows if one.id and one.album]


def _record(row: Any) -> Record:
    size = whole(row.get("size")) or 0
    return Record(
        id=whole(row.get("id")) or 0,
        album=whole(row.get("albumId")) or 0,
        download_id=text(row.get("downloadId")),
        status=text(row.get("status")),
        state=text(row.get("trackedDownloadState")),
        size=size,
        left=min(whole(row.get("sizeleft")) or 0, size),
        said=_said(row),
    )


def _said(row: Any) -> str:
    told = [line for one in items(row.get("statusMessages")) for line in texts(mapping(one).get("messages"))]
    return "; ".join(dict.fromkeys([*told, *texts(row.get("errorMessage"))]))[:MOST_SAID]


def standing(several: Sequence[Record]) -> Standing:
    """What the records of one album, at least one, come to."""
    alive = [one for one in several if not one.ended]
    counted = {one.download_id or str(one.id): one for one in alive or several}.values()
    size = sum(one.size for one in counted)
    return Standing(
        transferred=size - sum(one.left for one in counted),
        size=size,
        detail="; ".join(dict.fromkeys(one.doing for one in counted)),
        stuck=bool(alive) and all(one.stuck for one in alive),
        problem=None if alive else _problem(several),
    )


def _problem(several: Iterable[Record]) -> SourceError:
    failed = [one for one in several if one.state != IGNORED]
    if not failed:
        return NotFound("somebody has told Lidarr to ignore the download")
    return failure(next((one.said for one in failed if one.said), ""))


def failure(said: str) -> SourceError:
    """Say that a release was damaged or could not be fetched; Lidarr takes another one the next time."""
    return CorruptDownload(f"Lidarr's download has failed{': ' if said else ''}{said}")
