"""What enters the archive, and whether it is still true."""

from __future__ import annotations

import stat

from cratedig._journal.port import Archived, Row
from cratedig._model import AttemptOutcome, Download, DownloadState, FileResult


def entries(row: Row) -> tuple[Archived, ...]:
    """The archive entries of a record: none unless it is Completed and its files are known.

    There is one for the target that was asked for and, where a fallback delivered, one for that target.
    """
    download = row.download
    if download.state is not DownloadState.COMPLETED or download.file_path is None or not download.files:
        return ()
    return tuple(_entry(download, source, target_id) for source, target_id in _targets(download))


def agrees(archived: Archived) -> bool:
    """Whether every file is still there with the size it was published with."""
    return bool(archived.files) and all(map(_unchanged, archived.files))


def _targets(download: Download) -> frozenset[tuple[str, str]]:
    delivered = {(a.source, a.target_id) for a in download.attempts if a.outcome is AttemptOutcome.COMPLETED}
    return frozenset(delivered | {(download.source, download.target_id)})


def _entry(download: Download, source: str, target_id: str) -> Archived:
    assert download.file_path is not None  # noqa: S101 - entries() has looked
    return Archived(
        source=source,
        target_id=target_id,
        path=download.file_path,
        size=sum(file.size for file in download.files),
        download_id=download.id,
        at=download.finished_at or download.created_at,
        files=download.files,
    )


def _unchanged(file: FileResult) -> bool:
    try:
        found = file.path.stat()
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size == file.size
