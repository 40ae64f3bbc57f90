"""The live record of one download.

Its state changes under its own lock, by compare-and-write: a change names the fence token of the attempt
that it belongs to, and is refused when the record has moved on or ended. Readers see the state that is
durable (``shown``), which follows the decided one as soon as the journal has it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve

from cratedig._downloads.run import Run
from cratedig._journal.port import Row
from cratedig._model import (
    Attempt,
    AttemptOutcome,
    Candidate,
    Download,
    DownloadState,
    FileResult,
    Kind,
    Plan,
    Quality,
)

if TYPE_CHECKING:
    from cratedig._errors import CratedigError

MAX_ATTEMPTS_KEPT = 100

_KEPT = (
    "attempts", "code", "created_at", "detail", "file_path", "files", "finished_at", "missing",
    "quality_asked", "quality_got", "quality_offered", "size", "started_at", "transferred",
)  # fmt: skip


class Record:
    """Written by one lane at a time; any thread may cancel or read it."""

    __slots__ = (
        "attempts", "code", "created_at", "cursor", "dest_dir", "detail", "display_name", "extra",
        "fence", "file_path", "files", "finished_at", "id", "kind", "lock", "missing", "owner", "plan",
        "priority", "quality_asked", "quality_got", "quality_offered", "reload_first", "run", "searched",
        "shown", "size", "started_at", "state", "transfer_id", "transferred", "tries", "waiting_since",
    )  # fmt: skip

    def __init__(
        self,
        download_id: str,
        plan: Plan,
        dest_dir: Path,
        *,
        display_name: str,
        kind: Kind = Kind.TRACK,
        priority: int = 0,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        self.id = download_id
        self.plan = plan
        self.dest_dir = dest_dir
        self.display_name = display_name
        self.kind = kind
        self.priority = priority
        self.extra: Mapping[str, Any] = extra or {}
        self.owner: str | None = None
        self.lock = threading.Lock()
        self.state = self.shown = DownloadState.INITIALIZING
        self.fence = 0
        self.cursor = 0
        self.searched = 0
        self.run: Run | None = None
        self.tries: dict[str, int] | None = None
        self.reload_first = False
        self.transfer_id = plan.transfer_id
        self.attempts: tuple[Attempt, ...] = ()
        self.code = self.detail = self.quality_asked = ""
        self.size: int | None = None
        self.transferred = 0
        self.quality_offered: Quality | None = None
        self.quality_got: Quality | None = None
        self.file_path: Path | None = None
        self.files: tuple[FileResult, ...] = ()
        self.missing: tuple[str, ...] = ()
        self.created_at = self.waiting_since = time.time()
        self.started_at: float | None = None
        self.finished_at: float | None = None
        self._offer()

    # -- what comes next ---------------------------------------------------------------------------------

    @property
    def candidate(self) -> Candidate | None:
        """The candidate whose turn it is; ``None`` when the next source has to be searched first."""
        candidates = self.plan.candidates
        return candidates[self.cursor] if self.cursor < len(candidates) else None

    @property
    def source(self) -> str:
        """The source whose turn it is."""
        candidate = self.candidate
        if candidate is not None:
            return candidate.source
        if self.searched < len(self.plan.chain):
            return self.plan.chain[self.searched]
        if self.plan.candidates:
            return self.plan.candidates[-1].source
        return next(iter(self.plan.across), "")

    @property
    def target_id(self) -> str:
        """The target whose turn it is, empty while a source is being searched for one."""
        candidate = self.candidate or (self.plan.candidates[-1] if self.plan.candidates else None)
        return candidate.target_id if candidate else ""

    @property
    def exhausted(self) -> bool:
        """Whether no candidate and no source is left to try."""
        return self.candidate is None and self.searched >= len(self.plan.chain)

    def tried(self, what: str) -> int:
        """Count one more try of a kind at the present candidate; how many there were, this one included."""
        if self.tries is None:
            self.tries = {}
        self.tries[what] = self.tries.get(what, 0) + 1
        return self.tries[what]

    # -- changes, each of them compare-and-write ---------------------------------------------------------

    def claim(self, owner: str) -> bool:
        """Take charge of a record that is new here; of two callers at once only one gets it."""
        with self.lock:
            if self.owner is not None or self.state is not DownloadState.INITIALIZING:
                return False
            self.owner = owner
            return True

    def begin(self, candidate: Candidate) -> Run | None:
        """Start an attempt; ``None`` when the record has ended meanwhile."""
        with self.lock:
            if self.state.terminal:
                return None
            self.fence += 1
            self.state = DownloadState.IN_PROGRESS
            self.run = Run(candidate, self.fence, self.size)
            self.detail = ""
            self.started_at = self.started_at or self.run.started_at
            return self.run

    def back_to_queue(
        self, run: Run | None, attempt: Attempt | None, code: str, detail: str, *, onward: bool
    ) -> bool:
        """Let the record wait again; ``onward`` means for its next candidate, or source to search."""
        with self.lock:
            if not self._holds(run):
                return False
            self._close(attempt)
            self.state = DownloadState.INITIALIZING
            self.code, self.detail = code, detail
            self.waiting_since = time.time()
            if onward:
                if self.candidate is None:
                    self.searched += 1
                else:
                    self.cursor += 1
                self.tries = None
                self.transfer_id = ""
                self.size = None
                self._offer()
            return True

    def complete(
        self,
        run: Run,
        attempt: Attempt,
        files: tuple[FileResult, ...],
        path: Path,
        detail: str,
        missing: tuple[str, ...] = (),
    ) -> bool:
        """End it well; ``False`` when it was cancelled or given to somebody else meanwhile."""
        with self.lock:
            if not self._holds(run):
                return False
            self._close(attempt)
            self.files, self.file_path, self.detail, self.code = files, path, detail, ""
            self.missing = missing
            self.size = self.transferred = sum(file.size for file in files)
            self.quality_got = attempt.quality
            self._end(DownloadState.COMPLETED)
            return True

    def found(self, candidates: tuple[Candidate, ...], *, last: bool = False) -> bool:
        """Take over what a search of the next source has brought; ``last`` leaves no other way."""
        with self.lock:
            if self.state.terminal:
                return False
            across = () if last else self.plan.across
            self.plan = evolve(self.plan, candidates=(*self.plan.candidates, *candidates), across=across)
            self.searched = min(self.searched + 1, len(self.plan.chain))
            self._offer()
            return True

    def fail(self, run: Run | None, attempt: Attempt | None, code: str, detail: str) -> bool:
        """End it badly."""
        with self.lock:
            if not self._holds(run):
                return False
            self._close(attempt)
            self.code, self.detail = code, detail
            self._end(DownloadState.ERRORED)
            return True

    def cancel(self, detail: str) -> tuple[bool, Run | None]:
        """End it because somebody said so; whether that changed anything, and what was running."""
        with self.lock:
            if self.state.terminal:
                return False, None
            run = self.run
            attempt = run.ended(len(self.attempts) + 1, AttemptOutcome.CANCELLED, None, None) if run else None
            self._close(attempt)
            self.code, self.detail = "cancelled", detail
            self._end(DownloadState.CANCELLED)
            return True, run

    def stop_reports(self) -> None:
        """Have the source's next report on the attempt under way raise into it; the record stays as it is."""
        with self.lock:
            if self.run is not None:
                self.run.meter.over = True

    def holds(self, run: Run) -> bool:
        """Whether ``run`` is still the attempt that counts."""
        return self.run is run and not self.state.terminal

    def ended(
        self, run: Run, outcome: AttemptOutcome, error: CratedigError | None, quality: Quality | None
    ) -> Attempt:
        """``run`` as the next attempt of the record."""
        return run.ended(len(self.attempts) + 1, outcome, error, quality)

    # -- readings ----------------------------------------------------------------------------------------

    def snapshot(self, *, decided: bool = False) -> Download:
        """An immutable view; of what is durable, or of what is ``decided`` but perhaps not yet."""
        run = self.run
        state = self.state if decided else self.shown
        size = run.meter.bytes_expected() if run else self.size
        transferred = run.meter.bytes_now() if run else self.transferred
        speed = run.speed if run else 0.0
        ended = state.terminal
        return Download(
            id=self.id,
            source=self.source,
            target_id=self.target_id,
            display_name=self.display_name,
            state=state,
            dest_dir=self.dest_dir,
            kind=self.kind,
            detail=run.doing() if run else self.detail,
            code=self.code,
            progress=_percent(transferred, size, done=state is DownloadState.COMPLETED),
            size=size,
            transferred=transferred,
            speed=speed,
            time_remaining=(size - transferred) / speed if size and speed > 0 and not ended else None,
            file_path=self.file_path if ended else None,
            files=self.files if ended else (),
            missing=self.missing if ended else (),
            attempts=self.attempts,
            quality_asked=self.quality_asked,
            quality_offered=self.quality_offered,
            quality_got=self.quality_got,
            priority=self.priority,
            created_at=self.created_at,
            started_at=self.started_at,
            finished_at=self.finished_at if ended else None,
            extra=self.extra,
        )

    def row(self) -> Row:
        """What the journal keeps of it: the plan is what is left of it."""
        left = evolve(
            self.plan,
            candidates=self.plan.candidates[self.cursor :],
            chain=self.plan.chain[self.searched :],
            transfer_id=self.transfer_id,
        )
        return Row(download=self.snapshot(decided=True), plan=left, owner=self.owner)

    @classmethod
    def from_row(cls, row: Row) -> Record:
        """A record out of the journal, as it was kept."""
        kept = row.download
        record = cls(
            kept.id,
            row.plan,
            kept.dest_dir,
            display_name=kept.display_name,
            kind=kept.kind,
            priority=kept.priority,
            extra=kept.extra,
        )
        for name in _KEPT:
            setattr(record, name, getattr(kept, name))
        record.shown = record.state = kept.state
        record.owner = row.owner
        return record

    def put_back(self) -> None:
        """Let a record that another process left in the middle wait again, with that as an attempt."""
        if self.state is DownloadState.IN_PROGRESS and self.candidate is not None:
            run = Run(self.candidate, self.fence, self.size)
            run.meter.transferred = self.transferred
            run.started_at = self.started_at or run.started_at
            self._close(run.ended(len(self.attempts) + 1, AttemptOutcome.INTERRUPTED, None, None))
        self.state = self.shown = DownloadState.INITIALIZING
        self.waiting_since = time.time()

    # -- under the lock ----------------------------------------------------------------------------------

    def _holds(self, run: Run | None) -> bool:
        return self.run is run and not self.state.terminal

    def _close(self, attempt: Attempt | None) -> None:
        if self.run is not None:
            self.run.meter.over = True
            self.transferred = self.run.meter.bytes_now()
            self.size = self.run.meter.bytes_expected() or self.size
            self.run = None
        if attempt is not None:
            self.attempts = (*self.attempts, attempt)[-MAX_ATTEMPTS_KEPT:]

    def _end(self, state: DownloadState) -> None:
        self.fence += 1
        self.state = state
        self.finished_at = time.time()
        self.tries = None

    def _offer(self) -> None:
        candidate = self.candidate
        promise = candidate.promise if candidate else None
        self.quality_offered = promise.quality if promise else None
        self.size = promise.size if promise else None


def _percent(transferred: int, size: int | None, *, done: bool) -> float:
    if done:
        return 100.0
    return min(99.9, 100.0 * transferred / size) if size else 0.0
