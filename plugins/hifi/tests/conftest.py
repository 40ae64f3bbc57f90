"""The real engine with emulated instances in a list."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from cratedig import Download, DownloadEngine
from cratedig_contracts import Bench
from cratedig_contracts.bench import Use
from cratedig_emulators.catalogue import DEFAULT, Track
from cratedig_emulators.hifi import HifiEmulator

T = TypeVar("T")

LONG = Track(artist="Mira Oldenburg", title="The Long Way", seconds=60, isrc="QZCD92300001")


class HifiBench(Bench):
    """Somebody with a list of instances. ``present`` are the settings now, which a reload reads again."""

    source = "hifi"

    def __init__(self, services: list[HifiEmulator], folder: Path) -> None:
        super().__init__(folder)
        self.services = services
        self.service = services[0]
        self.addresses = [service.base_url for service in services]
        self.present: dict[str, Any] = {}

    def own(self) -> dict[str, Any]:
        """What stands under ``[sources.hifi]``."""
        return {"instances": self.addresses, "quality": "LOSSLESS", "instance_timeout": 20.0}

    def tree(self, *, retries: int = 0, **settings: Any) -> dict[str, Any]:
        """Whole settings."""
        self.present = super().tree(retries=retries, **settings)
        return self.present

    def __call__(self, use: Use[T], *, journal: bool = False, retries: int = 0, **settings: Any) -> T:
        """The same, with a journal for this engine."""
        self.journal = self.folder / "records.db" if journal else None
        return super().__call__(use, retries=retries, **settings)

    def target(self, title: str = "Copper Rain") -> str:
        """The number of a recording."""
        return str(self.service.find(title).id)

    def download(self, title: str = "Copper Rain", *, wish: Any = None, **settings: Any) -> Download:
        """The record of one download, of a target that no search has led to, when it has ended."""
        return self.fetch(self.target(title), wish=wish, **settings)

    async def done(self, engine: DownloadEngine, target: Any, *, wish: Any = None) -> Download:
        """The same on an engine that is open."""
        wanted = (self.source, target) if isinstance(target, str) else target
        return await super().done(engine, wanted, wish=wish)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[HifiBench]:
    """Three instances, all well."""
    services = [HifiEmulator(catalogue=DEFAULT.plus(LONG)).start() for _ in range(3)]
    yield HifiBench(services, tmp_path)
    for service in services:
        service.stop()
    assert [service.errors for service in services] == [[], [], []]
