"""The real engine with the emulated Qobuz as ``api_base``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from cratedig import Download, DownloadEngine, SearchReport, Wanted
from cratedig_emulators.qobuz import QobuzEmulator

T = TypeVar("T")
Use = Callable[[DownloadEngine], Coroutine[Any, Any, T]]


class Bench:
    """``bench(use)`` opens an engine, gives it to ``use`` and returns its result."""

    def __init__(self, service: QobuzEmulator, folder: Path) -> None:
        self.service = service
        self.folder = folder
        self.dest = folder / "music"
        self.journal: Path | None = None
        """Where records and tokens outlive an engine, if they are to."""

    def __call__(self, use: Use[T], *, retries: int = 0, **settings: Any) -> T:
        tree = self.tree(retries=retries, **settings)

        async def run() -> T:
            async with DownloadEngine.open(tree, journal=self.journal) as engine:
                return await asyncio.wait_for(use(engine), 40)

        return asyncio.run(run())

    def tree(self, *, retries: int = 0, **settings: Any) -> dict[str, Any]:
        """Whole settings; ``user_auth_token=None`` stands for e-mail and password."""
        own = {**self.own(), **settings}
        if own["user_auth_token"] is None:
            own |= {"email": self.service.email, "password": self.service.password}
        own = {key: value for key, value in own.items() if value is not None}
        general = {
            "state_dir": str(self.folder / "state"),
            "retries": retries,
            "search_cache_ttl": 0,
            "breaker_failures": 1000,  # some tests fail on purpose more often than it allows
        }
        return {"engine": general, "sources": {"qobuz": own}}

    def own(self) -> dict[str, Any]:
        """What stands under ``[sources.qobuz]``."""
        return {
            "api_base": self.service.api_base,
            "app_id": self.service.app_id,
            "app_secret": self.service.app_secret,
            "user_auth_token": self.service.token,
            "requests_per_period": 1000,
        }

    def id_of(self, title: str) -> str:
        """The target that a title of the emulator's is."""
        return str(self.service.song(title).id)

    def search(self, wish: str | Wanted, **settings: Any) -> SearchReport:
        """The report of one search."""
        return self(lambda engine: engine.search(wish, sources=["qobuz"]), **settings)

    def download(
        self,
        title: str,
        *,
        quality: Any = None,
        searched: bool = False,
        setting: int | None = None,
        **settings: Any,
    ) -> Download:
        """The record of one download when it has ended.

        ``searched`` says that a search came before it, ``quality`` is the person's wish and ``setting`` the
        source's setting of that name.
        """

        async def use(engine: DownloadEngine) -> Download:
            target: Any = ("qobuz", self.id_of(title) if title[:1].isalpha() else title)
            if searched:
                found = await engine.search(title, sources=["qobuz"])
                target = next(one for one in found if one.target_id == target[1])
            download_id = await engine.dispatch_download(target, dest_dir=self.dest, quality=quality)
            return await engine.wait(download_id)

        return self(use, **settings, **({"quality": setting} if setting else {}))

    def asked(self, path: str) -> list[Any]:
        """The requests for one address of the API."""
        return self.service.log.all(f"/api.json/0.2/{path}")

    def left(self) -> list[Path]:
        """Everything that lies where downloads go to."""
        return [path for path in self.dest.rglob("*") if path.is_file()]


@pytest.fixture(scope="session")
def qobuz_service() -> Iterator[QobuzEmulator]:
    with QobuzEmulator() as service:
        yield service


@pytest.fixture
def bench(qobuz_service: QobuzEmulator, tmp_path: Path) -> Iterator[Bench]:
    qobuz_service.renew()
    qobuz_service.log.clear()
    yield Bench(qobuz_service, tmp_path)
    assert qobuz_service.errors == []
