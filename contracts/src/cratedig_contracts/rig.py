"""An engine with nothing but the source under test, found through its entry point."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine, Mapping
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, TypeVar

from attrs import frozen

from cratedig import (
    Download,
    DownloadEngine,
    DownloadState,
    Kind,
    SearchOutcome,
    SearchResult,
    SearchStatus,
    SourceInfo,
    SourceState,
    Transfer,
    Wanted,
)
from cratedig_contracts.demand import leave
from cratedig_contracts.patience import within
from cratedig_contracts.spy import Spy

T = TypeVar("T")
Target = SearchResult | tuple[str, str]

GROUP = "cratedig.sources"
DEADLINE = 45.0
"""Seconds after which a check gives up, whatever it waits for."""


def entry_points_of(name: str) -> list[EntryPoint]:
    """Every installed entry point of that name; there has to be one."""
    return list(_installed(name, tuple(sys.path)))


@lru_cache(maxsize=8)
def _installed(name: str, _path: tuple[str, ...]) -> tuple[EntryPoint, ...]:
    """Looked for once: every check needs it, and every distribution is read for it."""
    return tuple(entry_points(group=GROUP, name=name))


def look_again() -> None:
    """Forget what was found: something may have been installed meanwhile."""
    _installed.cache_clear()


@frozen
class Session:
    """An open engine. ``spy`` has seen every call of the source's hooks, ``folder`` is for downloads."""

    engine: DownloadEngine
    name: str
    spy: Spy
    folder: Path
    target: str | None
    query: str | Wanted

    async def search(
        self, query: str | Wanted | None = None
    ) -> tuple[tuple[SearchResult, ...], SearchOutcome]:
        """Ask the source, and only it; one that has albums only is asked for albums."""
        report = await self.engine.search(self.wish(query), sources=[self.name])
        return report.results, report.outcomes[self.name]

    def wish(self, query: str | Wanted | None = None) -> str | Wanted:
        """The query as the source can be asked; by default the one that has results."""
        words = query or self.query
        albums_only = self.delivers == frozenset({Kind.ALBUM})
        return Wanted(album=words) if isinstance(words, str) and albums_only else words

    @property
    def delivers(self) -> frozenset[Kind]:
        """What it claims to deliver."""
        return self.spy.info.delivers if isinstance(self.spy.info, SourceInfo) else frozenset()

    @property
    def delegates(self) -> bool:
        """Whether it has another program do the downloading."""
        return isinstance(self.spy.info, SourceInfo) and self.spy.info.transfer is Transfer.EVENTS

    async def in_lane(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What ``work`` returns; it runs where hooks run, and may call them."""
        done = asyncio.wrap_future(self.spy.on_the_lane(work))
        await self.engine.diagnose([self.name])
        return await done

    async def dispatch(
        self, target: str | None = None, *, folder: str = "music", result: Target | None = None
    ) -> str:
        """Queue a download of a target, by default of the one that has to work; its id."""
        wanted = result or await self.chosen(target)
        return await self.engine.dispatch_download(wanted, dest_dir=self.folder / folder, force=True)

    async def download(
        self, target: str | None = None, *, folder: str = "music", result: Target | None = None
    ) -> Download:
        """The record of a download when it has ended."""
        return await self.engine.wait(await self.dispatch(target, folder=folder, result=result))

    async def completed(self, *, folder: str = "music") -> Download:
        """The same; the check is skipped where it does not complete, for there is a check of that."""
        done = await self.download(folder=folder)
        if done.state is not DownloadState.COMPLETED:
            leave(f"the download ends as {done.state} ({done.detail}); see download_completes")
        return done

    async def status(self, download_id: str) -> Download:
        """The record as it is now."""
        found = await self.engine.get_download_status(download_id)
        if found is None:
            raise LookupError(download_id)
        return found

    def files(self, folder: str = "music") -> list[str]:
        """Everything that lies where the downloads go to."""
        root = self.folder / folder
        return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())

    async def chosen(self, target: str | None = None) -> Target:
        """What to download; asked for before a fault, it need not be searched for during it."""
        if target is None and self.target is None:
            results, outcome = await self.search()
            if not results:
                leave(f"there is no target: the query has no result ({outcome.reason}); see search_results")
            return results[0]
        return (self.name, target or self.target or "")


class Rig:
    """Opens engines for one check."""

    def __init__(
        self,
        name: str,
        settings: Mapping[str, Any],
        folder: Path,
        *,
        query: str | Wanted,
        target: str | None,
    ) -> None:
        self.name = name
        self.settings = settings
        self.folder = folder
        self._query = query
        self._target = target

    def factory(self) -> Any:
        """The class behind the entry point.

        The check is skipped where there is none, or where it cannot be loaded: other checks say so.
        """
        points = entry_points_of(self.name)
        if not points:
            leave("the source is not installed; see identity_entry_point")
        try:
            return points[0].load()
        except BaseException as error:  # noqa: BLE001 - SystemExit at import is a broken source, too
            leave(f"the source cannot be imported ({error!r}); see identity_loads")

    def tree(self, settings: Mapping[str, Any] | None = None, **engine: Any) -> dict[str, Any]:
        """Whole settings, with those of the source in them."""
        common = {"state_dir": str(self.folder / "state"), "retries": 0, "search_cache_ttl": 0, **engine}
        own = self.settings if settings is None else settings
        return {"engine": common, "sources": {self.name: dict(own)}}

    def build(
        self, tree: Mapping[str, Any], *, stall_timeout: float | None = None, journal: Path | None = None
    ) -> tuple[DownloadEngine, Spy]:
        """An engine that is not open yet, and its spy.

        :raises Exception: what is wrong with the source or its settings.
        """
        factory = self.factory()
        engine, spy = DownloadEngine(tree, journal=journal), Spy(self.name, stall_timeout)
        engine.register_wrapper(spy)
        engine.register_plugin(factory, name=self.name)
        spy.source = engine.client(self.name)
        return engine, spy

    def run(
        self,
        use: Callable[[Session], Coroutine[Any, Any, T]],
        *,
        tree: Mapping[str, Any] | None = None,
        stall_timeout: float | None = None,
        ready: bool = True,
        journal: Path | None = None,
    ) -> T:
        """What ``use`` returns; its engine is closed by then. With a ``journal``, tokens are kept in files.

        The check is skipped where the source is not ready to be asked, unless that does not matter.
        """
        try:
            engine, spy = self.build(tree or self.tree(), stall_timeout=stall_timeout, journal=journal)
        except Exception as error:  # noqa: BLE001 - identity_loads has the whole story
            leave(f"the source cannot be loaded ({error}); see identity_loads")
        state = engine.sources()[0].state
        if ready and state is not SourceState.READY:
            leave(f"the source is {state}; see settings_ready")
        session = Session(engine, self.name, spy, self.folder / "downloads", self._target, self._query)
        return asyncio.run(_used(engine, session, use))


async def _used(
    engine: DownloadEngine, session: Session, use: Callable[[Session], Coroutine[Any, Any, T]]
) -> T:
    async with engine:
        return await within(DEADLINE, use(session))


def went_well(outcome: SearchOutcome) -> bool:
    """Whether the source has answered, be it with nothing."""
    return outcome.status in {SearchStatus.OK, SearchStatus.EMPTY}
