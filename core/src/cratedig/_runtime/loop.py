"""An event loop in a thread of its own that nothing a plugin does can end."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import logging
import sys
import threading
import traceback
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

log = logging.getLogger("cratedig.lanes")

T = TypeVar("T")

DRAIN_PATIENCE = 30.0
"""Seconds that cancelled tasks get to end when the loop does. Only the loop's own thread waits for them."""

CLEAN_UP_PATIENCE = 1.0
"""Seconds that a task which was cancelled before gets to clean up until it is cancelled once more."""


class LoopThread:
    """Runs coroutines on a loop in a daemon thread; started at the first use.

    The thread is a daemon because a plugin that blocks for ever must not keep the process alive.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._closing = self._draining = False
        self._last_things: list[Callable[[], Coroutine[Any, Any, object]]] = []

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop itself, once the thread was started."""
        if self._loop is None:
            raise RuntimeError(f"{self._name} was not started")
        return self._loop

    @property
    def started(self) -> bool:
        """Whether the thread exists."""
        return self._thread is not None

    @property
    def is_current(self) -> bool:
        """Whether the caller runs on this thread."""
        return threading.current_thread() is self._thread

    def start(self) -> None:
        """Start the thread, unless it runs already."""
        with self._lock:
            if self._thread is None and not self._closing:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()

    def call(self, func: Callable[..., object], *args: object) -> None:
        """Run ``func`` soon on the loop; dropped once the loop is closed."""
        self.start()
        with contextlib.suppress(RuntimeError):
            self.loop.call_soon_threadsafe(func, *args)

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Start ``work`` on the loop; cancelling the future cancels it, and so does the loop's end."""
        self.start()
        try:
            return asyncio.run_coroutine_threadsafe(work, self.loop)
        except RuntimeError:
            work.close()
            never: Future[T] = Future()
            never.cancel()
            never.set_running_or_notify_cancel()
            return never

    def at_end(self, last_thing: Callable[[], Coroutine[Any, Any, object]]) -> None:
        """Have this awaited after the loop's last task, however it ends: for what has to be closed."""
        self._last_things.append(last_thing)

    def done_before(self, last_thing: Callable[[], Coroutine[Any, Any, object]]) -> None:
        """It was done already: let go of it."""
        with contextlib.suppress(ValueError):
            self._last_things.remove(last_thing)

    def where(self) -> str:
        """The innermost lines that the thread is executing now, for a report about a blocked loop."""
        thread = self._thread
        frame = sys._current_frames().get(thread.ident) if thread and thread.ident else None  # noqa: SLF001
        return "".join(traceback.format_stack(frame)[-3:]).strip() if frame else ""

    def stop(self, patience: float) -> bool:
        """End the loop; ``False`` when the thread is still busy after ``patience`` seconds."""
        with self._lock:
            self._closing = True
            thread = self._thread
        if thread is None:
            return True
        with contextlib.suppress(RuntimeError):
            self.loop.call_soon_threadsafe(self._end_forever)
        thread.join(patience)
        return not thread.is_alive()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        while not self._closing:
            try:
                self.loop.run_forever()
            except BaseException:
                # SystemExit or KeyboardInterrupt out of a task that a plugin made itself: the lane goes on.
                log.exception("%s: a task of the source tried to end the program", self._name)
        self._drain()

    def _end_forever(self) -> None:
        # Whoever stops it may do so again: that must not cut short what lets its tasks end.
        if not self._draining:
            self.loop.stop()

    def _drain(self) -> None:
        self._draining = True
        with contextlib.suppress(BaseException):
            self.loop.run_until_complete(_ended(DRAIN_PATIENCE))
        for last_thing in self._last_things:
            with contextlib.suppress(BaseException):
                self.loop.run_until_complete(asyncio.wait_for(last_thing(), DRAIN_PATIENCE))
        with contextlib.suppress(BaseException):
            self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self._cut_off()
        self.loop.close()

    def _cut_off(self) -> None:
        """Close what connections are left: of a source's own making, or lost in a cancel at a bad moment."""
        # Selector loops keep account of them, for themselves only; others close theirs with the loop.
        for transport in list(getattr(self.loop, "_transports", {}).values()):
            transport.abort()
        with contextlib.suppress(BaseException):
            self.loop.run_until_complete(asyncio.sleep(0))


async def _ended(patience: float) -> None:
    """Cancel every task, once each, and wait until they have ended; those that they start meanwhile, too.

    All of them take their first step before any is cancelled. A cancel goes on to what a task awaits, and one
    that has not begun would leave behind, never awaited, what it was to await: so connections are made.
    One that somebody has cancelled already gets some time to clean up: a second cancel would end that, and
    leave open what it was closing.
    """
    told: set[asyncio.Task[Any]] = set()
    clock = asyncio.get_running_loop().time
    again_at = clock() + CLEAN_UP_PATIENCE
    async with asyncio.timeout(patience):
        while left := asyncio.all_tasks() - {asyncio.current_task()}:
            if not all(map(_has_begun, left)):
                await asyncio.sleep(0)
                continue
            due = {task for task in left - told if not task.cancelling() or clock() > again_at}
            for task in due:
                task.cancel()
            told |= due
            await asyncio.wait(left, timeout=0.01)


def _has_begun(task: asyncio.Task[Any]) -> bool:
    work = task.get_coro()
    return not inspect.iscoroutine(work) or inspect.getcoroutinestate(work) != inspect.CORO_CREATED
