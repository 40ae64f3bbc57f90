"""A source's lane: queue, workers, limiter, breaker, threads and event loop that are its alone."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from anyio import CapacityLimiter

from cratedig._plugins import RateLimits
from cratedig._runtime.breaker import Breaker
from cratedig._runtime.loop import LoopThread
from cratedig._runtime.pool import DaemonPool
from cratedig._runtime.queue import WorkQueue

log = logging.getLogger("cratedig.lanes")

T = TypeVar("T")
Perform = Callable[[str], Awaitable[None]]

LINGER = 3
"""Turns of the loop that a worker waits for more before it ends."""

MAX_RENEWALS = 3
"""Threads that one source may block for good before its lane is given up."""


class _Turn:
    """One record's turn with a worker, told apart from any later turn of the same record."""

    __slots__ = ("record_id",)

    def __init__(self, record_id: str) -> None:
        self.record_id = record_id


class Lane:
    """Runs what its source has to do; every method may be called from any thread unless it says otherwise.

    ``perform`` is what its workers do with the id of a queued record.
    """

    def __init__(self, name: str, limits: RateLimits, breaker: Breaker, perform: Perform) -> None:
        self.name = name
        self.breaker = breaker
        self.queue = WorkQueue()
        self.thread = LoopThread(f"cratedig-{name}")
        self.pool = DaemonPool(f"cratedig-{name}-io", _pool_size(limits))
        self.limits = limits
        self.renewals = 0
        self._perform = perform
        self._workers = 0
        self._running: dict[asyncio.Task[Any], _Turn] = {}
        self._chores: set[Future[Any]] = set()
        self._woken = False
        self._searches: CapacityLimiter | None = None
        self._closing = False
        self._asked_at: float | None = None

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Run a coroutine on the lane's loop."""
        return self.thread.submit(work)

    def see_through(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """The same for what closing waits for: the other side would go on, or keep something, for nobody."""
        chore = self.submit(work)
        self._chores.add(chore)
        chore.add_done_callback(self._chores.discard)
        return chore

    @property
    def chores(self) -> list[Future[Any]]:
        """What is to be seen through and has not ended."""
        return list(self._chores)

    def put(self, record_id: str, priority: int = 0, delay: float = 0.0) -> None:
        """Queue a record, ``delay`` seconds from now."""
        if delay > 0:
            self.thread.call(lambda: self.thread.loop.call_later(delay, self.put, record_id, priority))
            return
        self.queue.put(record_id, priority)
        # A worker that is at it takes the next one by itself; waking the loop costs more than queueing.
        if not self._woken and self._workers < self.limits.concurrent_downloads:
            self._woken = True
            self.thread.call(self._pump)

    def withdraw(self, record_id: str) -> None:
        """Cancel what is running for this record now, if anything is."""
        for task, turn in list(self._running.items()):
            if turn.record_id == record_id:
                self.thread.call(self._end, task, turn)

    def set_limits(self, limits: RateLimits) -> None:
        """Change the concurrency from now on; what is under way is not interrupted."""
        self.limits = limits
        self.pool.size = _pool_size(limits)
        if self._searches is not None:
            searches = self._searches
            self.thread.call(lambda: setattr(searches, "total_tokens", limits.concurrent_searches))
        self.thread.call(self._pump)

    @property
    def closing(self) -> bool:
        """Whether it takes no more work, because the engine ends."""
        return self._closing

    @property
    def searches(self) -> CapacityLimiter:
        """Bounds the searches under way; to be used on the lane's loop."""
        if self._searches is None:
            self._searches = CapacityLimiter(self.limits.concurrent_searches)
        return self._searches

    def blocked_for(self) -> float:
        """Seconds for which the loop has not answered. Call it regularly: each call asks the loop again."""
        if not self.thread.started or self._closing:
            return 0.0
        asked_at = self._asked_at
        if asked_at is None:
            self._asked_at = time.monotonic()
            self.thread.call(self._answer)
            return 0.0
        return time.monotonic() - asked_at

    def renew(self) -> bool:
        """Leave a blocked thread to itself and go on in a new one; ``False`` when that was done too often."""
        if self.renewals >= MAX_RENEWALS:
            return False
        self.renewals += 1
        old, self.thread = self.thread, LoopThread(f"cratedig-{self.name}-{self.renewals}")
        old.stop(0.0)
        self._workers, self._running, self._searches, self._asked_at = 0, {}, None, None
        self._chores.clear()
        self.thread.call(self._pump)
        return True

    def begin_close(self) -> None:
        """Take no more work; :meth:`close` waits for the end of what is under way."""
        self._closing = True
        self.pool.shutdown()
        self.thread.stop(0.0)

    def close(self, patience: float) -> bool:
        """Stop; ``False`` when the source still blocks its thread after ``patience`` seconds."""
        self.begin_close()
        return self.thread.stop(patience)

    def _answer(self) -> None:
        self._asked_at = None

    def _end(self, task: asyncio.Task[Any], turn: _Turn) -> None:
        # The worker may be at another record by the time that the loop gets here.
        if self._running.get(task) is turn:
            task.cancel()

    def _pump(self) -> None:
        self._woken = False
        waiting = 0 if self._closing else len(self.queue)
        while self._workers < min(self.limits.concurrent_downloads, self._workers + waiting):
            waiting -= 1
            self._workers += 1
            task = self.thread.loop.create_task(self._work(self.thread))
            task.add_done_callback(_keep_quiet)

    async def _work(self, thread: LoopThread) -> None:
        """Take records until there are none, or one worker too many."""
        try:
            while self._goes_on(thread) and self._workers <= self.limits.concurrent_downloads:
                record_id = self.queue.take() or await self._another()
                if record_id is None:
                    return
                await self._perform_one(record_id)
        finally:
            if self.thread is thread:
                self._workers -= 1
                if len(self.queue) and not self._closing:
                    thread.loop.call_soon(self._pump)

    def _goes_on(self, thread: LoopThread) -> bool:
        return self.thread is thread and not self._closing

    async def _another(self) -> str | None:
        """What arrives within a few turns of the loop: cheaper than ending and being woken again."""
        for _ in range(LINGER):
            await asyncio.sleep(0)
            if (record_id := self.queue.take()) is not None:
                return record_id
        return None

    async def _perform_one(self, record_id: str) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("workers run in tasks")
        self._running[task] = _Turn(record_id)
        try:
            await self._perform(record_id)
        except asyncio.CancelledError:
            # A withdrawn record ends the record, not the worker; closing the lane ends the worker too.
            if self._closing or not self.thread.is_current:
                raise
            task.uncancel()
        except Exception:
            log.exception("%s: record %s was left by an error of the engine", self.name, record_id)
        finally:
            self._running.pop(task, None)


def _pool_size(limits: RateLimits) -> int:
    return 2 * limits.concurrent_downloads + limits.concurrent_searches + 1


def _keep_quiet(task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.error("a worker ended: %s", error, exc_info=error)
