"""The real engine with the emulated Archive as ``base_url``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from cratedig import Download, DownloadEngine, SearchReport, Wanted
from cratedig_emulators.archive import ArchiveEmulator

T = TypeVar("T")
Use = Callable[[DownloadEngine], Coroutine[Any, Any, T]]


class Bench:
    """``bench(use)`` opens an engine, gives it to ``use`` and returns its result."""

    def __init__(self, service: ArchiveEmulator, folder: Path) -> None:
        self.service = service
        self.folder = folder

    def __call__(self, use: Use[T], *, retries: int = 0, **settings: Any) -> T:
        own = {"base_url": self.service.base_url, "requests_per_period": 1000, **settings}
        general = {"state_dir": str(self.folder / "state"), "retries": retries}
        everything = {"engine": general, "sources": {"archive": own}}

        async def run() -> T:
            async with DownloadEngine.open(everything) as engine:
                return await asyncio.wait_for(use(engine), 40)

        return asyncio.run(run())

    def search(self, wish: str | Wanted, **settings: Any) -> SearchReport:
        """The report of one search."""
        return self(lambda engine: engine.search(wish, sources=["archive"]), **settings)

    def download(self, target_id: str, **settings: Any) -> Download:
        """The record of one download when it has ended."""

        async def use(engine: DownloadEngine) -> Download:
            dest = self.folder / "music"
            return await engine.wait(await engine.dispatch_download(("archive", target_id), dest_dir=dest))

        return self(use, **settings)


@pytest.fixture(scope="session")
def archive_service() -> Iterator[ArchiveEmulator]:
    with ArchiveEmulator() as service:
        yield service


@pytest.fixture
def bench_at(tmp_path: Path) -> Callable[[ArchiveEmulator], Bench]:
    """A bench at another service."""
    return lambda service: Bench(service, tmp_path)


@pytest.fixture
def bench(archive_service: ArchiveEmulator, tmp_path: Path) -> Iterator[Bench]:
    archive_service.heal()
    archive_service.log.clear()
    yield Bench(archive_service, tmp_path)
    assert archive_service.errors == []
