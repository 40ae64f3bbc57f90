"""Threads for blocking work.

The standard library's pool joins its threads when the interpreter ends, so one plugin that hangs in a
system call would keep the program from ending. These threads are daemons, made when there is work.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_Job = tuple["Future[Any]", Callable[..., Any], tuple[Any, ...], dict[str, Any]]


class DaemonPool(Executor):
    """At most ``size`` threads; ``size`` may be raised or lowered while it is in use."""

    def __init__(self, name: str, size: int) -> None:
        self._name = name
        self.size = size
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0
        self._unfinished = 0
        self._closed = False

    @property
    def threads(self) -> int:
        """Threads that exist now."""
        return self._threads

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run ``fn`` in one of the threads.

        :raises RuntimeError: after :meth:`shutdown`.
        """
        future: Future[T] = Future()
        with self._lock:
            if self._closed:
                raise RuntimeError(f"{self._name} is closed")
            self._jobs.put((future, fn, args, kwargs))
            self._unfinished += 1
            if self._threads < min(self.size, self._unfinished):
                self._threads += 1
                threading.Thread(target=self._work, name=self._name, daemon=True).start()
        return future

    def shutdown(self, wait: bool = False, *, cancel_futures: bool = True) -> None:  # noqa: ARG002
        """Take no more work and let the threads end after what they are doing; never waits."""
        with self._lock:
            self._closed = True
            threads = self._threads
        for _ in range(threads):
            self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            future, fn, args, kwargs = job
            tell = _run(future, fn, args, kwargs) if future.set_running_or_notify_cancel() else None
            with self._lock:
                # Before anybody is told: the next job shall find this thread free.
                self._unfinished -= 1
                surplus = self._threads > self.size
                self._threads -= surplus
            if tell is not None:
                tell()
            del job, future, fn, args, kwargs, tell
            if surplus:
                return
        with self._lock:
            self._threads -= 1


def _run(
    future: Future[Any], fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Callable[[], None]:
    """Do a job; what tells its end to whoever waits for it."""
    try:
        return partial(future.set_result, fn(*args, **kwargs))
    except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits for the future
        return partial(future.set_exception, error)
