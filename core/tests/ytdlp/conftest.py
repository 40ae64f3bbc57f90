"""A source's context on the real HTTP client, threads and transfer, with the emulated YouTube behind it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

from cratedig._http.clients import make_client, make_sync_client
from cratedig._http.options import HttpOptions
from cratedig._plugins import blocking
from cratedig._plugins.context import SourceContext
from cratedig._transfer.fetch import fetch, fetch_segments
from cratedig._transfer.request import FetchRequest, SegmentsRequest
from cratedig.ytdlp import YtDlp
from cratedig_emulators.youtube import YouTubeEmulator

T = TypeVar("T")


class Kept(dict[str, Any]):
    """A state store."""

    def set(self, key: str, value: Any) -> None:
        self[key] = value

    def delete(self, key: str) -> None:
        self.pop(key, None)


class Lane:
    """What stands behind the context. ``permits`` counts the requests that asked for one."""

    def __init__(self, options: HttpOptions) -> None:
        self.options = options
        self.permits = 0
        self.client = make_client(options, before_request=self.permit)
        self.pool = ThreadPoolExecutor(4)
        self.state = Kept()

    def settings(self) -> None:
        return None

    def http(self) -> httpx.AsyncClient:
        return self.client

    def transfers(self) -> tuple[Any, ...]:
        return ()

    def conceal(self, *texts: str) -> None:
        """Nothing is written here."""

    async def permit(self) -> None:
        self.permits += 1

    async def run_blocking(self, func: Callable[[], T]) -> T:
        return await blocking.run_blocking(self.pool, func)

    async def request(self, method: str, url: str, **options: Any) -> httpx.Response:
        raise NotImplementedError

    async def request_json(self, method: str, url: str, **options: Any) -> Any:
        raise NotImplementedError

    async def fetch(
        self,
        url: str,
        name: str,
        *,
        dest_dir: Path,
        progress: Any,
        headers: Any = None,
        hosts: Any = None,
        **more: Any,
    ) -> Path:
        request = FetchRequest(url=url, path=dest_dir / name, headers=headers or {}, **more)
        return await fetch(request, clients=self._clients, pool=self.pool, progress=progress)

    async def fetch_segments(
        self, urls: Sequence[str], name: str, *, dest_dir: Path, progress: Any, headers: Any = None
    ) -> Path:
        request = SegmentsRequest(urls=urls, path=dest_dir / name, headers=headers or {})
        return await fetch_segments(request, clients=self._clients, pool=self.pool, progress=progress)

    def _clients(self) -> httpx.Client:
        return make_sync_client(self.options)


@asynccontextmanager
async def lane_to(proxy: str | None, **options: Any) -> AsyncIterator[Lane]:
    """Lend a lane whose requests go to ``proxy``; its threads have ended when this ends."""
    lane = Lane(HttpOptions(proxy=proxy, verify_tls=False, trust_env=False, **options))
    try:
        yield lane
    finally:
        await lane.client.aclose()
        await asyncio.to_thread(lane.pool.shutdown)


def yt_dlp_on(lane: Lane, params: dict[str, Any] | None = None, **more: Any) -> YtDlp:
    """Do what a source does with its context."""
    context = SourceContext("sample", logging.getLogger("cratedig.source.sample"), lane.state, lane)
    return YtDlp(
        context, {"allowed_extractors": ["youtube", "youtube:search", "generic"], **(params or {})}, **more
    )


Use = Callable[[YtDlp, Lane], Coroutine[Any, Any, T]]


class Bench:
    """``bench(use)`` returns what ``await use(yt_dlp, lane)`` gives, over ``proxy`` if there is one."""

    def __init__(self, proxy: str | None) -> None:
        self.proxy = proxy

    def __call__(self, use: Use[T], *, http: dict[str, Any] | None = None, **more: Any) -> T:
        async def run() -> T:
            async with lane_to(self.proxy, **(http or {})) as lane:
                return await use(yt_dlp_on(lane, **more), lane)

        return asyncio.run(run())


@pytest.fixture
def yt() -> Iterator[YouTubeEmulator]:
    """YouTube, and the proof at the end that nothing asked for what it does not have."""
    with YouTubeEmulator() as emulator:
        yield emulator
        assert emulator.errors == []
        assert emulator.strays == []


@pytest.fixture
def bench(yt: YouTubeEmulator) -> Bench:
    """yt-dlp on a lane to the emulated YouTube."""
    return Bench(yt.proxy_url)


@pytest.fixture
def direct() -> Bench:
    """yt-dlp on a lane without a proxy, for services on 127.0.0.1."""
    return Bench(None)


@pytest.fixture
def first(yt: YouTubeEmulator) -> str:
    """Give the address of the emulator's first video."""
    return f"https://www.youtube.com/watch?v={next(iter(yt.videos))}"


@pytest.fixture
def silent() -> Callable[..., None]:
    """Make a progress callback that nobody reads."""
    return lambda *_: None
