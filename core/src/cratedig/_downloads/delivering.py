"""From what was delivered to what is published: verify, check the quality, publish, complete. Blocking."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from cratedig._downloads import albums, survivor
from cratedig._downloads.settling import Leftover, Settling, cleaning
from cratedig._errors import QualityUnavailable
from cratedig._model import AttemptOutcome, DownloadState, FileResult, Kind, Quality

if TYPE_CHECKING:
    from cratedig._downloads.record import Record
    from cratedig._downloads.run import Run
    from cratedig._downloads.table import Table
    from cratedig._plugins import Delivery
    from cratedig._transfer.staging import Staging
    from cratedig._transfer.verify import Tolerance, Verified


@frozen(kw_only=True)
class Published:
    """What has its final name now: a file, or an album's folder, with what the record is to say of it."""

    path: Path
    files: tuple[FileResult, ...]
    quality: Quality
    remark: str
    missing: tuple[str, ...] = ()


class Delivering:
    """Runs on a thread of the lane, in one piece: a cancel comes before it completes, or after."""

    def __init__(self, table: Table, settling: Settling, tolerance: float) -> None:
        self._table = table
        self._settling = settling
        self._seconds = tolerance

    def finish(
        self,
        record: Record,
        run: Run,
        delivery: Delivery,
        staging: Staging,
        leftover: Leftover | None = None,
    ) -> None:
        """Verify, publish and complete; once the record is durable, ``leftover`` goes.

        :raises SourceError: the file is not what was promised.
        """
        run.phase = "verifying"
        if albums.holds_more(record, run) and survivor.find(staging.path) is None:
            delivery = albums.pick(record, delivery, staging.path)
        if not albums.holds_more(record, run) and albums.is_album(record, delivery):
            record.kind = Kind.ALBUM
            leftover = leftover or Leftover.of(record, run)
            published = self._album(record, run, delivery, staging.path, leftover)
        else:
            published = self._file(record, run, delivery, staging, leftover)
        attempt = record.ended(run, AttemptOutcome.COMPLETED, None, published.quality)
        if record.complete(
            run, attempt, published.files, published.path, published.remark, published.missing
        ):
            clean_up = cleaning(self._settling, record, staging, leftover)
            self._table.commit(record, DownloadState.IN_PROGRESS, clean_up)
        else:
            # It was cancelled while it was being published: what landed late is removed.
            _unpublish(published.path)
            if leftover is not None:
                self._settling.forget(record.id)
            if record.state.terminal:
                staging.remove()

    def _file(
        self, record: Record, run: Run, delivery: Delivery, staging: Staging, leftover: Leftover | None
    ) -> Published:
        verified = self._verified(record, run, delivery, staging)
        remark = _judge(record, verified.quality, delivery)
        self._about_to_publish(record, run, leftover)
        path = self._publish(record, delivery, verified, staging.path, leftover)
        result = FileResult(
            path=path, size=verified.size, duration=verified.duration, quality=verified.quality
        )
        return Published(path=path, files=(result,), quality=verified.quality, remark=remark)

    def _about_to_publish(self, record: Record, run: Run, leftover: Leftover | None) -> None:
        run.phase = "publishing"
        if leftover is not None:
            # A process that is killed after the rename cannot say any more what was to be removed.
            self._settling.note(record.id, leftover)

    def _album(
        self, record: Record, run: Run, delivery: Delivery, staging: Path, leftover: Leftover | None
    ) -> Published:
        survived = delivery == survivor.find(staging)
        together = delivery.path if survived else survivor.album_folder(staging)
        root = together if survived else staging
        promised = None if survived else run.candidate.promise
        album = albums.look_at(record, promised, delivery, root, self._tolerance())
        remark = "; ".join(filter(None, (_judge(record, album.quality, delivery), album.remark)))
        self._about_to_publish(record, run, leftover)
        if not survived:
            album = albums.put_together(album, staging)
        folder = together
        if together == survivor.album_folder(staging):
            stem = record.plan.name or delivery.name or record.display_name or delivery.path.name
            folder = albums.give_name(together, record.dest_dir, stem, staging, album.missing)
        return Published(
            path=folder,
            files=albums.results(album, together, folder),
            quality=album.quality,
            remark=remark,
            missing=album.missing,
        )

    def _verified(self, record: Record, run: Run, delivery: Delivery, staging: Staging) -> Verified:
        from cratedig._transfer.verify import Promise, verify  # noqa: PLC0415 - mutagen is loaded when first used

        promise = None if albums.holds_more(record, run) else run.candidate.promise
        expected = Promise(
            size=delivery.size or (promise.size if promise else None),
            duration=delivery.duration or (promise.duration if promise else None),
            quality=delivery.quality or (promise.quality if promise else None),
        )
        return verify(delivery.path, expected, staging.path, tolerance=self._tolerance())

    def _tolerance(self) -> Tolerance:
        from cratedig._transfer.verify import Tolerance  # noqa: PLC0415 - mutagen is loaded when first used

        return Tolerance(seconds=self._seconds)

    def _publish(
        self,
        record: Record,
        delivery: Delivery,
        verified: Verified,
        staging: Path,
        leftover: Leftover | None = None,
    ) -> Path:
        from cratedig._transfer.publish import publish  # noqa: PLC0415 - only downloads need it

        stem = record.plan.name or delivery.name or record.display_name or delivery.path.stem
        if survivor.is_second_name(verified.path, staging):
            originals = leftover.originals if leftover else ()
            before = survivor.published_as(verified.path, record.dest_dir, originals)
            if before is not None:
                return before
        survivor.keep(verified.path, staging, stem)
        return publish(verified.path, record.dest_dir, stem, verified.extension)


def _unpublish(path: Path) -> None:
    from cratedig._transfer.staging import remove  # noqa: PLC0415 - only downloads need it

    remove(path)


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
