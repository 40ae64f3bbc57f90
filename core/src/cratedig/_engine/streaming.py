"""Events for readers on an event loop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from cratedig._model import DownloadEvent

if TYPE_CHECKING:
    from cratedig._downloads.table import Table

MAX_PROGRESS = 1000
"""Unread events above which news of mere progress is dropped; changes of state never are."""


def stream(table: Table) -> AsyncIterator[DownloadEvent]:
    """All events from this call on. Close it, or stop reading it, to end it."""
    queue: asyncio.Queue[DownloadEvent] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def listen(event: DownloadEvent) -> None:
        if event.before is event.download.state and queue.qsize() > MAX_PROGRESS:
            return
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(queue.put_nowait, event)

    stop = table.listen(listen)

    async def read() -> AsyncIterator[DownloadEvent]:
        try:
            while True:
                yield await queue.get()
        finally:
            stop()

    return read()
