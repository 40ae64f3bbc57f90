"""The real engine with the emulated YouTube behind its proxy setting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from cratedig import Download, DownloadEngine
from cratedig_emulators.youtube import Video, YouTubeEmulator

T = TypeVar("T")
Use = Callable[[DownloadEngine], Coroutine[Any, Any, T]]


class Bench:
    """``bench(use)`` opens an engine, gives it to ``use`` and returns its result."""

    def __init__(self, yt: YouTubeEmulator, folder: Path) -> None:
        self.yt = yt
        self.folder = folder

    def __call__(self, use: Use[T], **settings: Any) -> T:
        async def run() -> T:
            async with DownloadEngine.open(self.settings(**settings)) as engine:
                return await asyncio.wait_for(use(engine), 40)

        return asyncio.run(run())

    def settings(self, **youtube: Any) -> dict[str, Any]:
        """What a person would write, with nothing of this machine's."""
        engine = {"state_dir": str(self.folder / "state"), "retries": 0}
        own = {"proxy": self.yt.proxy_url, "verify_tls": False, **youtube}
        return {"engine": engine, "sources": {"youtube": own}}

    def download(self, target: str | Video, **settings: Any) -> Download:
        """The record of one download when it has ended."""
        target_id = target.id if isinstance(target, Video) else target

        async def use(engine: DownloadEngine) -> Download:
            return await engine.wait(
                await engine.dispatch_download(("youtube", target_id), dest_dir=self.folder)
            )

        return self(use, **settings)


@pytest.fixture
def yt() -> Iterator[YouTubeEmulator]:
    """YouTube, and the proof at the end that nothing asked for what it does not have."""
    with YouTubeEmulator() as emulator:
        yield emulator
        assert emulator.errors == []
        assert emulator.strays == []


@pytest.fixture
def bench(yt: YouTubeEmulator, tmp_path: Path) -> Bench:
    """Open engines on ``yt``."""
    return Bench(yt, tmp_path)


@pytest.fixture
def first(yt: YouTubeEmulator) -> Video:
    """Pick the emulator's first video, label-delivered audio."""
    return next(iter(yt.videos.values()))
