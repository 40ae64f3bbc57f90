"""What stands between the engine and the source under test: it sees every call of a hook.

It is registered the way a host registers its hook wrappers, and runs where the hooks run.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import time
from collections.abc import Awaitable, Callable, Generator
from contextvars import ContextVar
from pathlib import Path
from typing import Any, TypeVar

from attrs import define, evolve, field

from cratedig import CONTRACT_VERSION, SourceInfo, Wanted, hookimpl
from cratedig_contracts.patience import BEAT

T = TypeVar("T")

_PATIENCE = 2.0
"""Seconds that a download waits for others to begin with; some sources take one at a time."""
_inside: ContextVar[Call | None] = ContextVar("cratedig_contracts_call", default=None)


@define(eq=False)
class Call:
    """One call of an async hook.

    Times are :func:`time.monotonic` seconds; ``lag`` is the longest time for which the loop stood still
    meanwhile, ``turns`` how often it has come round, once in ten milliseconds at most. ``tasks`` are those
    that the hook has started.
    """

    hook: str
    arguments: dict[str, Any]
    started_at: float = field(factory=time.monotonic)
    ended_at: float | None = None
    result: Any = None
    error: BaseException | None = None
    lag: float = 0.0
    turns: int = 0
    progress: list[tuple[Any, ...]] = field(factory=list)
    tasks: list[asyncio.Task[Any]] = field(factory=list)

    @property
    def delivered(self) -> Path | None:
        """The file that ``download_raw`` has handed over."""
        path = getattr(self.result, "path", self.result)
        return path if isinstance(path, Path) else None


def started_by_a_hook() -> bool:
    """Whether the present code runs on behalf of a hook, on the loop or in a thread of the lane."""
    return _inside.get() is not None


class Spy:
    """Stands in for one source's async hooks, hands each call on and keeps what came of it.

    ``info`` is what ``source_info`` really said. The engine gets it with the name and the contract version
    that it needs, so that a source with a wrong one can still be looked at in every other way.
    """

    def __init__(self, name: str, stall_timeout: float | None = None) -> None:
        self.calls: list[Call] = []
        self.info: Any = None
        self.given_aliases: Any = None
        self.source: Any = None
        self._name = name
        self._stall_timeout = stall_timeout
        self._together = 0
        self._all_here: asyncio.Event | None = None

    def of(self, hook: str) -> list[Call]:
        """The calls of one hook so far."""
        return [call for call in self.calls if call.hook == hook]

    @hookimpl(wrapper=True)
    def source_info(self) -> Generator[None, Any, Any]:
        """Keep what the source says; no rate limit, and a time-out that a test can wait for."""
        self.info = info = yield
        if not isinstance(info, SourceInfo):
            return info
        stall = min(info.stall_timeout, self._stall_timeout or info.stall_timeout)
        return evolve(
            info,
            name=self._name,
            contract_version=CONTRACT_VERSION,
            limits=evolve(info.limits, requests=None, searches=None),
            stall_timeout=stall,
        )

    @hookimpl(wrapper=True)
    def aliases(self) -> Generator[None, Any, Any]:
        """Keep what the source says; the engine gets it where it is sound."""
        self.given_aliases = given = yield
        return given if isinstance(given, tuple) else ()

    @hookimpl(tryfirst=True)
    def search_raw(self, query: str, wanted: Wanted) -> Any:
        """In the source's place."""
        return self._through("search_raw", query=query, wanted=wanted)

    @hookimpl(tryfirst=True)
    def download_raw(self, target_id: str, dest_dir: Path, progress: Callable[..., None]) -> Any:
        """In the source's place; what it reports is kept on the way."""
        reported: list[tuple[Any, ...]] = []

        def report(*args: Any, **more: Any) -> None:
            reported.append((*args, *more.values()))
            progress(*args, **more)

        return self._through(
            "download_raw", reported, target_id=target_id, dest_dir=dest_dir, progress=report
        )

    @hookimpl(tryfirst=True)
    def cancel_raw(self, target_id: str, transfer_id: str) -> Any:
        """In the source's place, if it has it."""
        if not hasattr(self.source, "cancel_raw"):
            return _no()
        return self._through("cancel_raw", target_id=target_id, transfer_id=transfer_id)

    @hookimpl(tryfirst=True)
    def login_raw(self, show: Callable[..., None]) -> Any:
        """In the source's place; the engine asks only a source that has it."""
        return self._through("login_raw", show=show)

    def _through(self, hook: str, reported: list[tuple[Any, ...]] | None = None, **arguments: Any) -> Any:
        call = Call(hook, arguments, progress=[] if reported is None else reported)
        own = getattr(self.source, hook)
        return self._watched(call, lambda: own(**_accepted(own, arguments)))

    def hold_downloads(self, count: int) -> None:
        """Let the next downloads begin in the same moment, once there are so many of them."""
        self._together = len(self.of("download_raw")) + count

    async def _gathered(self, hook: str) -> None:
        if hook != "download_raw" or len(self.of(hook)) > self._together:
            return
        self._all_here = self._all_here or asyncio.Event()
        if len(self.of(hook)) == self._together:
            self._all_here.set()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._all_here.wait(), _PATIENCE)

    async def _watched(self, call: Call, start: Callable[[], Awaitable[T]]) -> T:
        # Noted here and not before: a task that is cancelled before its first step never gets to an end.
        self.calls.append(call)
        try:
            await self._gathered(call.hook)
            call.started_at = time.monotonic()
            _keep_tasks()
            with _LagProbe(call):
                # From its first step on the task may be cancelled, also before the source gets its turn.
                await asyncio.sleep(0)
                call.result = answer = await _for(call, start)
        except BaseException as error:
            call.error = error
            raise
        finally:
            call.ended_at = time.monotonic()
        return answer


async def _for(call: Call, start: Callable[[], Awaitable[T]]) -> T:
    inside = _inside.set(call)
    try:
        return await start()
    finally:
        _inside.reset(inside)


class _LagProbe:
    """Notes how long the loop does not come round."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._since = time.monotonic()
        self._task = asyncio.create_task(self._measure())

    def __enter__(self) -> None:
        """Go on measuring."""

    def __exit__(self, *_: object) -> None:
        """Take the last stretch in and stop."""
        self._note()
        self._task.cancel()

    async def _measure(self) -> None:
        while True:
            self._since = time.monotonic()
            await asyncio.sleep(BEAT)
            self._call.turns += 1
            self._note()

    def _note(self) -> None:
        self._call.lag = max(self._call.lag, time.monotonic() - self._since - BEAT)


def _keep_tasks() -> None:
    """Have the loop tell which hook has started a task: the factory runs in its creator's context."""
    loop = asyncio.get_running_loop()
    if loop.get_task_factory() is None:
        loop.set_task_factory(_kept)


def _kept(loop: asyncio.AbstractEventLoop, coro: Any, **more: Any) -> asyncio.Task[Any]:
    task: asyncio.Task[Any] = asyncio.Task(coro, loop=loop, **more)
    if call := _inside.get():
        call.tasks.append(task)
    return task


async def _no() -> bool:
    return False


def _accepted(func: Callable[..., Any], arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments that an implementation takes; it may take fewer than there are."""
    taken = inspect.signature(func).parameters.values()
    return {p.name: arguments[p.name] for p in taken if p.name in arguments and p.default is p.empty}
