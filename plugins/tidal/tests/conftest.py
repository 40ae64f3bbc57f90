"""The real engine and the real tidalapi, with the emulated Tidal as their service."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from cratedig import Download, DownloadEngine, QualityPreference, SearchReport, SearchResult, Wanted
from cratedig_emulators.tidal import TidalEmulator

T = TypeVar("T")
Use = Callable[[DownloadEngine], Coroutine[Any, Any, T]]


class Bench:
    """``bench(use)`` opens an engine that is logged in, gives it to ``use`` and returns its result."""

    def __init__(self, service: TidalEmulator, folder: Path) -> None:
        self.service = service
        self.folder = folder
        self.music = folder / "music"
        self.refresh_token = service.login().refresh

    def tree(self, retries: int = 0, **settings: Any) -> dict[str, Any]:
        """Whole settings."""
        own = {"refresh_token": self.refresh_token, "requests_per_period": 1000, **self.service.addresses()}
        general = {"state_dir": str(self.folder / "state"), "retries": retries, "search_cache_ttl": 0}
        return {"engine": general, "sources": {"tidal": {**own, **settings}}}

    def __call__(self, use: Use[T], *, journal: Any = None, retries: int = 0, **settings: Any) -> T:
        async def run() -> T:
            async with DownloadEngine.open(self.tree(retries, **settings), journal=journal) as engine:
                return await asyncio.wait_for(use(engine), 40)

        return asyncio.run(run())

    def search(self, wish: str | Wanted, **settings: Any) -> SearchReport:
        """The report of one search."""
        return self(lambda engine: engine.search(wish, sources=["tidal"]), **settings)

    def download(
        self, target: str | SearchResult, *, wish: QualityPreference | None = None, **settings: Any
    ) -> Download:
        """The record of one download when it has ended."""
        wanted = ("tidal", target) if isinstance(target, str) else target

        async def use(engine: DownloadEngine) -> Download:
            one = await engine.dispatch_download(wanted, dest_dir=self.music, quality=wish, force=True)
            return await engine.wait(one)

        return self(use, **settings)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """From Python 3.12 on, tidalapi's way to tell the time is deprecated; that is not for these tests."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning"))


@pytest.fixture(scope="session")
def tidal_service() -> Iterator[TidalEmulator]:
    with TidalEmulator() as service:
        yield service


@pytest.fixture
def service(tidal_service: TidalEmulator) -> Iterator[TidalEmulator]:
    """The emulator as it is at first."""
    tidal_service.reset()
    tidal_service.log.clear()
    yield tidal_service
    assert tidal_service.errors == []


@pytest.fixture
def bench(service: TidalEmulator, tmp_path: Path) -> Bench:
    return Bench(service, tmp_path)


@pytest.fixture
def bench_at(tmp_path: Path) -> Callable[[TidalEmulator], Bench]:
    """A bench at another service."""
    return lambda service: Bench(service, tmp_path)
