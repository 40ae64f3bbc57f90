"""The real engine with the emulated SoundCloud behind its proxy setting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from cratedig import Download, DownloadEngine, SearchReport, Wanted
from cratedig_emulators.soundcloud import Sound, SoundCloudEmulator

T = TypeVar("T")
Use = Callable[[DownloadEngine], Coroutine[Any, Any, T]]


class Bench:
    """``bench(use)`` opens an engine, gives it to ``use`` and returns its result."""

    def __init__(self, sc: SoundCloudEmulator, folder: Path) -> None:
        self.sc = sc
        self.folder = folder
        self.dest = folder / "music"
        self.journal: Path | None = None
        """Where records outlive an engine, if they are to."""

    def __call__(self, use: Use[T], *, retries: int = 0, **settings: Any) -> T:
        tree = self.tree(retries=retries, **settings)

        async def run() -> T:
            async with DownloadEngine.open(tree, journal=self.journal) as engine:
                return await asyncio.wait_for(use(engine), 40)

        return asyncio.run(run())

    def tree(self, *, retries: int = 0, **settings: Any) -> dict[str, Any]:
        """Whole settings, with nothing of this machine's."""
        general = {
            "state_dir": str(self.folder / "state"),
            "retries": retries,
            "search_cache_ttl": 0,
            "breaker_failures": 1000,  # some tests fail on purpose more often than it allows
        }
        return {"engine": general, "sources": {"soundcloud": {**self.own(), **settings}}}

    def own(self) -> dict[str, Any]:
        """What stands under ``[sources.soundcloud]``."""
        return {"proxy": self.sc.proxy_url, "verify_tls": False, "requests_per_period": 1000}

    def login(self) -> dict[str, Any]:
        """The setting that logs in."""
        return {"oauth_token": self.sc.oauth_token}

    def search(self, wish: str | Wanted, **settings: Any) -> SearchReport:
        """The report of one search."""
        return self(lambda engine: engine.search(wish, sources=["soundcloud"]), **settings)

    def download(self, target: str | Sound, *, wish: Any = None, **settings: Any) -> Download:
        """The record of one download when it has ended; ``wish`` is the quality that is asked for."""
        target_id = str(target.id) if isinstance(target, Sound) else target

        async def use(engine: DownloadEngine) -> Download:
            job = await engine.dispatch_download(
                ("soundcloud", target_id), dest_dir=self.dest, quality=wish, force=True
            )
            return await engine.wait(job)

        return self(use, **settings)

    def left(self) -> list[Path]:
        """Everything that lies where downloads go to."""
        return [path for path in self.dest.rglob("*") if path.is_file()]


@pytest.fixture
def sc() -> Iterator[SoundCloudEmulator]:
    """SoundCloud, and the proof at the end that nothing asked for what it does not have."""
    with SoundCloudEmulator() as emulator:
        yield emulator
        assert emulator.errors == []
        assert emulator.strays == []


@pytest.fixture
def bench(sc: SoundCloudEmulator, tmp_path: Path) -> Bench:
    """Open engines on ``sc``."""
    return Bench(sc, tmp_path)


@pytest.fixture
def first(sc: SoundCloudEmulator) -> Sound:
    """Pick the emulator's first upload, a label's."""
    return next(iter(sc.sounds.values()))
