"""The news of all transfers, out of one request for each look."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from attrs import evolve, frozen

from cratedig import (
    AlbumFile,
    DownloadState,
    NotConfigured,
    SourceContext,
    SourceError,
    TransferUpdate,
    Unavailable,
)
from cratedig.reading import whole
from cratedig_soulseek import names
from cratedig_soulseek.client import Slskd, of_user
from cratedig_soulseek.jobs import NO_BATCH, Handle, Jobs, handle_of
from cratedig_soulseek.landing import Landing
from cratedig_soulseek.targets import split
from cratedig_soulseek.transfers import Transfer, latest, read_transfers
from cratedig_soulseek.vocabulary import failed

SETTLED = 2.0
"""Seconds for which a failure that may pass, or a record that is missing, has to stand to be believed."""
LANDED = 45.0
"""Seconds that slskd may take to put a file into its place."""
_LONGEST_RETRY = 120.0
_PLACE_EVERY = 4
"""Each so many looks, one asks a peer for a place in his queue in place of asking slskd for the list."""


@frozen(kw_only=True)
class Job:
    """What the engine waits for, and the newest record of each of its files at slskd.

    Nothing sure is known of it for ``doubted`` seconds.
    """

    id: str
    handle: Handle
    transfers: list[Transfer]
    doubted: float

    @property
    def received(self) -> list[Transfer]:
        """The files that slskd has, perhaps not yet in their place."""
        return [one for one in self.transfers if one.succeeded]


class Watching:
    """One stream of news. What it keeps is about what it has seen itself, and lost with it."""

    def __init__(self, context: SourceContext, slskd: Slskd, jobs: Jobs, landing: Landing) -> None:
        self._context = context
        self._slskd = slskd
        self._jobs = jobs
        self._landing = landing
        self._listed: list[Transfer] = []
        self._announced: Mapping[str, str] | None = None
        self._batches: Counter[str] = Counter()
        self._doubts: dict[str, float] = {}
        self._places: dict[str, int] = {}

    async def news(self) -> AsyncIterator[TransferUpdate]:
        """Tell of every transfer that the engine waits for, once in each look at slskd."""
        looks = 0
        async for _ in self._context.ticks(self._context.settings.poll_interval):
            looks += 1
            if looks % _PLACE_EVERY == 0 and (queued := self._without_place()):
                await self._ask_place(queued[looks // _PLACE_EVERY % len(queued)])
                continue
            async for update in self._look():
                yield update

    async def _look(self) -> AsyncIterator[TransferUpdate]:
        # Taken before the list: what begins meanwhile is not missing from it.
        waited, now = self._context.transfers(), time.monotonic()
        self._listed = read_transfers(await self._slskd.json("GET", "/transfers/downloads"))
        self._announced = None
        doubts, self._doubts = self._doubts, {}
        handles = {one.transfer_id: handle_of(one.target_id, one.transfer_id) for one in waited}
        self._batches = Counter(handle.batch for handle in handles.values())
        by_user = defaultdict(list)
        for transfer in self._listed:
            by_user[transfer.user].append(transfer)
        for id_, handle in handles.items():
            since = doubts.get(id_, now)
            mine = latest(filter(handle.covers, by_user[handle.target.user]))
            try:
                news = await self._news(Job(id=id_, handle=handle, transfers=mine, doubted=now - since))
            except SourceError as error:
                news = TransferUpdate(transfer_id=id_, state=DownloadState.ERRORED, error=error)
            if isinstance(news, str):
                self._doubts[id_] = since
                news = _waiting(id_, news)
            yield news

    async def _news(self, job: Job) -> TransferUpdate | str:
        """Return the news of one job, or what there is to wait for while they are not sure.

        :raises SourceError: it has failed.
        """
        patience = max(SETTLED, 1.5 * self._context.settings.poll_interval)
        if any(one.alive for one in job.transfers):
            return self._progress(job)
        if not job.transfers:
            if job.doubted < patience:
                return "slskd does not list it"
            raise Unavailable("slskd no longer has it on its list", hint="was it restarted, or cleared?")
        for one in job.transfers:
            if _may_still_pass(one, job.doubted, patience):
                return f"slskd may try again: {one.told}"
        if not job.received:
            raise failed(job.transfers[0].failure, job.transfers[0].told, job.transfers[0].user)
        return await self._completed(job)

    def _progress(self, job: Job) -> TransferUpdate:
        leader = max((one for one in job.transfers if one.alive), key=lambda one: one.got or 0)
        detail = evolve(leader, place=leader.place or self._places.get(leader.id)).doing
        if len(job.transfers) > 1:
            detail = f"{len(job.received)} of {len(job.transfers)} files; {detail}"
        return evolve(
            _waiting(job.id, detail),
            transferred=sum(one.got or 0 for one in job.transfers),
            size=sum(one.size or 0 for one in job.transfers) or None,
        )

    async def _completed(self, job: Job) -> TransferUpdate | str:
        """Return the news that all is there, if no file is still being moved.

        :raises NotConfigured: one has been for too long.
        """
        if self._announced is None:
            self._announced = await self._landing.announced()
        paths = [await self._landing.find(one, self._announced) for one in job.received]
        landed = [path for path in paths if path is not None]
        if len(landed) < len(paths):
            if job.doubted < LANDED:
                return "slskd is moving it to its place"
            raise await self._lost(job.received[paths.index(None)])
        return TransferUpdate(
            transfer_id=job.id,
            state=DownloadState.COMPLETED,
            transferred=sum(one.size or 0 for one in job.received),
            path=landed[0],
            files=_album_files(job, landed) if job.handle.target.folders else (),
            missing=await self._missing(job),
            # A track that an album's job brings along stays there for the album.
            keep=self._batches[job.transfers[0].batch] > 1 or not all(one.own for one in job.transfers),
        )

    async def _lost(self, transfer: Transfer) -> NotConfigured:
        root = (await self._landing.places()).root
        return NotConfigured(
            f"slskd has received {split(transfer.path)[1]!r}, which is not below {str(root)!r}",
            hint="set download_dir to slskd's downloads folder as this machine sees it; `cratedig doctor` "
            "proves it",
        )

    async def _missing(self, job: Job) -> list[str]:
        """Return the titles of an album's files that have not come."""
        promised = [one.path for one in job.transfers]
        if len(promised) < job.handle.count:
            # slskd has refused some of them at once; the peer's list has their names.
            promised = [path for path, _ in await self._jobs.files(job.handle.target)]
        here = {one.path for one in job.received}
        return [_title(path, job.handle) for path in promised if path not in here]

    def _without_place(self) -> list[Transfer]:
        queued = [one for one in self._listed if one.queued and not one.place]
        return [one for one in queued if (one.batch or NO_BATCH) in self._batches]

    async def _ask_place(self, one: Transfer) -> None:
        """Ask a peer for one place in his queue; slskd keeps it up to date only when it is asked."""
        try:
            place = whole(await self._slskd.json("GET", f"{of_user(one.user)}/{one.id}/position"))
        except SourceError as error:
            self._context.log.debug("place in the queue of %s: %s", one.user, error)
            return
        if place:
            self._places[one.id] = place


def _waiting(transfer_id: str, detail: str) -> TransferUpdate:
    return TransferUpdate(transfer_id=transfer_id, state=DownloadState.IN_PROGRESS, detail=detail)


def _may_still_pass(one: Transfer, doubted: float, patience: float) -> bool:
    """Whether slskd may be about to try again: it shows the failure for a moment all the same."""
    if one.failure not in ("TimedOut", "Errored") or doubted > _LONGEST_RETRY:
        return False
    return doubted < patience or time.time() < (one.next_attempt or 0) + 5.0


def _album_files(job: Job, paths: list[Path]) -> list[AlbumFile]:
    return [
        AlbumFile(path=path, name=_title(one.path, job.handle), size=one.size)
        for one, path in zip(job.received, paths, strict=True)
    ]


def _title(path: str, job: Handle) -> str:
    """Return what to call an album's file, below a folder for its disc where there are several."""
    folder, name = split(path)
    stem = name.rpartition(".")[0] or name
    number = names.disc(folder)
    return f"CD {number}/{stem}" if len(job.target.folders) > 1 and number else stem
