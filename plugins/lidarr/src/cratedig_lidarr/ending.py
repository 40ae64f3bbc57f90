"""The end of a job at Lidarr: nothing that it began goes on there, and the library is as it was before.

What cannot be ended yet is left by an ``Unavailable``: the engine asks again until there is none.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Iterable

from cratedig import NotFound, SourceContext, Unavailable
from cratedig_lidarr.albums import Entry, entries
from cratedig_lidarr.api import Api
from cratedig_lidarr.commands import LOOK
from cratedig_lidarr.jobs import Job, Notes
from cratedig_lidarr.queue import Record

_OPTIONS = {
    "removeFromClient": "true",
    "blocklist": "false",
    "skipRedownload": "true",
    "changeCategory": "false",
}
_KEEP_FILES = {"deleteFiles": "false", "addImportListExclusion": "false"}


class Ending:
    """Ends searches and downloads, and takes out of the library what this source has added to it."""

    def __init__(self, context: SourceContext, api: Api, notes: Notes) -> None:
        self._context = context
        self._api = api
        self._notes = notes

    async def over(self, target: str, transfer_id: str, end: Callable[[Job], Awaitable[None]]) -> bool:
        """A transfer is over: ``end`` its job and let go of the album, unless another record waits for it."""
        self._notes.over(target, transfer_id)
        if any(one.target_id == target for one in self._context.transfers()):
            return False
        job = Job.read(transfer_id)
        if job is not None:
            await end(job)
        await self._release(target)
        return True

    async def stop(self, job: Job) -> None:
        """End what a job has begun; downloads that were in the queue before it are somebody else's.

        :raises Unavailable: some of it cannot be ended yet.
        """
        known = await self._api.commands()
        search = known.search(job.album, job.commands)
        if search is not None and search.active:
            if search.status == "queued":
                with contextlib.suppress(NotFound):
                    await self._api.ask("DELETE", f"/command/{search.id}")
            raise Unavailable("Lidarr is still searching its indexers; what it finds is taken out then")
        past = await self._api.history(job.album, job.history)
        mine = [one for one in await self._queue(job) if one.download_id in past.grabbed]
        await self._delete(mine)
        hidden = past.running - {one.download_id for one in mine}
        if hidden and known.looked <= (search.id if search else job.commands):
            # Grabbed and not shown yet, or taken out already: another look at the download client tells.
            await self._api.ask("POST", "/command", json={"name": LOOK})
            raise Unavailable("Lidarr's queue may not show yet what is to be taken out of it")

    async def drop_failed(self, job: Job) -> None:
        """Take downloads out of the queue of which nothing will come; a retry shall not meet them again."""
        if not job.there:
            await self._delete(one for one in await self._queue(job) if one.ended)

    async def _release(self, target: str) -> None:
        """Nobody waits for the album any more: take out what was added for it, or have Lidarr let it be.

        An album that stays is not monitored any more: Lidarr would go on looking for it by itself.
        """
        found = await self._api.find(target) if self._notes.of(target).added else None
        if found is not None:
            if self._api.settings.remove_added:
                await self._remove(found)
            elif found.monitored:
                no_more = {"albumIds": [found.id], "monitored": False}
                await self._api.ask("PUT", "/album/monitor", json=no_more)
        self._notes.forget(target)

    async def _queue(self, job: Job) -> list[Record]:
        return (await self._api.queue([job.album])).get(job.album, [])

    async def _delete(self, several: Iterable[Record]) -> None:
        numbers = [record.id for record in several]
        try:
            if numbers:
                await self._api.ask("DELETE", "/queue/bulk", params=_OPTIONS, json={"ids": numbers})
        except NotFound as error:
            raise Unavailable("Lidarr's queue has changed while something was taken out of it") from error

    async def _remove(self, found: Entry) -> None:
        # The album goes before the others are counted: of two that end at once, the later one finds none.
        await self._api.ask("DELETE", f"/album/{found.id}", params=_KEEP_FILES)
        if self._notes.artist_added(found.foreign_artist_id) and await self._alone(found):
            with contextlib.suppress(NotFound):
                await self._api.ask("DELETE", f"/artist/{found.artist_id}", params=_KEEP_FILES)
            self._notes.forget_artist(found.foreign_artist_id)

    async def _alone(self, found: Entry) -> bool:
        """Whether nobody has come to use another album of the artist."""
        others = entries(await self._api.get("/album", params={"artistId": found.artist_id}))
        others.pop(found.id, None)
        mine = [one for one in others.values() if one.artist_id == found.artist_id]
        return bool(found.artist_id) and not any(one.monitored or one.there for one in mine)
