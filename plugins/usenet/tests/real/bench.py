"""The real engine between an indexer and a real NZBGet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, TypeVar

from plugins.usenet.tests.real.command import Command
from plugins.usenet.tests.real.newsserver import NewsServer
from plugins.usenet.tests.real.nzbget import NZBGet
from plugins.usenet.tests.real.posting import posted
from plugins.usenet.tests.real.processes import PATIENCE, until

from cratedig import Download, DownloadEngine, SearchResult, Wanted
from cratedig_emulators.usenet.newznab import NewznabEmulator

T = TypeVar("T")
Use = Callable[[DownloadEngine], Coroutine[Any, Any, T]]

WANTED = Wanted(artist="Mira Oldenburg", album="Glasshouse Songs")
RELEASE = "Mira.Oldenburg-Glasshouse.Songs-2019-WEB-FLAC-CRATE"


class Bench:
    """What a test of the source needs: ``nzbget`` and ``news`` to look at, :meth:`run` to use an engine."""

    def __init__(self, folder: Path, indexer: NewznabEmulator, news: NewsServer, nzbget: NZBGet) -> None:
        self.indexer = indexer
        self.news = news
        self.nzbget = nzbget
        self.folder = folder
        self.dest = folder / "music"
        self.journal = folder / "journal.sqlite"

    def tree(self, **settings: Any) -> dict[str, Any]:
        """Whole settings, with ``settings`` over the source's own."""
        folders = {"state_dir": str(self.folder / "state"), "download_dir": str(self.dest)}
        general = {**folders, "retries": 1, "search_cache_ttl": 0}
        own = {
            "indexers": [
                {"kind": "newznab", "base_url": self.indexer.base_url, "api_key": self.indexer.api_key}
            ],
            "client": "nzbget",
            "client_base_url": self.nzbget.base_url,
            "client_username": self.nzbget.username,
            "client_password": self.nzbget.password,
            "category": "audio",
            "requests_per_period": 1000,
            "poll_interval": 0.3,
        }
        return {"engine": general, "sources": {"usenet": {**own, **settings}}}

    def run(self, use: Use[T], **settings: Any) -> T:
        """Open an engine with the records of the last one, give it to ``use``, close it again."""

        async def opened() -> T:
            async with DownloadEngine.open(self.tree(**settings), journal=self.journal) as engine:
                return await asyncio.wait_for(use(engine), 45)

        return asyncio.run(opened())

    def command(self, **settings: Any) -> Command:
        """The real command with the same settings."""
        return Command(self.folder, self.tree(**settings))

    def offer(self, files: Mapping[str, bytes], name: str = RELEASE) -> list[str]:
        """Post a release to the news server and list it at the indexer; its message ids."""
        release, articles = posted(name, files)
        self.news.add(articles)
        self.indexer.offer(release)
        return list(articles)

    async def found(self, engine: DownloadEngine) -> SearchResult:
        """The release, as a search finds it."""
        report = await engine.search(WANTED, sources=["usenet"])
        assert report.results, report.outcomes
        return report.results[0]

    async def begin(self, engine: DownloadEngine, **options: Any) -> str:
        """Search and dispatch; the id."""
        found = await self.found(engine)
        return await engine.dispatch_download(found, dest_dir=self.dest, **options)

    async def held(self, engine: DownloadEngine, **options: Any) -> str:
        """The same with some articles there and the others held back; the id, once the record says so."""
        self.news.hold(after=10)
        download_id = await self.begin(engine, **options)
        await asyncio.to_thread(until, self.halfway)
        await self.says(engine, download_id, "downloading")
        return download_id

    async def says(self, engine: DownloadEngine, download_id: str, detail: str) -> None:
        """Wait until the record says that it waits for this."""
        async with asyncio.timeout(PATIENCE):
            while (seen := await engine.get_download_status(download_id)) and seen.detail != detail:
                await asyncio.sleep(0.05)

    def halfway(self) -> bool:
        """Whether the articles that may go out are with NZBGet."""
        return any(group["SuccessArticles"] for group in self.nzbget.queue()) and len(self.news.served) >= 10

    async def got(self, engine: DownloadEngine, **options: Any) -> Download:
        """Search, dispatch and wait; the record in the end, with NZBGet cleared of it."""
        return await self.ended(engine, await self.begin(engine, **options))

    async def ended(self, engine: DownloadEngine, download_id: str) -> Download:
        """The record in the end, with nothing of it left at NZBGet."""
        record = await engine.wait(download_id)
        await self.cleared(engine)
        return record

    async def cleared(self, _engine: DownloadEngine) -> None:
        """Wait until NZBGet has no job, no file and no history."""
        await asyncio.to_thread(until, lambda: not self.visible() and not self.nzbget.files())

    def published(self) -> dict[str, bytes]:
        """Every file below the destination, by name."""
        return {path.name: path.read_bytes() for path in self.dest.rglob("*") if path.is_file()}

    def jobs(self) -> int:
        """How many jobs NZBGet was ever given; its log outlives history and restarts."""
        log = (self.nzbget.folder / "log.txt").read_text(encoding="utf-8", errors="replace")
        return sum(line.endswith("added to queue") for line in log.splitlines())

    def visible(self) -> list[Any]:
        """What a person sees in NZBGet: jobs under way and history."""
        return [*self.nzbget.queue(), *self.nzbget.call("history", False)]
