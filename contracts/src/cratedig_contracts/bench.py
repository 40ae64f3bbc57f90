"""A source at work in a real engine, for the tests that its author writes besides the contract."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from cratedig import Download, DownloadEngine, QualityPreference, SearchReport, SearchResult, Wanted
from cratedig_contracts.patience import within

T = TypeVar("T")
Use = Callable[[DownloadEngine], Coroutine[Any, Any, T]]

DEADLINE = 45.0
"""Seconds after which a test gives up, whatever it waits for."""


class Bench:
    """``bench(use)`` opens an engine with every installed source, gives it to ``use`` and returns its result.

    An author inherits from it and says which ``source`` it is, and in :meth:`own` what stands under its name
    in the settings. ``music`` is where downloads go to, ``journal`` where records and tokens outlive an
    engine, if they are to. Nothing is tried again, and no breaker opens, unless a test wants it.
    """

    source: ClassVar[str] = ""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.music = folder / "music"
        self.journal: Path | None = None

    def own(self) -> Mapping[str, Any]:
        """What stands under ``[sources.<name>]`` when a test says nothing else."""
        return {}

    def tree(self, *, retries: int = 0, **settings: Any) -> dict[str, Any]:
        """Whole settings; what is ``None`` is left out."""
        own = {"requests_per_period": 1000, **self.own(), **settings}
        general = {
            "state_dir": str(self.folder / "state"),
            "retries": retries,
            "search_cache_ttl": 0,
            "breaker_failures": 1000,
        }
        kept = {key: value for key, value in own.items() if value is not None}
        return {"engine": general, "sources": {self.source: kept}}

    def __call__(self, use: Use[T], *, retries: int = 0, **settings: Any) -> T:
        """What ``use`` returns; its engine is closed by then."""
        tree = self.tree(retries=retries, **settings)

        async def run() -> T:
            async with DownloadEngine.open(tree, journal=self.journal) as engine:
                return await within(DEADLINE, use(engine))

        return asyncio.run(run())

    def search(self, wish: str | Wanted, **settings: Any) -> SearchReport:
        """The report of one search."""
        return self(lambda engine: engine.search(wish, sources=[self.source]), **settings)

    def fetch(
        self,
        target: str | SearchResult,
        *,
        wish: QualityPreference | None = None,
        searched: str = "",
        **settings: Any,
    ) -> Download:
        """The record of one download of a target's id or of a result, when it has ended.

        ``wish`` is the quality that the person asks for. With ``searched``, words that find the target, the
        download is that of the search's result.
        """

        async def use(engine: DownloadEngine) -> Download:
            wanted: Any = (self.source, target) if isinstance(target, str) else target
            if searched:
                found = await engine.search(searched, sources=[self.source])
                wanted = next(one for one in found if one.target_id == target)
            return await self.done(engine, wanted, wish=wish)

        return self(use, **settings)

    async def done(
        self,
        engine: DownloadEngine,
        target: SearchResult | tuple[str, str],
        *,
        wish: QualityPreference | None = None,
    ) -> Download:
        """The same on an engine that is open."""
        return await engine.wait(
            await engine.dispatch_download(target, dest_dir=self.music, quality=wish, force=True)
        )

    def left(self) -> list[Path]:
        """Everything that lies where downloads go to."""
        return [path for path in self.music.rglob("*") if path.is_file()]
