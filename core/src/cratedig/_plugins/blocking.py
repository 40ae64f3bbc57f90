"""Blocking calls of a source: in a thread of its lane, with a way back to the lane's loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")


class BlockingCall:
    """The way back from a blocking call to the loop that it was started from, until it is cancelled."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._pending: set[Any] = set()
        self._cancelled = threading.Event()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run ``work`` on the loop and wait for its result, on the calling thread."""
        if self._cancelled.is_set():
            work.close()
            raise asyncio.CancelledError
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        self._pending.add(future)
        try:
            if self._cancelled.is_set():
                future.cancel()
            return future.result()
        finally:
            self._pending.discard(future)

    def cancel(self) -> None:
        """End what it is waiting for and refuse anything further."""
        self._cancelled.set()
        for future in list(self._pending):
            future.cancel()


present_call: ContextVar[BlockingCall | None] = ContextVar("cratedig_blocking_call", default=None)


async def run_blocking(pool: Any, func: Callable[[], T]) -> T:
    """Run ``func`` in ``pool`` with the present context variables and a way back to this loop."""
    import contextvars  # noqa: PLC0415 - only sources that block need it

    loop = asyncio.get_running_loop()
    call = BlockingCall(loop)
    context = contextvars.copy_context()
    context.run(present_call.set, call)
    try:
        return await loop.run_in_executor(pool, context.run, func)
    except asyncio.CancelledError:
        call.cancel()
        raise
