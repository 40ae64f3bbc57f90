"""The real engine with emulated instances in a list."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from cratedig import Download, DownloadEngine, SearchReport, Wanted
from cratedig_emulators.catalogue import DEFAULT, Track
from cratedig_emulators.hifi import HifiEmulator

T = TypeVar("T")
Use = Callable[[DownloadEngine], Coroutine[Any, Any, T]]

LONG = Track(artist="Mira Oldenburg", title="The Long Way", seconds=60, isrc="QZCD92300001")


class Bench:
    """``bench(use)`` opens an engine, gives it to ``use`` and returns its result."""

    def __init__(self, services: list[HifiEmulator], folder: Path) -> None:
        self.services = services
        self.service = services[0]
        self.folder = folder
        self.addresses = [service.base_url for service in services]
        self.tree: dict[str, Any] = {}

    def __call__(self, use: Use[T], *, retries: int = 0, journal: bool = False, **settings: Any) -> T:
        own = {
            "instances": self.addresses,
            "quality": "LOSSLESS",
            "requests_per_period": 1000,
            "instance_timeout": 5.0,
            **settings,
        }
        general = {"state_dir": str(self.folder / "state"), "retries": retries, "search_cache_ttl": 0}
        self.tree |= {"engine": general, "sources": {"hifi": own}}

        async def run() -> T:
            kept = self.folder / "records.db" if journal else None
            async with DownloadEngine.open(self.tree, journal=kept) as engine:
                return await asyncio.wait_for(use(engine), 50)

        return asyncio.run(run())

    def target(self, title: str = "Copper Rain") -> str:
        """The number of a recording."""
        return str(self.service.find(title).id)

    def search(self, wish: str | Wanted, **settings: Any) -> SearchReport:
        """The report of one search."""
        return self(lambda engine: engine.search(wish, sources=["hifi"]), **settings)

    def download(self, title: str = "Copper Rain", *, wish: Any = None, **settings: Any) -> Download:
        """The record of one download, of a target that no search has led to, when it has ended."""
        return self(lambda engine: self.done(engine, self.target(title), wish=wish), **settings)

    async def done(self, engine: DownloadEngine, target: str, *, wish: Any = None) -> Download:
        """The same on an engine that is open; ``wish`` is a quality preference."""
        more = {"quality": wish} if wish else {}
        return await engine.wait(
            await engine.dispatch_download(("hifi", target), dest_dir=self.folder / "music", **more)
        )


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """Three instances, all well."""
    services = [HifiEmulator(catalogue=DEFAULT.plus(LONG)).start() for _ in range(3)]
    yield Bench(services, tmp_path)
    for service in services:
        service.stop()
    assert [service.errors for service in services] == [[], [], []]
