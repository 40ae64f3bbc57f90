"""How long a check waits: in turns of a loop, so that a machine which has no time for it fails nobody.

A second here is a hundred turns with ten milliseconds' sleep in each. On an idle machine that is a second; on
one that does not let the loop run, it lasts as long as it takes.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

BEAT = 0.01
"""Seconds that one turn takes at least."""


async def until(truth: Callable[[], object], seconds: float) -> bool:
    """Wait for something to become true, for at most so long; whether it has."""
    for _ in range(round(seconds / BEAT)):
        if truth():
            return True
        await asyncio.sleep(BEAT)
    return bool(truth())


def blocking_until(truth: Callable[[], object], seconds: float) -> bool:
    """Wait in a thread without a loop for something to become true, for at most so long; whether it has."""
    for _ in range(round(seconds / BEAT)):
        if truth():
            return True
        time.sleep(BEAT)
    return bool(truth())


async def within(seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """What ``work`` returns.

    :raises TimeoutError: it takes longer; it is cancelled by then.
    """
    task = asyncio.ensure_future(work)
    try:
        if not await until(task.done, seconds):
            raise TimeoutError(f"it takes longer than {seconds:g} s")
        return task.result()
    finally:
        task.cancel()
        await asyncio.wait({task})
