"""What stands between the engine and the source under test: it sees every call of a hook.

It is registered the way a host registers its hook wrappers, and runs where the hooks run.
"""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine, Generator
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from attrs import evolve

from cratedig import CONTRACT_VERSION, SourceInfo, Wanted, hookimpl
from cratedig_contracts.call import Call, LagProbe, keep_tasks, on_behalf_of
from cratedig_contracts.patience import until

T = TypeVar("T")
Errand = Callable[[], Coroutine[Any, Any, None]]

_PATIENCE = 2.0
"""Seconds that a download waits for others to begin with; some sources take one at a time."""


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
        self._answers: Callable[[Any], Awaitable[Any]] | None = None
        self._errands: list[Errand] = []
        self._busy: list[asyncio.Task[None]] = []

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
    def tidy_raw(self, target_id: str, transfer_id: str) -> Any:
        """In the source's place; the engine asks only a source that has it."""
        return self._through("tidy_raw", target_id=target_id, transfer_id=transfer_id)

    @hookimpl(tryfirst=True)
    def diagnose_raw(self) -> Any:
        """In the source's place; the engine asks only a source that has it."""
        return self._through("diagnose_raw")

    @hookimpl(tryfirst=True)
    def watch_raw(self) -> AsyncIterator[Any]:
        """In the source's place; the updates are kept on the way."""
        return self._overheard(Call("watch_raw", {}), self.source.watch_raw())

    @hookimpl(tryfirst=True)
    def check_connection(self) -> Any:
        """In the source's place; what is to be done on the lane's loop begins now."""
        errands, self._errands = self._errands, []
        return self._begun(errands) if errands else self._through("check_connection")

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

    def answer_downloads(self, answers: Callable[[Any], Awaitable[Any]]) -> None:
        """Let the engine hear what ``answers`` makes of those of ``download_raw``; a call keeps its own."""
        self._answers = answers

    def on_the_lane(self, work: Callable[[], Coroutine[Any, Any, T]]) -> Future[T]:
        """Do something on the lane's loop, when ``check_connection`` is called the next time."""
        done: Future[T] = Future()

        async def errand() -> None:
            try:
                done.set_result(await work())
            except BaseException as error:  # noqa: BLE001 - whoever waits for it gets it
                done.set_exception(error)

        self._errands.append(errand)
        return done

    async def _begun(self, errands: list[Errand]) -> bool:
        """Begin them; the engine does not wait for what they do."""
        loop = asyncio.get_running_loop()
        # A loop alone does not keep its tasks.
        self._busy += [loop.create_task(errand()) for errand in errands]
        return True

    async def _overheard(self, call: Call, stream: AsyncIterator[Any]) -> AsyncIterator[Any]:
        self.calls.append(call)
        keep_tasks()
        try:
            with LagProbe(call):
                while True:
                    call.updates.append(await on_behalf_of(call, stream.__anext__))
                    yield call.updates[-1]
        except StopAsyncIteration:
            pass
        except Exception as error:
            call.error = error
            raise
        finally:
            call.ended_at = time.monotonic()
            if isinstance(stream, AsyncGenerator):
                await stream.aclose()

    async def _gathered(self, hook: str) -> None:
        if hook != "download_raw" or len(self.of(hook)) > self._together:
            return
        all_here = self._all_here = self._all_here or asyncio.Event()
        if len(self.of(hook)) == self._together:
            all_here.set()
        patience = asyncio.ensure_future(until(all_here.is_set, _PATIENCE))
        patience.add_done_callback(lambda _: all_here.set())
        try:
            await all_here.wait()
        finally:
            patience.cancel()

    async def _watched(self, call: Call, start: Callable[[], Awaitable[T]]) -> T:
        # Noted here and not before: a task that is cancelled before its first step never gets to an end.
        self.calls.append(call)
        try:
            await self._gathered(call.hook)
            call.started_at = time.monotonic()
            keep_tasks()
            with LagProbe(call):
                # From its first step on the task may be cancelled, also before the source gets its turn.
                await asyncio.sleep(0)
                call.result = answer = await on_behalf_of(call, start)
        except BaseException as error:
            call.error = error
            raise
        finally:
            call.ended_at = time.monotonic()
        # For whoever looks at the call it has ended here; the engine may have to wait.
        if call.hook == "download_raw" and self._answers is not None:
            heard: T = await self._answers(answer)
            return heard
        return answer


async def _no() -> bool:
    return False


def _accepted(func: Callable[..., Any], arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments that an implementation takes; it may take fewer than there are."""
    taken = inspect.signature(func).parameters.values()
    return {p.name: arguments[p.name] for p in taken if p.name in arguments and p.default is p.empty}
