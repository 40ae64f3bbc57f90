"""News of all jobs, from what Lidarr shows at one moment.

While albums are in Lidarr's queue, one request tells how all of them stand. Those that are not in it take one
request for all commands, and one for all albums; what has just ended takes a few of its own.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterable, Sequence

from cratedig import (
    AlbumFile,
    DownloadState,
    NotFound,
    OpenTransfer,
    SourceContext,
    SourceError,
    TransferUpdate,
    Unavailable,
    UnexpectedResponse,
)
from cratedig.pathmap import PathMap
from cratedig_lidarr.albums import Entry
from cratedig_lidarr.api import Api
from cratedig_lidarr.commands import Commands
from cratedig_lidarr.files import Imported, album_files
from cratedig_lidarr.history import History
from cratedig_lidarr.jobs import Job
from cratedig_lidarr.queue import Record, failure, standing

SEARCHING = "Lidarr searches its indexers"
READING = "Lidarr reads the album's tracks"
GRABBED = "waiting for Lidarr's download client"


class Waits:
    """For how long each job has been stuck with the same thing, as far as one stream of news has seen it."""

    def __init__(self) -> None:
        self._since: dict[str, tuple[str, float]] = {}

    def lasts(self, job: Job, what: str) -> float:
        """Seconds for which it has been stuck with ``what``."""
        now = time.monotonic()
        known, since = self._since.get(job.id, ("", now))
        if known != what:
            since = now
        self._since[job.id] = (what, since)
        return now - since

    def moved(self, job: Job) -> None:
        """It is not stuck."""
        self._since.pop(job.id, None)


class Following:
    """Looks at Lidarr once, for every job at the same time."""

    def __init__(self, context: SourceContext, api: Api) -> None:
        self._context = context
        self._api = api

    async def news(self, transfers: Iterable[OpenTransfer], waits: Waits) -> AsyncIterator[TransferUpdate]:
        """One update for each of the transfers."""
        jobs: list[Job] = []
        for transfer in transfers:
            job = Job.read(transfer.transfer_id)
            if job is None:
                yield _errored(transfer.transfer_id, NotFound("that is no job of this source's"))
            elif job.there:
                yield await self._delivered(job)
            else:
                jobs.append(job)
        queue = await self._api.queue({job.album for job in jobs}) if jobs else {}
        absent = [job for job in jobs if job.album not in queue]
        for job in jobs:
            if job.album in queue:
                yield await self._queued(job, queue[job.album], waits)
        if absent:
            async for update in self._not_queued(absent, waits):
                yield update

    async def _queued(self, job: Job, several: Sequence[Record], waits: Waits) -> TransferUpdate:
        now = standing(several)
        if now.problem is not None:
            return _errored(job.id, now.problem)
        if not now.stuck:
            waits.moved(job)
        elif waits.lasts(job, "import") > self._api.settings.patience:
            return await self._not_imported(job, now.detail)
        return TransferUpdate(
            transfer_id=job.id,
            state=DownloadState.IN_PROGRESS,
            transferred=now.transferred,
            size=now.size or None,
            detail=now.detail,
        )

    async def _not_imported(self, job: Job, said: str) -> TransferUpdate:
        """Deliver what Lidarr could import, if that is anything."""
        if (await self._api.history(job.album, job.history)).imported:
            return await self._delivered(job)
        hint = "import it on Lidarr's page Activity, then retry; it is delivered at once"
        return _errored(job.id, NotFound(said, hint=hint))

    async def _not_queued(self, jobs: Sequence[Job], waits: Waits) -> AsyncIterator[TransferUpdate]:
        known = await self._api.commands()
        others = []
        for job in jobs:
            search = known.search(job.album, job.commands)
            problem = search.problem() if search else None
            if problem is not None:
                yield _errored(job.id, problem)
            elif search is not None and search.active:
                waits.moved(job)
                yield _in_progress(job, SEARCHING)
            else:
                others.append(job)
        entries = await self._api.entries({job.album for job in others}) if others else {}
        asked: set[int] = set()
        for job in others:
            yield await self._absent(job, entries.get(job.album), known, waits, asked)

    async def _absent(
        self, job: Job, entry: Entry | None, known: Commands, waits: Waits, asked: set[int]
    ) -> TransferUpdate:
        """Neither in the queue nor searched for at the moment: at its end, or before its beginning."""
        if entry is None:
            return _errored(job.id, NotFound("somebody has removed the album from Lidarr"))
        if entry.complete:
            return await self._delivered(job)
        if not entry.tracks:
            return self._reading(job, waits)
        return await self._before_or_after(job, known, waits, asked)

    async def _before_or_after(
        self, job: Job, known: Commands, waits: Waits, asked: set[int]
    ) -> TransferUpdate:
        past = await self._api.history(job.album, job.history)
        if past.grabbed:
            return await self._after_queue(job, past, waits)
        if known.search(job.album, job.commands) is not None:
            return self._waiting(job, waits, GRABBED, _lost())
        if not await self._api.get("/track", params={"albumId": job.album}):
            return self._reading(job, waits)
        waits.moved(job)
        if job.album not in asked:
            asked.add(job.album)
            await self._api.ask("POST", "/command", json={"name": "AlbumSearch", "albumIds": [job.album]})
        return _in_progress(job, SEARCHING)

    def _reading(self, job: Job, waits: Waits) -> TransferUpdate:
        """A search before the tracks are known is turned down: the album's duration would be 0."""
        late = Unavailable("Lidarr does not get to know the album's tracks; its metadata server may be down")
        return self._waiting(job, waits, READING, late)

    async def _after_queue(self, job: Job, past: History, waits: Waits) -> TransferUpdate:
        """It was in the queue, or is about to be."""
        if past.running:
            # After its own restart Lidarr knows its queue again within a minute or so.
            return self._waiting(job, waits, GRABBED, _lost())
        if past.imported:
            return await self._delivered(job)
        if past.failed:
            return _errored(job.id, failure(past.said))
        return _errored(job.id, NotFound("somebody has told Lidarr to ignore the download"))

    def _waiting(self, job: Job, waits: Waits, what: str, late: SourceError) -> TransferUpdate:
        if waits.lasts(job, what) > self._api.settings.patience:
            return _errored(job.id, late)
        return _in_progress(job, what)

    async def _delivered(self, job: Job) -> TransferUpdate:
        """The files of the library, where they are on this machine; they stay there."""
        try:
            found = await self._api.get("/trackfile", params={"albumId": job.album})
            tracks = await self._api.get("/track", params={"albumId": job.album})
            imported, missing = album_files(found, tracks)
            here = await self._context.run_blocking(_here, imported, PathMap(self._api.settings.path_map))
        except (NotFound, UnexpectedResponse) as error:
            return _errored(job.id, error)
        if not here:
            return _errored(job.id, NotFound("Lidarr has imported the album, and has no file of it any more"))
        return TransferUpdate(
            transfer_id=job.id, state=DownloadState.COMPLETED, files=here, missing=missing, keep=True
        )


def _here(imported: Sequence[Imported], paths: PathMap) -> tuple[AlbumFile, ...]:
    return tuple(
        AlbumFile(path=paths.found(one.path), name=one.name, size=one.size, quality=one.quality)
        for one in imported
    )


def _in_progress(job: Job, detail: str) -> TransferUpdate:
    return TransferUpdate(transfer_id=job.id, state=DownloadState.IN_PROGRESS, detail=detail)


def _errored(transfer_id: str, error: SourceError) -> TransferUpdate:
    return TransferUpdate(transfer_id=transfer_id, state=DownloadState.ERRORED, error=error)


def _lost() -> SourceError:
    return NotFound(
        "the download is gone from Lidarr's queue, and nothing was imported: somebody has removed it"
    )
