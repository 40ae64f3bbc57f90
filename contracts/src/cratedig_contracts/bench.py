"""A source at work in a real engine, for the tests that its author writes besides the contract."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator, Mapping, Sequence, Sized
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

from attrs import evolve

from cratedig import (
    Download,
    DownloadEngine,
    DownloadState,
    QualityPreference,
    SearchReport,
    SearchResult,
    SourceInfo,
    Wanted,
    hookimpl,
)
from cratedig_contracts.demand import demand
from cratedig_contracts.patience import BEAT, until, within

T = TypeVar("T")
Use = Callable[[DownloadEngine], Coroutine[Any, Any, T]]

DEADLINE = 45.0
"""Seconds after which a test gives up, whatever it waits for."""

SOON = 20.0
"""Seconds within which something that a test waits for has to come about."""

AT_ONCE = 10.0
"""Seconds within which a cancelled download has ended, and its requests with it."""

QUIET = 0.3
"""Seconds for which nothing comes after them."""


class Requests(Protocol):
    """What a service knows of the requests to it."""

    @property
    def active(self) -> int:
        """How many of them have no end yet."""


class Service(Protocol):
    """An emulated service, such as those that are built on ``cratedig_emulators.server``."""

    @property
    def requests(self) -> Sized:
        """All that were ever made."""

    @property
    def log(self) -> Requests:
        """The same, with what can be said of all of them."""


class _StallTimeout:
    """A hook wrapper that gives a source so many seconds without news."""

    def __init__(self, source: str, seconds: float) -> None:
        self._source = source
        self._seconds = seconds

    @hookimpl(wrapper=True)
    def source_info(self) -> Generator[None, SourceInfo, SourceInfo]:
        """What each source says of itself; that one, with another time-out."""
        info = yield
        return evolve(info, stall_timeout=self._seconds) if info.name == self._source else info


class Bench:
    """``bench(use)`` opens an engine with every installed source, gives it to ``use`` and returns its result.

    An author inherits from it and says which ``source`` it is, and in :meth:`own` what stands under its name
    in the settings. ``music`` is where downloads go to, ``journal`` where records and tokens outlive an
    engine, if they are to. Nothing is tried again, and no breaker opens, unless a test wants it.

    Whatever opens an engine takes, besides settings of the source, ``retries``, settings of the ``engine``
    itself, and a ``stall_timeout``, in seconds, that goes before the source's own.
    """

    source: ClassVar[str] = ""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.music = folder / "music"
        self.journal: Path | None = None

    def own(self) -> Mapping[str, Any]:
        """What stands under ``[sources.<name>]`` when a test says nothing else."""
        return {}

    def tree(
        self, *, retries: int = 0, engine: Mapping[str, Any] | None = None, **settings: Any
    ) -> dict[str, Any]:
        """Whole settings; of the source's, what is ``None`` is left out."""
        own = {"requests_per_period": 1000, **self.own(), **settings}
        general = {
            "state_dir": str(self.folder / "state"),
            "retries": retries,
            "search_cache_ttl": 0,
            "breaker_failures": 1000,
            **(engine or {}),
        }
        kept = {key: value for key, value in own.items() if value is not None}
        return {"engine": general, "sources": {self.source: kept}}

    def __call__(self, use: Use[T], *, stall_timeout: float | None = None, **settings: Any) -> T:
        """What ``use`` returns; its engine is closed by then."""
        tree = self.tree(**settings)

        async def run() -> T:
            engine = DownloadEngine.open(tree, journal=self.journal)
            if stall_timeout is not None:
                engine.register_wrapper(_StallTimeout(self.source, stall_timeout))
            async with engine:
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

    async def seen(
        self, engine: DownloadEngine, download_id: str, fits: str | Callable[[Download], object]
    ) -> Download:
        """The record as soon as it fits: its detail has these words, or the test says so.

        :raises AssertionError: it ends before, or does not fit soon.
        """
        for _ in range(round(SOON / BEAT)):
            record = await engine.get_download_status(download_id)
            if record and (fits in record.detail if isinstance(fits, str) else fits(record)):
                return record
            if record is None or record.state.terminal:
                break
            await asyncio.sleep(BEAT)
        raise AssertionError(f"it stays {record!r}")

    @staticmethod
    async def until(truth: Callable[[], object], seconds: float = SOON) -> None:
        """Wait for something to become true.

        :raises AssertionError: it does not, for so long.
        """
        demand(await until(truth, seconds), f"it does not become true within {seconds:g} s")

    async def cancel(
        self, engine: DownloadEngine, download_id: str, service: Service, *, alone: bool = True
    ) -> Download:
        """The record of a download that is cancelled now, once it is certain that nothing of it goes on.

        It ends at once and leaves nothing where downloads go to, and ``service`` is asked nothing more. No
        request stays open, either, where the download is ``alone``.

        :raises AssertionError: one of that is not so.
        """
        asked = len(service.requests)
        demand(await engine.cancel_download(download_id), "it has ended before it could be cancelled")
        record = await within(AT_ONCE, engine.wait(download_id))
        demand(record.state is DownloadState.CANCELLED, f"it ends as {record!r}")
        if alone:
            await self.until(lambda: not service.log.active, AT_ONCE)
        await asyncio.sleep(QUIET)
        demand(len(service.requests) == asked, "the service is asked for more afterwards")
        demand(not self.left(), f"files are left: {self.left()}")
        return record

    async def told(self, engine: DownloadEngine, wish: str | Wanted, targets: Sequence[str]) -> str:
        """All that can be read of a search, of downloads and of the source's insides, for ``leaks``.

        The ``targets`` are downloaded one after the other, and the last of them is cancelled.
        """
        report = await engine.search(wish, sources=[self.source])
        records = [await self.done(engine, (self.source, target)) for target in targets[:-1]]
        last = (self.source, targets[-1])
        await engine.cancel_download(await engine.dispatch_download(last, dest_dir=self.music, force=True))
        checks = (await engine.diagnose([self.source]), await engine.examine([self.source]))
        client = engine.client(self.source)
        inside = (client, getattr(client, "__dict__", None))
        shown = (report, records, checks, engine.sources(), inside, await engine.get_all_downloads())
        return f"{shown!r} {[str(record) for record in records]}"

    def left(self) -> list[Path]:
        """Everything that lies where downloads go to."""
        return sorted(path for path in self.music.rglob("*") if path.is_file())
