"""The real engine with the emulated Deezer behind all three addresses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from cratedig import Download, DownloadEngine, SearchReport, Wanted
from cratedig_emulators.deezer import DeezerEmulator

T = TypeVar("T")
Use = Callable[[DownloadEngine], Coroutine[Any, Any, T]]

GATEWAY, MEDIA = "/ajax/gw-light.php", "/v1/get_url"
FILES = "/m*/*"
"""The bytes, at both hosts that have them."""


class Bench:
    """``bench(use)`` opens an engine, gives it to ``use`` and returns its result."""

    def __init__(self, service: DeezerEmulator, folder: Path) -> None:
        self.service = service
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
        """Whole settings; what is ``None`` is left out."""
        own = {key: value for key, value in {**self.own(), **settings}.items() if value is not None}
        general = {
            "state_dir": str(self.folder / "state"),
            "retries": retries,
            "search_cache_ttl": 0,
            "breaker_failures": 1000,  # some tests fail on purpose more often than it allows
        }
        return {"engine": general, "sources": {"deezer": own}}

    def own(self) -> dict[str, Any]:
        """What stands under ``[sources.deezer]``."""
        base = self.service.base_url
        return {
            "gw_base": base,
            "api_base": base,
            "media_base": base,
            "arl": self.service.account.arl,
            "stripe_secret": self.service.stripe_secret,
            "requests_per_period": 1000,
        }

    def search(self, wish: str | Wanted, **settings: Any) -> SearchReport:
        """The report of one search."""
        return self(lambda engine: engine.search(wish, sources=["deezer"]), **settings)

    def download(self, title: str, *, wish: Any = None, searched: bool = False, **settings: Any) -> Download:
        """The record of one download when it has ended.

        ``searched`` says that a search came before it, ``wish`` is the quality that the person asks for.
        """

        async def use(engine: DownloadEngine) -> Download:
            target: Any = ("deezer", self.number(title) if title[:1].isalpha() else title)
            if searched:
                found = await engine.search(title, sources=["deezer"])
                target = next(one for one in found if one.target_id == target[1])
            return await engine.wait(
                await engine.dispatch_download(target, dest_dir=self.dest, quality=wish, force=True)
            )

        return self(use, **settings)

    def number(self, title: str) -> str:
        """The target that a title of the emulator's is."""
        return str(self.service.song(title).number)

    def calls(self, method: str) -> list[Any]:
        """The requests for one method of the gateway."""
        return [seen for seen in self.service.log.all(GATEWAY) if f"method={method}" in seen.query]

    def left(self) -> list[Path]:
        """Everything that lies where downloads go to."""
        return [path for path in self.dest.rglob("*") if path.is_file()]


@pytest.fixture
def deezer() -> Iterator[DeezerEmulator]:
    with DeezerEmulator() as service:
        yield service
    assert service.errors == []


@pytest.fixture
def bench(deezer: DeezerEmulator, tmp_path: Path) -> Bench:
    return Bench(deezer, tmp_path)
