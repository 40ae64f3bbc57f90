"""Calling a plugin: whatever comes out of it is a value or a :class:`~cratedig.SourceError`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from cratedig._errors import SourceBug, SourceError, Unavailable

T = TypeVar("T")

GRACE = 2.0
"""Seconds that a cancelled hook gets to clean up before it is left to itself."""

_abandoned: set[asyncio.Task[Any]] = set()


def as_source_error(error: BaseException, source: str, target: str | None = None) -> SourceError:
    """``error`` itself or what it stands for, stamped with source and target where those are missing."""
    known = error if isinstance(error, SourceError) else _translated(error)
    known.source = known.source or source
    known.target = known.target or target
    return known


def _translated(error: BaseException) -> SourceError:
    if type(error).__module__.partition(".")[0] == "httpx":
        from cratedig._http.errors import translate  # noqa: PLC0415 - httpx is loaded only where it is used

        return translate(error)
    bug = SourceBug(
        f"the plugin raised {type(error).__name__}: {error}", hint="a bug of the plugin; please report it"
    )
    bug.__cause__ = error
    return bug


def call_sync(func: Callable[..., T], source: str, **arguments: object) -> T:
    """Call a sync hook.

    :raises SourceError: whatever went wrong in it, ``SystemExit`` included.
    """
    try:
        return func(**arguments)
    except BaseException as error:  # noqa: BLE001 - SystemExit out of a plugin included
        known = as_source_error(error, source)
        raise known from known.__cause__


async def _run(awaitable: Awaitable[T]) -> T:
    """Keep ``SystemExit`` and ``KeyboardInterrupt`` inside the task: asyncio lets them end the loop."""
    task = asyncio.current_task()
    try:
        return await awaitable
    except (SystemExit, KeyboardInterrupt, GeneratorExit) as error:
        if isinstance(error, GeneratorExit) and not _runs(task):
            raise
        raise SourceBug(
            f"the plugin raised {type(error).__name__}", hint="a bug of the plugin; please report it"
        ) from error


def _runs(task: asyncio.Task[Any] | None) -> bool:
    """Whether the loop is executing ``task``; if not, its coroutine is being thrown away with a dead loop."""
    try:
        return asyncio.current_task() is task
    except RuntimeError:
        return False


async def call(
    start: Callable[[], Awaitable[T]], source: str, *, target: str | None = None, timeout: float | None = None
) -> T:
    """Await an async hook, for at most ``timeout`` seconds.

    A hook that does not end when it is cancelled is abandoned after :data:`GRACE` seconds.

    :raises SourceError: whatever went wrong in it.
    """
    try:
        task = asyncio.ensure_future(_run(start()))
    except BaseException as error:  # noqa: BLE001 - SystemExit out of a plugin included
        known = as_source_error(error, source, target)
        raise known from known.__cause__
    try:
        done, _ = await asyncio.wait({task}, timeout=timeout)
    except asyncio.CancelledError:
        await _end(task)
        raise
    if not done:
        await _end(task)
        raise Unavailable(f"no answer within {timeout:g} s", source=source, target=target)
    return _outcome(task, source, target)


def _outcome(task: asyncio.Future[T], source: str, target: str | None) -> T:
    if task.cancelled():
        raise Unavailable("the request was cancelled by the source itself", source=source, target=target)
    error = task.exception()
    if error is not None:
        known = as_source_error(error, source, target)
        raise known from known.__cause__
    return task.result()


async def _end(task: asyncio.Future[Any]) -> None:
    task.cancel()
    done, _ = await asyncio.wait({task}, timeout=GRACE)
    if done:
        _swallow(task)
    elif isinstance(task, asyncio.Task):
        _abandoned.add(task)
        task.add_done_callback(_forget)


def _forget(task: asyncio.Task[Any]) -> None:
    _abandoned.discard(task)
    _swallow(task)


def _swallow(task: asyncio.Future[Any]) -> None:
    if not task.cancelled():
        task.exception()
