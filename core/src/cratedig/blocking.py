"""The engine for programs without an event loop: the same methods, and each returns when it is done.

    with cratedig.blocking.DownloadEngine.open() as engine:
        for result in engine.search("artist - title"):
            print(engine.wait(engine.dispatch_download(result, dest_dir="music")))

One event loop in a thread of its own drives the engine; nothing of it is written twice.
"""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Iterable, Iterator, Mapping
from concurrent.futures import CancelledError, wait
from types import TracebackType
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Self, TypeVar

from cratedig._engine.engine import DownloadEngine as AsyncEngine
from cratedig._errors import CratedigError
from cratedig._runtime.loop import LoopThread

if TYPE_CHECKING:
    from cratedig._journal.port import Journal
    from cratedig._model import DownloadEvent
    from cratedig._plugins import Rate
    from cratedig._runtime.limiter import RateLimiter as AsyncRateLimiter
    from cratedig._settings import Settings

__all__ = ["DownloadEngine", "RateLimiter"]

P = ParamSpec("P")
T = TypeVar("T")
Where = str | os.PathLike[str]

_LOOK_UP = 0.5
"""Seconds after which a waiting thread comes round: on Windows, only then it notices Ctrl-C."""
_STOP_PATIENCE = 5.0


def _awaited(
    method: Callable[Concatenate[AsyncEngine, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[DownloadEngine, P], T]:
    """The method that waits for what ``method`` returns."""

    @functools.wraps(method)
    def call(self: DownloadEngine, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._run(method(self._engine, *args, **kwargs))

    return call


def _direct(
    method: Callable[Concatenate[AsyncEngine, P], T],
) -> Callable[Concatenate[DownloadEngine, P], T]:
    """The method that never waits, as it is."""

    @functools.wraps(method)
    def call(self: DownloadEngine, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return method(self._engine, *args, **kwargs)

    return call


class DownloadEngine:
    """:class:`cratedig.DownloadEngine` for code that blocks. A context manager.

    Every method may be called from any thread, and from several at once. Ctrl-C in the calling thread ends
    the call, not the engine; leaving the ``with`` block ends the engine.
    """

    def __init__(
        self,
        settings: Where | Mapping[str, Any] | Settings | None = None,
        *,
        journal: Where | Journal | None = None,
        resume: bool = True,
        rate_limiter: AsyncRateLimiter | None = None,
    ) -> None:
        self._engine = AsyncEngine(settings, journal=journal, resume=resume, rate_limiter=rate_limiter)
        self._loop: LoopThread | None = None

    @classmethod
    def open(
        cls,
        settings: Where | Mapping[str, Any] | Settings | None = None,
        *,
        journal: Where | Journal | None = None,
        resume: bool = True,
        require: Iterable[str] = (),
        rate_limiter: AsyncRateLimiter | None = None,
    ) -> Self:
        """An engine with every installed source; to be entered with ``with``.

        :raises SettingsError: the settings cannot be read.
        :raises SourceBroken: on entering, when a required source is missing or broken.
        """
        engine = cls.__new__(cls)
        engine._engine = AsyncEngine.open(  # noqa: SLF001 - __init__ would build another one
            settings,
            journal=journal,
            resume=resume,
            require=require,
            rate_limiter=rate_limiter,
        )
        engine._loop = None  # noqa: SLF001 - the same
        return engine

    def __enter__(self) -> Self:
        """Start, and go on with what an earlier process left unfinished."""
        if self._loop is not None:
            raise RuntimeError("this engine is open already")
        self._loop = LoopThread("cratedig-blocking")
        try:
            self._run(self._engine.__aenter__())
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop. What is unfinished stays in the journal and goes on when it is opened again."""
        try:
            self._run(self._engine.__aexit__(kind, error, trace))
        finally:
            self._stop()

    register_plugin = _direct(AsyncEngine.register_plugin)
    register_wrapper = _direct(AsyncEngine.register_wrapper)
    client = _direct(AsyncEngine.client)
    sources = _direct(AsyncEngine.sources)
    configured_sources = _direct(AsyncEngine.configured_sources)
    reload_settings = _awaited(AsyncEngine.reload_settings)
    login = _awaited(AsyncEngine.login)
    check_connections = _awaited(AsyncEngine.check_connections)
    diagnose = _awaited(AsyncEngine.diagnose)
    examine = _awaited(AsyncEngine.examine)

    search = _awaited(AsyncEngine.search)
    search_with_fallback = _awaited(AsyncEngine.search_with_fallback)
    filter_by_quality = _direct(AsyncEngine.filter_by_quality)
    dedup = _direct(AsyncEngine.dedup)

    dispatch_download = _awaited(AsyncEngine.dispatch_download)
    download_with_fallback = _awaited(AsyncEngine.download_with_fallback)
    wait = _awaited(AsyncEngine.wait)
    cancel_download = _awaited(AsyncEngine.cancel_download)
    retry_download = _awaited(AsyncEngine.retry_download)
    resume_downloads = _awaited(AsyncEngine.resume_downloads)
    get_download_status = _awaited(AsyncEngine.get_download_status)
    get_all_downloads = _awaited(AsyncEngine.get_all_downloads)
    clear_completed = _awaited(AsyncEngine.clear_completed)
    redact = _direct(AsyncEngine.redact)

    @property
    def rate_limiter(self) -> RateLimiter:
        """Permits to send requests: ``engine.rate_limiter.acquire("deezer")``."""
        return RateLimiter(self._engine.rate_limiter, self._run)

    def events(self) -> Iterator[DownloadEvent]:
        """What happens from this call on; ends when the engine is closed. Close it to stop listening."""
        return self._read(self._run(_opened(self._engine)))

    def _read(self, stream: AsyncIterator[DownloadEvent]) -> Generator[DownloadEvent]:
        try:
            while True:
                try:
                    event = self._run(_next(stream))
                except CratedigError:
                    return
                yield event
        finally:
            with contextlib.suppress(CratedigError):
                self._run(_closed(stream))

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for ``work``; when the waiting is interrupted, it is cancelled."""
        if self._loop is None:
            work.close()
            raise CratedigError("the engine is not open; use it in a `with` block")
        future = self._loop.submit(work)
        try:
            while not wait((future,), timeout=_LOOK_UP).done:
                pass
            return future.result()
        except CancelledError as error:
            raise CratedigError("the engine was closed meanwhile") from error
        except BaseException:
            future.cancel()
            raise

    def _stop(self) -> None:
        loop, self._loop = self._loop, None
        if loop is not None:
            loop.stop(_STOP_PATIENCE)


class RateLimiter:
    """The engine's rate limiter for code that blocks."""

    def __init__(self, limiter: AsyncRateLimiter, run: Callable[[Coroutine[Any, Any, None]], None]) -> None:
        self._limiter = limiter
        self._run = run

    def acquire(self, source: str) -> None:
        """Wait for a permit to send one request to a source."""
        self._run(self._limiter.acquire(source))

    def set_rate(self, source: str, rate: Rate | None) -> None:
        """Change a source's rate from now on; ``None`` lifts it."""
        self._limiter.set_rate(source, rate)

    def pause(self, source: str, seconds: float) -> None:
        """Hand out no permit for a while; a longer pause that is under way stays."""
        self._limiter.pause(source, seconds)

    def paused_for(self, source: str) -> float:
        """Seconds until the pause ends, 0 when there is none."""
        return self._limiter.paused_for(source)


async def _opened(engine: AsyncEngine) -> AsyncIterator[DownloadEvent]:
    return engine.events()


async def _next(stream: AsyncIterator[DownloadEvent]) -> DownloadEvent:
    return await anext(stream)


async def _closed(stream: Any) -> None:
    await stream.aclose()
