"""Ending a job at Lidarr: nothing that it began goes on there."""

from __future__ import annotations

import time
from collections.abc import Iterable

from attrs import evolve

from cratedig import SourceContext, SourceError
from cratedig_lidarr.api import Api
from cratedig_lidarr.commands import Search
from cratedig_lidarr.following import Following
from cratedig_lidarr.jobs import Job, Notes, Stopping
from cratedig_lidarr.library import Library
from cratedig_lidarr.queue import Record

PACE = 0.5
"""Seconds between two looks at a search that has to end first."""
_OPTIONS = {
    "removeFromClient": "true",
    "blocklist": "false",
    "skipRedownload": "true",
    "changeCategory": "false",
}


class Stops:
    """Cancels searches, and takes out of the queue what they have put there.

    A search that runs cannot be stopped; what it puts into the queue later is taken out when it does, or the
    next time that Lidarr is talked to. Downloads that were in the queue before the job are somebody else's.
    """

    def __init__(
        self, context: SourceContext, api: Api, library: Library, following: Following, notes: Notes
    ) -> None:
        self._context = context
        self._api = api
        self._library = library
        self._following = following
        self._notes = notes

    async def stop(self, target: str, job: Job) -> None:
        """End a job that nobody wants any more; returns when nothing of it goes on."""
        self._notes.keep_stopping(Stopping(target=target, job=job.id, since=time.time()))
        async for _ in self._context.ticks(PACE):
            await self.sweep()
            if all(one.target != target for one in self._notes.stopping()):
                return

    async def sweep(self) -> None:
        """Go on with what could not be ended at once."""
        for one in list(self._notes.stopping()):
            job = Job.read(one.job)
            if job is None or self._library.wanted_elsewhere(one.target):
                self._notes.forget_stopping(one.target)
            elif await self._ended(one, job):
                await self._library.release(one.target)
                self._notes.forget_stopping(one.target)

    async def sweep_quietly(self) -> None:
        """The same on the way to something else, which shall not fail for it."""
        try:
            await self.sweep()
        except SourceError as error:
            self._context.log.info("what was cancelled is not cleared up yet: %s", error)

    async def drop_failed(self, job: Job) -> None:
        """Take downloads out of the queue of which nothing will come; a retry shall not meet them again."""
        several = (await self._following.queue([job.album])).get(job.album, ())
        await self._delete(record for record in several if record.ended)

    async def _ended(self, one: Stopping, job: Job) -> bool:
        """Do what can be done now; whether that was all."""
        search = (await self._library.commands()).search(job.album, job.commands)
        past = await self._library.history(job)
        several = (await self._following.queue([job.album])).get(job.album, ())
        mine = [record for record in several if record.download_id in past.grabbed]
        await self._delete(mine)
        deleted = {*one.deleted, *(record.download_id for record in mine)}
        if mine:
            self._notes.keep_stopping(evolve(one, deleted=tuple(sorted(deleted))))
        if search is not None and search.active:
            await self._cancel(search)
            return False
        if not past.running - deleted:
            return True
        # Grabbed, but not shown yet: the queue is looked at once a minute.
        await self._api.ask("POST", "/command", json={"name": "RefreshMonitoredDownloads"})
        return time.time() - one.since > self._api.settings.patience

    async def _cancel(self, search: Search) -> None:
        """Works on a search that is still queued."""
        if search.status == "queued":
            await self._api.ask("DELETE", f"/command/{search.id}")

    async def _delete(self, several: Iterable[Record]) -> None:
        numbers = [record.id for record in several]
        if numbers:
            await self._api.ask("DELETE", "/queue/bulk", params=_OPTIONS, json={"ids": numbers})
