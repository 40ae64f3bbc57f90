"""The simplest source that works, and what tests need around it.

:class:`Fake` answers searches with one result for each query and delivers a real WAV file of silence with a
mark of its own. What it does instead is set by handing it functions: ``search`` and ``download`` take the
place of the hook's body.
"""

from __future__ import annotations

import asyncio
import inspect
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread, local
from typing import Any

from cratedig import (
    Delivery,
    Download,
    DownloadEngine,
    Pending,
    RateLimits,
    RawSearchResult,
    SourceInfo,
    Wanted,
    hookimpl,
)
from cratedig._runtime.limiter import InProcessRateLimiter
from cratedig_contracts import patience

RATE = 8000
GENEROUS = RateLimits(concurrent_downloads=4, concurrent_searches=4)

Progress = Callable[..., None]
SearchBody = Callable[[str, Wanted], Awaitable[Any]]
DownloadBody = Callable[[str, Path, Progress], Awaitable[Any]]


def wav(seconds: float = 1.0, mark: int = 0) -> bytes:
    """A whole WAV file: 8 kHz, mono, 16 bits; ``mark`` makes the bytes of two files differ."""
    body = struct.pack("<h", mark % 1000) * int(seconds * RATE)
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(body), b"WAVE", b"fmt ", 16, 1, 1,
                       RATE, RATE * 2, 2, 16, b"data", len(body))  # fmt: skip
    return head + body


def deliver(dest_dir: Path, target_id: str = "song", *, seconds: float = 1.0) -> Path:
    """Put a WAV file where a source has to."""
    path = dest_dir / "audio.wav"
    path.write_bytes(wav(seconds, sum(target_id.encode())))
    return path


def result(target_id: str = "1", **more: Any) -> RawSearchResult:
    """A search result that says as little as possible."""
    fields: dict[str, Any] = {"title": "Song", "artist": "Artist", "duration": 1.0, **more}
    return RawSearchResult(target_id=target_id, **fields)


class Fake:
    """A source. ``calls`` lists what it was asked, as ``(hook, argument, monotonic time)``."""

    def __init__(
        self,
        name: str = "fake",
        *,
        search: SearchBody | None = None,
        download: DownloadBody | None = None,
        **info: Any,
    ) -> None:
        self.name = name
        self.info = {"limits": GENEROUS, **info}
        self.calls: list[tuple[str, str, float]] = []
        self.search = search
        self.download = download
        self.reloads = 0

    @hookimpl
    def source_info(self) -> SourceInfo:
        """What the test says."""
        fields: dict[str, Any] = {"display_name": self.name.title(), "contract_version": "1.0", **self.info}
        return SourceInfo(name=self.name, **fields)

    @hookimpl
    def is_configured(self) -> bool:
        """Always."""
        return True

    @hookimpl
    async def check_connection(self) -> bool:
        """Always."""
        return True

    @hookimpl
    def reload_settings(self) -> None:
        """Counted."""
        self.reloads += 1

    @hookimpl
    async def search_raw(self, query: str, wanted: Wanted) -> Any:
        """One result that is what was wanted, unless the test says something else."""
        self.calls.append(("search", query, time.monotonic()))
        if self.search is not None:
            return await self.search(query, wanted)
        named = {"artist": wanted.artist, "title": wanted.title} if wanted.title else {"title": query}
        return [result(f"{self.name}-1", **named)]

    @hookimpl
    async def download_raw(
        self, target_id: str, dest_dir: Path, progress: Progress
    ) -> Path | Delivery | Pending:
        """A second of silence, unless the test says something else."""
        self.calls.append(("download", target_id, time.monotonic()))
        if self.download is not None:
            answer: Path | Delivery | Pending = await self.download(target_id, dest_dir, progress)
            return answer
        return deliver(dest_dir, target_id)

    def asked(self, hook: str) -> list[str]:
        """The arguments of all calls of ``search`` or ``download``."""
        return [argument for name, argument, _ in self.calls if name == hook]

    def times(self) -> list[float]:
        """When it was called, whatever for."""
        return [at for _, _, at in self.calls]


