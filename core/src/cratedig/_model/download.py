"""The record of a download, as readers see it.

    Initializing ──▶ InProgress ──▶ Completed
         │               │     ╲──▶ Errored
         │               ╰───────▶ Cancelled
         ╰──▶ Errored, Cancelled             (terminal states absorb)

A record waits in ``Initializing``; between two attempts it may go back there from ``InProgress``.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from attrs import field, frozen

from cratedig._model.quality import Quality
from cratedig._model.wanted import Kind


class DownloadState(StrEnum):
    """Where a download stands."""

    INITIALIZING = "Initializing"
    IN_PROGRESS = "InProgress"
    COMPLETED = "Completed"
    ERRORED = "Errored"
    CANCELLED = "Cancelled"

    @property
    def terminal(self) -> bool:
        """Whether nothing can change any more."""
        return self in _TERMINAL


_TERMINAL = frozenset({DownloadState.COMPLETED, DownloadState.ERRORED, DownloadState.CANCELLED})


class AttemptOutcome(StrEnum):
    """How one attempt ended."""

    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"
    """The process ended in the middle of it."""


@frozen(kw_only=True)
class Attempt:
    """One try at one candidate. Times are seconds since the epoch, ``received`` bytes.

    ``code`` is the error's stable code and ``reason`` its text, both empty when it completed.
    """

    number: int
    source: str
    target_id: str
    started_at: float
    ended_at: float
    outcome: AttemptOutcome
    code: str = ""
    reason: str = ""
    received: int = 0
    quality: Quality | None = None


@frozen(kw_only=True)
class FileResult:
    """One published file of a download: where it is, its bytes, seconds and quality."""

    path: Path
    size: int
    duration: float | None = None
    quality: Quality | None = None


@frozen(kw_only=True)
class Download:
    """A snapshot of a record. It never changes; ask the engine again for a newer one.

    ``progress`` is percent (0 to 100), ``size`` and ``transferred`` bytes, ``speed`` bytes/s,
    ``time_remaining`` seconds, the ``*_at`` times seconds since the epoch. ``detail`` says what the record
    waits for or why it failed; ``code`` is the last error's stable code. ``quality_asked``, ``_offered``
    and ``_got`` never leave a lower quality unsaid. For an album ``files`` lists what was published,
    ``file_path`` is its folder and ``missing`` names the tracks that a partial one lacks.
    """

    id: str
    source: str
    target_id: str
    display_name: str
    state: DownloadState
    dest_dir: Path
    kind: Kind = Kind.TRACK
    detail: str = ""
    code: str = ""
    progress: float = 0.0
    size: int | None = None
    transferred: int = 0
    speed: float = 0.0
    time_remaining: float | None = None
    file_path: Path | None = None
    files: tuple[FileResult, ...] = ()
    missing: tuple[str, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    quality_asked: str = ""
    quality_offered: Quality | None = None
    quality_got: Quality | None = None
    priority: int = 0
    created_at: float = 0.0
    started_at: float | None = None
    finished_at: float | None = None
    extra: Mapping[str, Any] = field(factory=dict)


@frozen(kw_only=True)
class DownloadEvent:
    """A record changed: its snapshot now, and the state it was in ``before`` (the same for progress)."""

    download: Download
    before: DownloadState | None
    at: float
