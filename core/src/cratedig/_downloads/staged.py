"""A record's private folder, and the end of what another program keeps for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cratedig._downloads.record import Record
    from cratedig._engine.source import Source
    from cratedig._transfer.staging import Staging


def tidying(record: Record, source: Source) -> Callable[[], object] | None:
    """What has the other program forget the transfer, once its files are here for good."""
    if not record.transfer_id:
        return None
    job = partial(source.tidy, record.target_id, record.transfer_id)
    return lambda: source.lane.submit(job())


def staging_of(record: Record) -> Staging:
    """The record's private folder beside its destination."""
    from cratedig._transfer.staging import Staging  # noqa: PLC0415 - only downloads need it

    return Staging(record.dest_dir, record.id)
