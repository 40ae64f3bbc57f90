"""From a delivered file to a published one: verify, check the quality, publish, complete. Blocking."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from cratedig._downloads import survivor
from cratedig._errors import QualityUnavailable
from cratedig._model import AttemptOutcome, DownloadState, FileResult, Quality

if TYPE_CHECKING:
    from cratedig._contract import Delivery
    from cratedig._downloads.record import Record
    from cratedig._downloads.run import Run
    from cratedig._downloads.table import Table
    from cratedig._transfer.staging import Staging
    from cratedig._transfer.verify import Verified


class Delivering:
    """Runs on a thread of the lane, in one piece: a cancel comes before it completes, or after."""

    def __init__(self, table: Table, tolerance: float) -> None:
        self._table = table
        self._tolerance = tolerance

    def finish(self, record: Record, run: Run, delivery: Delivery, staging: Staging) -> None:
        """Verify, publish and complete.

        :raises SourceError: the file is not what was promised.
        """
        run.phase = "verifying"
        verified = self._verified(run, delivery, staging)
        remark = _judge(record, verified.quality, delivery)
        run.phase = "publishing"
        published = self._publish(record, delivery, verified, staging.path)
        result = FileResult(
            path=published, size=verified.size, duration=verified.duration, quality=verified.quality
        )
        attempt = record.ended(run, AttemptOutcome.COMPLETED, None, verified.quality)
        if record.complete(run, attempt, (result,), published, remark):
            self._table.commit(record, DownloadState.IN_PROGRESS, staging.remove)
        else:
            # It was cancelled while it was being published: what landed late is removed.
            with contextlib.suppress(FileNotFoundError):
                published.unlink()
            if record.state.terminal:
                staging.remove()

    def _verified(self, run: Run, delivery: Delivery, staging: Staging) -> Verified:
        from cratedig._transfer.verify import Promise, Tolerance, verify  # noqa: PLC0415 - mutagen is loaded when first used

        promise = run.candidate.promise
        expected = Promise(
            size=delivery.size or (promise.size if promise else None),
            duration=delivery.duration or (promise.duration if promise else None),
            quality=delivery.quality or (promise.quality if promise else None),
        )
        return verify(delivery.path, expected, staging.path, tolerance=Tolerance(seconds=self._tolerance))

    def _publish(self, record: Record, delivery: Delivery, verified: Verified, staging: Path) -> Path:
        from cratedig._transfer.publish import publish  # noqa: PLC0415 - only downloads need it

        stem = record.plan.name or delivery.name or record.display_name or delivery.path.stem
        before = survivor.published_as(verified.path, record.dest_dir)
        if before is not None:
            return before
        survivor.keep(verified.path, staging)
        return publish(verified.path, record.dest_dir, stem, verified.extension)


def _judge(record: Record, got: Quality, delivery: Delivery) -> str:
    """Hold the quality against what was asked and offered; what to say of it in the record.

    :raises QualityUnavailable: it is below the floor, or lower than offered where that is not accepted.
    """
    preference, offered = record.plan.quality, delivery.quality or record.quality_offered
    if preference and preference.floor and got < preference.floor:
        raise QualityUnavailable(f"got {got}, which is below the {preference.floor} that was asked for")
    if offered is None or not _lower(got, offered):
        return ""
    if preference and not preference.accept_lower:
        raise QualityUnavailable(f"got {got} where {offered} was offered")
    return f"lower quality than offered: {got} in place of {offered}"


def _lower(got: Quality, offered: Quality) -> bool:
    """Whether ``got`` is worse in a way that is no matter of rounding: bitrates vary a little."""
    if got.is_lossless != offered.is_lossless:
        return offered.is_lossless
    if got.is_lossless:
        return (got.bit_depth or 99) < (offered.bit_depth or 0) or (got.sample_rate or 10**9) < (
            offered.sample_rate or 0
        )
    return got.codec == offered.codec and (got.bitrate or 10**9) < 0.8 * (offered.bitrate or 0)
