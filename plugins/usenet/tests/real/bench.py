"""The real engine between an indexer and a real NZBGet."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from plugins.usenet.tests.real.command import Killer
from plugins.usenet.tests.real.newsserver import NewsServer
from plugins.usenet.tests.real.nzbget import NZBGet
from plugins.usenet.tests.real.posting import posted
from plugins.usenet.tests.real.processes import until

import cratedig_contracts
from cratedig import Download, DownloadEngine, SearchResult, Wanted
from cratedig_emulators.usenet.newznab import NewznabEmulator

WANTED = Wanted(artist="Mira Oldenburg", album="Glasshouse Songs")
RELEASE = "Mira.Oldenburg-Glasshouse.Songs-2019-WEB-FLAC-CRATE"


class Bench(cratedig_contracts.Bench):
    """``nzbget`` and ``news`` are there to be looked at; records outlive an engine."""

    source = "usenet"

    def __init__(self, folder: Path, indexer: NewznabEmulator, news: NewsServer, nzbget: NZBGet) -> None:
        super().__init__(folder)
        self.journal = folder / "journal.sqlite"
        self.indexer = indexer
        self.news = news
        self.nzbget = nzbget

    def own(self) -> Mapping[str, Any]:
        """One indexer and NZBGet; both are on this machine."""
        indexer = {"kind": "newznab", "base_url": self.indexer.base_url, "api_key": self.indexer.api_key}
        return {
            "indexers": [indexer],
            "client": "nzbget",
            "client_base_url": self.nzbget.base_url,
            "client_username": self.nzbget.username,
            "client_password": self.nzbget.password,
            "category": "audio",
            "poll_interval": 0.3,
        }

    def person(self, **settings: Any) -> Killer:
        """Somebody at a terminal, with the same settings."""
        person = Killer(self.folder)
        person.write({self.source: {**self.own(), **settings}})
        return person

    def offer(self, files: Mapping[str, bytes], name: str = RELEASE) -> list[str]:
        """Post a release to the news server and list it at the indexer; its message ids."""
        release, articles = posted(name, files)
        self.news.add(articles)
        self.indexer.offer(release)
        return list(articles)

    async def found(self, engine: DownloadEngine) -> SearchResult:
        """The release, as a search finds it."""
        report = await engine.search(WANTED, sources=[self.source])
        assert report.results, report.outcomes
        return report.results[0]

    async def begin(self, engine: DownloadEngine, **options: Any) -> str:
        """Search and dispatch; the id."""
        found = await self.found(engine)
        return await engine.dispatch_download(found, dest_dir=self.music, **options)

    async def held(self, engine: DownloadEngine, **options: Any) -> str:
        """The same with some articles there and the others held back; the id, once the record says so."""
        self.news.hold(after=10)
        download_id = await self.begin(engine, **options)
        await asyncio.to_thread(until, self.halfway)
        await self.says(engine, download_id, "downloading")
        return download_id

    async def says(self, engine: DownloadEngine, download_id: str, detail: str) -> None:
        """Wait until the record says that it waits for this."""
        await self.seen(engine, download_id, lambda record: record.detail == detail)

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
        return {path.name: path.read_bytes() for path in self.left()}

    def jobs(self) -> int:
        """How many jobs NZBGet was ever given; its log outlives history and restarts."""
        log = (self.nzbget.folder / "log.txt").read_text(encoding="utf-8", errors="replace")
        return sum(line.endswith("added to queue") for line in log.splitlines())

    def visible(self) -> list[Any]:
        """What a person sees in NZBGet: jobs under way and history."""
        return [*self.nzbget.queue(), *self.nzbget.call("history", False)]