class Canceller(Fake):
    """The same with ``cancel_raw``, which notes what it was told."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.cancelled: list[str] = []

    @hookimpl
    async def cancel_raw(self, target_id: str) -> bool:
        """Noted."""
        self.cancelled.append(target_id)
        return True


def in_turn(*steps: Any) -> DownloadBody:
    """A download that does one step for each call: raises it, calls it, or returns it; then delivers."""
    left = list(steps)

    async def download(target_id: str, dest_dir: Path, progress: Progress) -> Any:
        if not left:
            return deliver(dest_dir, target_id)
        step = left.pop(0)
        if isinstance(step, BaseException):
            raise step
        done = step(target_id, dest_dir, progress)
        return await done if inspect.isawaitable(done) else done

    return download


def raising(error: BaseException) -> Callable[..., Awaitable[Any]]:
    """A hook's body that always raises."""

    async def body(*_: Any) -> Any:
        raise error

    return body


async def forever(*_: Any) -> Any:
    """A hook's body that never returns, but may be cancelled."""
    await asyncio.Event().wait()


@asynccontextmanager
async def running(
    *sources: Any,
    settings: Mapping[str, Any] | None = None,
    engine: Mapping[str, Any] | None = None,
    **options: Any,
) -> AsyncIterator[DownloadEngine]:
    """An engine with these sources and short patience; a class says by ``called`` what it is."""
    own = {"search_cache_ttl": 0.0, "retries": 1, "breaker_pause": 0.3, **(engine or {})}
    made = DownloadEngine({"engine": own, **(settings or {})}, **options)
    for source in sources:
        made.register_plugin(source, name=getattr(source, "called", None))
    async with made:
        yield made


SOON = 30.0
"""Seconds that a test waits for what has to come, in turns of a loop: see ``cratedig_contracts.patience``."""


async def until(claim: Callable[[], object], seconds: float = SOON) -> None:
    """Wait until something is so."""
    assert await patience.until(claim, seconds), "it did not come about in time"


def blocking_until(claim: Callable[[], object], seconds: float = SOON) -> None:
    """Wait until something is so, where there is no loop."""
    assert patience.blocking_until(claim, seconds), "it did not come about in time"


async def ended(engine: DownloadEngine, download_id: str, seconds: float = SOON) -> Download:
    """The final snapshot of a download."""
    return await patience.within(seconds, engine.wait(download_id))


async def waited(engine: DownloadEngine, ids: Iterable[str], seconds: float = 2 * SOON) -> list[Download]:
    """The final snapshots of several."""

    async def all_of_them() -> list[Download]:
        return list(await asyncio.gather(*map(engine.wait, ids)))

    return await patience.within(seconds, all_of_them())


class NotedLimiter(InProcessRateLimiter):
    """The engine's own limiter; ``granted`` has the exact moment of each permit, by the limiter's clock.

    A moment that is noted by whoever got the permit is a later one, and on a busy machine much later: windows
    of such moments say nothing about the limiter.
    """

    def __init__(self) -> None:
        super().__init__(clock=self._read)
        self.granted: list[tuple[str, float]] = []
        self._last = local()

    def _read(self) -> float:
        self._last.value = time.monotonic()
        return float(self._last.value)

    async def acquire(self, source: str) -> None:
        """Take a permit; this thread does nothing between the limiter's look at its clock and the note."""
        await super().acquire(source)
        self.granted.append((source, self._last.value))

    def times(self, source: str) -> list[float]:
        """When permits of this name were granted, in order."""
        return sorted(at for name, at in self.granted if name == source)


def files(folder: Path) -> list[str]:
    """Everything in a folder, hidden things included."""
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


Answer = tuple[int, Mapping[str, str], bytes]


@contextmanager
def serving(answer: Callable[[str, Mapping[str, str]], Answer]) -> Iterator[str]:
    """An HTTP server on 127.0.0.1; ``answer`` gets path and headers of a request. Yields its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, headers, body = answer(self.path, dict(self.headers))
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        # With the standard five, the system turns bursts away and they come back a second later.
        request_queue_size = 256
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
