"""What is known of one call of a hook, and what it does to the loop that it runs on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from pathlib import Path
from typing import Any, TypeVar

from attrs import define, field

from cratedig_contracts.patience import BEAT, until
from cratedig_contracts.standstill import Moment

T = TypeVar("T")

_inside: ContextVar[Call | None] = ContextVar("cratedig_contracts_call", default=None)


@define(eq=False)
class Call:
    """One call of an async hook, or one stream of ``watch_raw``, with the ``updates`` that it has told.

    Times are :func:`time.monotonic` seconds; ``lag`` is the longest time for which the loop stood still
    meanwhile, whatever the reason, ``blocked`` the longest for which that was certainly not the machine's
    doing, ``turns`` how often it has come round, once in ten milliseconds at most. ``tasks`` are those that
    the hook has started.
    """

    hook: str
    arguments: dict[str, Any]
    started_at: float = field(factory=time.monotonic)
    ended_at: float | None = None
    result: Any = None
    error: BaseException | None = None
    lag: float = 0.0
    blocked: float = 0.0
    turns: int = 0
    progress: list[tuple[Any, ...]] = field(factory=list)
    updates: list[Any] = field(factory=list)
    tasks: list[asyncio.Task[Any]] = field(factory=list)

    @property
    def delivered(self) -> Path | None:
        """The file that ``download_raw`` has handed over."""
        path = getattr(self.result, "path", self.result)
        return path if isinstance(path, Path) else None


def started_by_a_hook(name: str = "") -> bool:
    """Whether the present code runs on behalf of a hook (or of that one), on the loop or in its threads."""
    call = _inside.get()
    return call is not None and name in ("", call.hook)


async def on_behalf_of(call: Call, start: Callable[[], Awaitable[T]]) -> T:
    """What ``start`` returns; until then, what runs is known to run for this call."""
    inside = _inside.set(call)
    try:
        return await start()
    finally:
        _inside.reset(inside)


class LagProbe:
    """Notes how long the loop does not come round."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._since = Moment()
        self._task = asyncio.create_task(self._measure())

    def __enter__(self) -> None:
        """Go on measuring."""

    def __exit__(self, *_: object) -> None:
        """Take the last stretch in and stop."""
        self._note()
        self._task.cancel()

    async def _measure(self) -> None:
        while True:
            self._since = Moment()
            await asyncio.sleep(BEAT)
            self._call.turns += 1
            self._note()

    def _note(self) -> None:
        self._call.lag = max(self._call.lag, self._since.stood())
        self._call.blocked = max(self._call.blocked, self._since.blocked())


def keep_tasks() -> None:
    """Have the loop tell which hook has started a task: the factory runs in its creator's context."""
    loop = asyncio.get_running_loop()
    if loop.get_task_factory() is None:
        loop.set_task_factory(_kept)


def _kept(loop: asyncio.AbstractEventLoop, coro: Any, **more: Any) -> asyncio.Task[Any]:
    task: asyncio.Task[Any] = asyncio.Task(coro, loop=loop, **more)
    if call := _inside.get():
        call.tasks.append(task)
    return task


async def ended(calls: list[Call], seconds: float, standstill: float) -> bool:
    """Whether these calls end within so many seconds of turns of their own loop.

    A loop that does not turn at all for ``standstill`` seconds of this one is blocked by the source.
    """
    allowed = {id(call): call.turns + seconds / BEAT for call in calls}

    def open_calls() -> list[Call]:
        return [call for call in calls if call.ended_at is None]

    def over() -> bool:
        return all(call.turns > allowed[id(call)] for call in open_calls())

    await until(over, standstill)
    return not open_calls()
