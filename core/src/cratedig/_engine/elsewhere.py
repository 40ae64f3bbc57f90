"""Records that another process works on, or has worked on: having them cancelled, waiting for their end."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from cratedig._errors import CratedigError, UnknownDownload
from cratedig._journal.port import Action
from cratedig._model import Download, DownloadState

if TYPE_CHECKING:
    from cratedig._journal.port import Journal

PATIENCE = 15.0
"""Seconds that the other process has; it looks four times a second."""

_LOOK_EVERY = 0.1


async def cancelled_elsewhere(journal: Journal, download_id: str, *, remove: bool) -> bool | None:
    """Ask the living owner to cancel, and wait until it has: whether the record is cancelled now.

    ``None`` when no other living process works on it, or when that process ends meanwhile.

    :raises CratedigError: the owner lives, but has not answered in time.
    """
    deadline = time.monotonic() + PATIENCE
    asked = False
    while await asyncio.to_thread(journal.is_owned_elsewhere, download_id):
        if not asked:
            action = Action.REMOVE if remove else Action.CANCEL
            await asyncio.wrap_future(journal.ask(download_id, action))
            asked = True
        if time.monotonic() > deadline:
            raise CratedigError(
                f"{download_id}: the process that works on it has not answered within {PATIENCE:g} s; "
                "end that process, then cancel again"
            )
        await asyncio.sleep(_LOOK_EVERY)
    if not asked:
        return None
    row = await asyncio.to_thread(journal.row, download_id)
    if row is None:
        return True
    return row.download.state is DownloadState.CANCELLED if row.download.state.terminal else None


async def ended_elsewhere(journal: Journal, download_id: str) -> Download:
    """Wait until a record that is only in the journal has ended; its final snapshot.

    :raises UnknownDownload: there is no such record.
    :raises CratedigError: nobody works on it, so it will not end.
    """
    while True:
        # Asked in this order: a process that ends the record gives it up afterwards.
        owned = await asyncio.to_thread(journal.is_owned_elsewhere, download_id)
        row = await asyncio.to_thread(journal.row, download_id)
        if row is None:
            raise UnknownDownload(download_id)
        if row.download.state.terminal:
            return row.download
        if not owned:
            raise CratedigError(f"{download_id}: no process works on it; `cratedig resume` goes on with it")
        await asyncio.sleep(_LOOK_EVERY)
