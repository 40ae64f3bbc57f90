"""News of all jobs, from what Lidarr shows at one moment.

While albums are in Lidarr's queue, one request tells how all of them stand. Those that are not in it take one
request for all commands, and one for all albums; what has just ended takes a few of its own.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

from attrs import frozen

from cratedig import (
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
from cratedig_lidarr.commands import Commands, Search
from cratedig_lidarr.files import album_files
from cratedig_lidarr.history import History
from cratedig_lidarr.jobs import Job
from cratedig_lidarr.queue import Record, failure, standing

SEARCHING = "Lidarr searches its indexers"
READING = "Lidarr reads the album's tracks"
GRABBED = "waiting for Lidarr's download client"


@frozen
class Sight:
    """What Lidarr shows of each album at one moment; of one that is queued, its queue is all that counts."""

    queue: Mapping[int, Sequence[Record]]
    searches: Mapping[int, Search | None]
    entries: Mapping[int, Entry]


class Following:
    """One stream of news: looks at Lidarr once a round, for every job at the same time."""

    def __init__(self, context: SourceContext, api: Api) -> None:
        self._context = context
        self._api = api
        self._since: dict[str, tuple[str, float]] = {}

    async def news(self, transfers: Iterable[OpenTransfer]) -> AsyncIterator[TransferUpdate]:
        """One update for each of the transfers."""
        jobs = {one.transfer_id: Job.read(one.transfer_id) for one in transfers}
        seen = await self._look([job for job in jobs.values() if job and not job.there])
        for transfer_id, job in jobs.items():
            if job is None:
                yield _errored(transfer_id, NotFound("that is no job of this source's"))
            else:
                yield await self._update(job, seen)

    async def _look(self, jobs: Sequence[Job]) -> Sight:
        queue = await self._api.queue({job.album for job in jobs}) if jobs else {}
        absent = [job for job in jobs if job.album not in queue]
        known = await self._api.commands() if absent else Commands()
        searches = {job.album: known.search(job.album, job.commands) for job in absent}
        idle = {album for album, search in searches.items() if search is None or not search.active}
        return Sight(queue, searches, await self._api.entries(idle))

    async def _update(self, job: Job, seen: Sight) -> TransferUpdate:
        if job.there:
            return await self._delivered(job)
        if several := seen.queue.get(job.album):
            return await self._queued(job, several)
        search = seen.searches[job.album]
        if search is not None and search.active:
            return self._waiting(job, SEARCHING)
        if search is not None and (problem := search.problem()) is not None:
            return _errored(job.id, problem)
        return await self._idle(job, seen.entries.get(job.album), searched=search is not None)

    async def _queued(self, job: Job, several: Sequence[Record]) -> TransferUpdate:
        now = standing(several)
        if now.problem is not None:
            return _errored(job.id, now.problem)
        lasts = self._lasts(job, "an import" if now.stuck else "a download")
        if now.stuck and lasts > self._api.settings.patience:
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

    async def _idle(self, job: Job, entry: Entry | None, *, searched: bool) -> TransferUpdate:
        """Neither in the queue nor searched for at the moment: at its end, or before its beginning."""
        if entry is None:
            return _errored(job.id, NotFound("somebody has removed the album from Lidarr"))
        if entry.complete:
            return await self._delivered(job)
        if not entry.tracks:
            # A search before they are known is turned down: the album's duration would be 0.
            late = "Lidarr does not get to know the album's tracks; its metadata server may be down"
            return self._waiting(job, READING, Unavailable(late))
        past = await self._api.history(job.album, job.history)
        if past.grabbed or searched:
            return await self._after_search(job, past)
        await self._api.ask("POST", "/command", json={"name": "AlbumSearch", "albumIds": [job.album]})
        return self._waiting(job, SEARCHING)

    async def _after_search(self, job: Job, past: History) -> TransferUpdate:
        """It was in the queue, or is about to be."""
        if past.running or not past.grabbed:
            # After its own restart Lidarr knows its queue again within a minute or so.
            late = "the download is gone from Lidarr's queue, nothing was imported: somebody has removed it"
            return self._waiting(job, GRABBED, NotFound(late))
        if past.imported:
            return await self._delivered(job)
        if past.failed:
            return _errored(job.id, failure(past.said))
        return _errored(job.id, NotFound("somebody has told Lidarr to ignore the download"))

    def _waiting(self, job: Job, what: str, late: SourceError | None = None) -> TransferUpdate:
        """It waits for ``what``; where that may not last for ever, ``late`` is what it ends with."""
        lasts = self._lasts(job, what)
        if late is not None and lasts > self._api.settings.patience:
            return _errored(job.id, late)
        return TransferUpdate(transfer_id=job.id, state=DownloadState.IN_PROGRESS, detail=what)

    def _lasts(self, job: Job, what: str) -> float:
        """Seconds for which this stream has seen it at the same thing."""
        now = time.monotonic()
        known, since = self._since.get(job.id, (what, now))
        self._since[job.id] = what, since if known == what else now
        return now - self._since[job.id][1]

    async def _delivered(self, job: Job) -> TransferUpdate:
        """The files of the library, where they are on this machine; they stay there."""
        try:
            found = await self._api.get("/trackfile", params={"albumId": job.album})
            tracks = await self._api.get("/track", params={"albumId": job.album})
            here = PathMap(self._api.settings.path_map).found
            files, missing = await self._context.run_blocking(album_files, found, tracks, here)
        except (NotFound, UnexpectedResponse) as error:
            return _errored(job.id, error)
        if not files:
            return _errored(job.id, NotFound("Lidarr has imported the album, and has no file of it any more"))
        return TransferUpdate(
            transfer_id=job.id, state=DownloadState.COMPLETED, files=files, missing=missing, keep=True
        )


def _errored(transfer_id: str, error: SourceError) -> TransferUpdate:
    return TransferUpdate(transfer_id=transfer_id, state=DownloadState.ERRORED, error=error)
