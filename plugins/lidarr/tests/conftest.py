"""The real engine with the emulated Lidarr behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from cratedig import Download, DownloadEngine, Wanted
from cratedig_contracts import Bench
from cratedig_emulators.catalogue import DEFAULT, Album, Catalogue
from cratedig_emulators.lidarr import LidarrEmulator

API = "/api/v1"
ALBUM = "Field Recordings of Nowhere"
"""The smallest album of the catalogue: three tracks by Kettle & Moss."""


class LidarrBench(Bench):
    """An engine with the emulated Lidarr behind it."""

    source = "lidarr"

    def __init__(self, service: LidarrEmulator, folder: Path) -> None:
        super().__init__(folder)
        self.service = service

    def own(self) -> dict[str, Any]:
        """Address, key, where its files are here, and short waits."""
        return {
            "base_url": self.service.address,
            "api_key": self.service.api_key,
            "path_map": {"/music": str(self.service.folder)},
            "poll_interval": 0.1,
            "patience": 20.0,
        }

    async def dispatch(self, engine: DownloadEngine, title: str = ALBUM, **how: Any) -> str:
        """Queue the album of that title as a person finds it; its id."""
        found = await engine.search(Wanted(album=title), sources=["lidarr"])
        target = next(one for one in found if one.title == title)
        return await engine.dispatch_download(target, dest_dir=self.music, force=True, **how)

    def download(self, title: str = ALBUM, *, settings: dict[str, Any] | None = None, **how: Any) -> Download:
        """The record of one download when it has ended."""

        async def use(engine: DownloadEngine) -> Download:
            return await engine.wait(await self.dispatch(engine, title, **how))

        return self(use, **(settings or {}))

    def asked(self, path: str, method: str = "GET") -> list[Any]:
        """The requests to one address."""
        return [
            seen
            for seen in self.service.log.all(f"{self.service.url_base}{API}{path}")
            if seen.method == method
        ]


MORE = Catalogue(
    (
        *DEFAULT.albums,
        Album.of("Kettle & Moss", "Second Kettle", 2018, ("Whistle", "Steam"), registrant="CD4"),
    )
)
"""The catalogue with another album by an artist who has one already."""


@contextmanager
def _bench(folder: Path, **options: Any) -> Iterator[LidarrBench]:
    (folder / "lidarr").mkdir()
    with LidarrEmulator(folder=folder / "lidarr", catalogue=MORE, pace=0.05, **options) as service:
        yield LidarrBench(service, folder)
    assert service.errors == []


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[LidarrBench]:
    with _bench(tmp_path) as made:
        yield made


@pytest.fixture
def bench_of(tmp_path: Path) -> Callable[..., Any]:
    """Make a bench whose Lidarr is built with options."""
    return partial(_bench, tmp_path)


@pytest.fixture
def second_album() -> str:
    """The title of another album by the same artist."""
    return MORE.albums[-1].title
