"""What may become of a release that was grabbed: the ways through the download queue."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from attrs import frozen


@frozen(kw_only=True)
class Step:
    """Where a download stands for a while.

    ``status``, ``state`` and ``health`` are the three words of a queue record, ``share`` is how much of it
    has been fetched.
    """

    name: str
    status: str = "downloading"
    state: str = "downloading"
    health: str = "ok"
    share: float = 0.0
    messages: tuple[str, ...] = ()


class End(StrEnum):
    """What follows the last step."""

    IMPORTED = "imported"
    """The files are in the library, the record is gone."""
    INCOMPLETE = "incomplete"
    """The last track is missing; the record stays."""
    FAILED = "failed"
    """The history says so; the record stays."""
    FAILED_AND_GONE = "failed-and-gone"
    """The same, and the client has removed it."""
    STAYS = "stays"
    """Nothing: the last step lasts until somebody does something."""
    REMOVED = "removed"
    """Somebody has removed it from the queue."""
    IGNORED = "ignored"
    """Somebody has told Lidarr to leave it alone."""


@frozen
class Course:
    """Steps in their order, each as long as the emulator's ``pace``, and the end."""

    steps: tuple[Step, ...]
    end: End


_QUEUED = Step(name="queued", status="queued")
_SOME = Step(name="downloading", share=0.3)
_MORE = Step(name="downloading", share=0.7)
_STALLED = Step(name="stalled", status="warning", health="warning", share=0.7, messages=("stalled",))
_PENDING = Step(name="pending", status="completed", state="importPending", share=1.0)
_IMPORTING = Step(name="importing", status="completed", state="importing", share=1.0)
_FAILED = Step(
    name="failed", status="failed", state="downloadFailed", health="error", share=0.7,
    messages=("Repair failed, not enough repair blocks",),
)  # fmt: skip
_MISMATCH = ("Artist name mismatch, automatic import is not possible. Check the release.",)
_BLOCKED = Step(
    name="blocked",
    status="completed",
    state="importBlocked",
    health="warning",
    share=1.0,
    messages=_MISMATCH,
)
_PARTLY = Step(
    name="partly",
    status="completed",
    state="importFailed",
    health="warning",
    share=1.0,
    messages=("One or more tracks expected in this release were not imported or missing from the release",),
)
_FETCHED = (_QUEUED, _SOME, _MORE)

COURSES: Mapping[str, Course] = MappingProxyType(
    {
        "good": Course((*_FETCHED, _PENDING, _IMPORTING), End.IMPORTED),
        "stalled": Course((*_FETCHED, _STALLED, _MORE, _PENDING, _IMPORTING), End.IMPORTED),
        "failed": Course((*_FETCHED, _FAILED), End.FAILED),
        "failed-and-gone": Course((*_FETCHED, _FAILED), End.FAILED_AND_GONE),
        "blocked": Course((*_FETCHED, _PENDING, _BLOCKED), End.STAYS),
        "incomplete": Course((*_FETCHED, _PENDING, _IMPORTING, _PARTLY), End.INCOMPLETE),
        "removed": Course(_FETCHED, End.REMOVED),
        "ignored": Course(_FETCHED, End.IGNORED),
    }
)
"""By the names that :attr:`LidarrEmulator.courses` takes."""
