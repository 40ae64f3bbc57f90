"""A record's private folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cratedig._downloads.record import Record
    from cratedig._transfer.staging import Staging


def staging_of(record: Record) -> Staging:
    """The record's private folder beside its destination."""
    from cratedig._transfer.staging import Staging  # noqa: PLC0415 - only downloads need it

    return Staging(record.dest_dir, record.id)
