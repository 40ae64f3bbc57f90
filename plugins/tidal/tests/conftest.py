"""The real engine and the real tidalapi, with the emulated Tidal as their service."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from cratedig import Download, QualityPreference, SearchResult
from cratedig_contracts import Bench
from cratedig_contracts.bench import Use
from cratedig_emulators.tidal import TidalEmulator

T = TypeVar("T")


class TidalBench(Bench):
    """Somebody who is logged in at the emulated Tidal."""

    source = "tidal"

    def __init__(self, service: TidalEmulator, folder: Path) -> None:
        super().__init__(folder)
        self.service = service
        self.refresh_token = service.login().refresh

    def own(self) -> dict[str, Any]:
        """What stands under ``[sources.tidal]``."""
        return {"refresh_token": self.refresh_token, **self.service.addresses()}

    def __call__(self, use: Use[T], *, journal: Path | None = None, retries: int = 0, **settings: Any) -> T:
        """The same, with a journal for this engine."""
        self.journal = journal
        return super().__call__(use, retries=retries, **settings)

    def download(
        self, target: str | SearchResult, *, wish: QualityPreference | None = None, **settings: Any
    ) -> Download:
        """The record of one download when it has ended."""
        return self.fetch(target, wish=wish, **settings)


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
def bench(service: TidalEmulator, tmp_path: Path) -> TidalBench:
    return TidalBench(service, tmp_path)


@pytest.fixture
def bench_at(tmp_path: Path) -> Callable[[TidalEmulator], TidalBench]:
    """A bench at another service."""
    return lambda service: TidalBench(service, tmp_path)
