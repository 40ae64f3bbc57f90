"""The hooks.

Two programs of the person's own are asked: an indexer, which knows where releases are, and a download client,
which brings them. What the client keeps is all the memory there is: a job has a mark in its name that says
which target and which record it is for, so that it is found again whoever has started it.

It is longer than a source should be because it is four: two kinds of indexer, each with its own answers and
errors (``newznab``, ``prowlarr``), and two clients, each with its own ways to end (``sabnzbd``, ``nzbget``).
What both of a pair have is in ``releases`` and ``nzb``, in ``clients``, ``jobs`` and ``folders``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterable
from pathlib import Path
from typing import Any

from attrs import evolve

from cratedig import (
    Check,
    DownloadState,
    Kind,
    NotConfigured,
    NotFound,
    Pending,
    Rate,
    RateLimits,
    RawSearchResult,
    SourceContext,
    SourceError,
    SourceInfo,
    Transfer,
    TransferUpdate,
    Wanted,
    hookimpl,
)
from cratedig.reading import text
from cratedig_usenet.folders import Folders
from cratedig_usenet.jobs import Job, job_name, latest, mark, target_mark
from cratedig_usenet.newznab import Newznab
from cratedig_usenet.nzbget import NzbGet
from cratedig_usenet.prowlarr import Prowlarr
from cratedig_usenet.releases import Release, read_target
from cratedig_usenet.sabnzbd import SabNzbd
from cratedig_usenet.settings import UsenetSettings
from cratedig_usenet.titles import published_name

_KEPT = 1000
"""Releases of late whose NZBs need no search; their links are kept nowhere else, for the keys in them."""
_KINDS: dict[str, type[Newznab | Prowlarr]] = {"newznab": Newznab, "prowlarr": Prowlarr}
_PAUSE = 0.3
_MISSES = 4
"""Rounds in which the client may not know a job before it counts as lost."""


class Source:
    """Usenet, by way of the person's own indexers and client."""

    def __init__(self, context: SourceContext) -> None:
        self._context = context
        self._indexers: list[Newznab | Prowlarr] = []
        self._found: dict[str, Release] = {}

    @hookimpl
    def source_info(self) -> SourceInfo:
        """Ask at most three times a second; a job may stand still for half an hour while it is repaired."""
        return SourceInfo(
            name="usenet",
            display_name="Usenet",
            contract_version="1.0",
            delivers={Kind.ALBUM},
            transfer=Transfer.EVENTS,
            limits=RateLimits(requests=Rate(30, 10), concurrent_searches=1, concurrent_downloads=2),
            settings_class=UsenetSettings,
            search_timeout=60,
            stall_timeout=1800,
        )

    @hookimpl
    def is_configured(self) -> bool:
        """Look for an indexer and a client with its login."""
        if missing := self._settings.missing():
            raise NotConfigured(
                f"missing: {', '.join(missing)}",
                hint="set them under [sources.usenet] in the file of `cratedig config path`",
            )
        return True

    @hookimpl
    async def check_connection(self) -> bool:
        """Ask the client for its queue; `diagnose_raw` looks at the indexers, each look there is counted."""
        await self._client.queue()
        return True

    @hookimpl
    def reload_settings(self) -> None:
        """Forget indexers and the addresses that they have given."""
        self._indexers, self._found = [], {}

    @hookimpl
    async def search_raw(self, query: str, wanted: Wanted) -> list[RawSearchResult]:
        """Ask all the indexers at once; what one of them cannot do is told where no other has an answer."""
        found = await self._ask_all(query, wanted)
        self._found = dict([*self._found.items(), *found.items()][-_KEPT:])
        return [release.result(target_id, wanted) for target_id, release in found.items()]

    @hookimpl
    async def download_raw(self, target_id: str, dest_dir: Path, progress: Any) -> Pending:
        """Fetch the NZB and hand it to the client, unless the client has this very job."""
        del dest_dir, progress
        number, guid = read_target(target_id, len(self._settings.indexers))
        own = mark(target_id, self._context.download_id)
        for job in await self._sought(own):
            if job.error is None:
                return Pending(job.id)
        promise = self._context.promise
        title = text(promise.extra.get("release")) if promise else ""
        release = self._found.get(target_id) or Release(guid=guid, title=title)
        named, nzb = await self._all_indexers()[number].nzb(release)
        return Pending(await self._client.add(job_name(release.title or named, own), nzb, own))

    @hookimpl
    async def watch_raw(self) -> AsyncIterator[TransferUpdate]:
        """Look at the queue, and at the history for what is not in it."""
        missed: dict[str, int] = {}
        async for _ in self._context.ticks(self._settings.poll_interval):
            jobs = latest(await self._client.queue())
            gone = {one.transfer_id for one in self._context.transfers()} - jobs.keys()
            if gone:
                jobs = latest(jobs.values(), await self._client.history(sorted(gone)))
            missed = {name: missed.get(name, 0) + 1 for name in gone - jobs.keys()}
            jobs |= {name: self._lost(name) for name, times in missed.items() if times >= _MISSES}
            for transfer in self._context.transfers():
                if job := jobs.get(transfer.transfer_id):
                    yield await self._update(job)

    @hookimpl
    async def cancel_raw(self, target_id: str, transfer_id: str) -> bool:
        """Remove the job and what it has left; without an id, those of the target that nobody waits for."""
        if transfer_id:
            found = await self._sought(transfer_id)
        else:
            waited_for = {transfer.transfer_id for transfer in self._context.transfers()}
            mine = [job for job in await self._known() if job.mark.startswith(target_mark(target_id))]
            found = [job for job in mine if job.id not in waited_for]
        for job in found:
            await self._remove(job)
        return bool(found)

    @hookimpl
    async def tidy_raw(self, target_id: str, transfer_id: str) -> None:
        """Remove it from the history, and what is left of its folder."""
        await self.cancel_raw(target_id, transfer_id)

    @hookimpl
    async def diagnose_raw(self) -> list[Check]:
        """Client, category, `path_map` with the files of the latest job, each indexer."""
        checks = await _tried("client", self._look_at_client(), "client_base_url, and whether it runs")
        for indexer in self._all_indexers():
            checks += await _tried(indexer.name, indexer.diagnose(), "the indexer's base_url and api_key")
        return checks

    @property
    def _settings(self) -> UsenetSettings:
        settings: UsenetSettings = self._context.settings
        return settings

    @property
    def _client(self) -> SabNzbd | NzbGet:
        kind = SabNzbd if self._settings.client == "sabnzbd" else NzbGet
        return kind(self._context, self._settings)

    @property
    def _folders(self) -> Folders:
        return Folders(self._settings.path_map)

    def _all_indexers(self) -> list[Newznab | Prowlarr]:
        """Made once: they remember what their indexers can do."""
        if not self._indexers:
            settings = self._settings
            self._indexers = [
                _KINDS[one.kind](self._context, one, settings.categories) for one in settings.indexers
            ]
        return self._indexers

    async def _ask_all(self, query: str, wanted: Wanted) -> dict[str, Release]:
        """What all the indexers have, by target."""
        asked = (indexer.search(query, wanted) for indexer in self._all_indexers())
        answers = await asyncio.gather(*asked, return_exceptions=True)
        problems = [answer for answer in answers if isinstance(answer, BaseException)]
        for problem in problems:
            if len(problems) == len(answers) or not isinstance(problem, Exception):
                raise problem
            self._context.log.warning("an indexer is left out: %s", problem)
        return {
            f"{number}:{release.guid}": release
            for number, answer in enumerate(answers)
            if isinstance(answer, list)
            for release in answer
            if self._is_clean(release)
        }

    def _is_clean(self, release: Release) -> bool:
        """Whether it can be named without giving a key away."""
        keys = [str(one.api_key) for one in self._settings.indexers]
        return not any(key and key in f"{release.guid} {release.title}" for key in keys)

    async def _sought(self, own: str) -> list[Job]:
        """The jobs of this id or mark, also of one that is on its way from queue to history at first."""
        looks = 0
        async for _ in self._context.ticks(_PAUSE):
            looks += 1
            found = [job for job in await self._known() if own in (job.id, job.mark)]
            if found or looks >= self._client.looks:
                break
        return found

    async def _known(self) -> Iterable[Job]:
        return latest(await self._client.queue(), await self._client.history()).values()

    async def _update(self, job: Job) -> TransferUpdate:
        update = TransferUpdate(
            transfer_id=job.id,
            state=DownloadState.IN_PROGRESS,
            transferred=job.transferred,
            size=job.size or None,
            detail=job.detail,
            name=published_name(job.name),
        )
        try:
            if job.error:
                raise job.error
            if not job.done:
                return update
            path = await self._context.run_blocking(self._folders.delivered, job)
        except SourceError as error:
            return evolve(update, state=DownloadState.ERRORED, error=error)
        return evolve(update, state=DownloadState.COMPLETED, path=path)

    def _lost(self, transfer_id: str) -> Job:
        name = self._client.name
        error = NotFound(
            f"{name} does not know the job any more: it was deleted there, or {name} has lost its queue",
            hint="retry the download if nobody has deleted it on purpose",
        )
        return Job(id=transfer_id, error=error)

    async def _remove(self, job: Job) -> None:
        """Have the client forget the job, then remove the folder that has its mark in its name."""
        folder = job.folder or await self._client.complete_folder()
        await self._client.remove(job.id)
        if job.mark:
            await self._context.run_blocking(self._folders.remove, folder, job.mark)

    async def _look_at_client(self) -> list[Check]:
        """Hold `path_map`, too, against what it has finished, else against its folder for that."""
        client = self._client
        checks = await client.diagnose()
        done = [job.folder for job in await client.history() if job.done]
        folders = [*done, await client.complete_folder()]
        return [*checks, await self._context.run_blocking(self._folders.proven, folders)]


async def _tried(name: str, look: Awaitable[list[Check]], settings: str) -> list[Check]:
    """What a look has found, or what it has failed at."""
    try:
        return await look
    except SourceError as error:
        return [Check(name=name, ok=False, detail=error.message, hint=error.hint or f"check {settings}")]
