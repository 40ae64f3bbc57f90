"""Jobs at slskd: begun once, whatever became of earlier tries, and ended when nobody wants them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid4, uuid5

from attrs import frozen

from cratedig import NotFound, SourceContext, Unavailable
from cratedig.reading import items, mapping, text, whole
from cratedig_soulseek.client import PATIENCE, Slskd, of_user, read, sentence
from cratedig_soulseek.landing import FOLDER, Landing
from cratedig_soulseek.responses import codec_of
from cratedig_soulseek.targets import Target, exact, parse
from cratedig_soulseek.transfers import Transfer, guid, read_user
from cratedig_soulseek.vocabulary import refused

if TYPE_CHECKING:
    import httpx

NO_BATCH = "old"
_MISSING = 404
_WITHOUT_BATCHES = (400, 404, 405)
"""What versions without batches answer: they take the word for a user's name."""
_PAUSE = 0.25
_MOST_LOOKS = 12

File = tuple[str, int]


@frozen
class Handle:
    """What a transfer id holds: a target, the batch that it goes by, and how many files that has.

    ``batch`` is "" while it is not known. Two downloads of one target get the same: they are one job.
    """

    target: Target
    batch: str = ""
    count: int = 0

    @property
    def text(self) -> str:
        """The transfer id."""
        return f"{self.batch}/{self.count}/{uuid5(NAMESPACE_URL, self.target.text)}"

    def covers(self, transfer: Transfer) -> bool:
        """Whether a record of slskd's belongs to it."""
        known = self.batch in ("", NO_BATCH, transfer.batch)
        return known and self.target.covers(transfer.user, transfer.path)


def handle_of(target_id: str, transfer_id: str) -> Handle:
    """Read a transfer id, or what is known without one.

    :raises NotFound: the target is none.
    """
    batch, _, rest = transfer_id.partition("/")
    return Handle(parse(target_id), batch, whole(rest.partition("/")[0]) or 0)


class Jobs:
    """Begins jobs through batches, or through the older call where there are none, and ends them."""

    def __init__(self, context: SourceContext, slskd: Slskd, landing: Landing) -> None:
        self._context = context
        self._slskd = slskd
        self._landing = landing
        self._batches = True

    def forget(self) -> None:
        """Find out again whether there are batches."""
        self._batches = True

    async def begin(self, target: Target) -> str:
        """Have a target downloaded, or find the job that does so already; its transfer id.

        :raises SourceError: slskd does not take it on.
        """
        files = await self.files(target)
        batch = await self._begun(target, files)
        if not batch and self._batches:
            batch = await self._by_batch(target, files)
        if not batch:
            # What it does not take on is not on its list, which the next look tells.
            await self._post(of_user(target.user), _bodies(files))
            self._batches, batch = False, NO_BATCH
        return Handle(target, batch, len(files)).text

    async def files(self, target: Target) -> list[File]:
        """Return what there is to download; of an album, what the peer lists.

        :raises NotFound: there is no audio in the folder.
        """
        if not target.folders:
            return [(target.path, target.size)]
        found = [file for folder in target.folders for file in await self._listed(target.user, folder)]
        if not found:
            raise NotFound(f"{target.user} has no audio in that folder any more", hint="search again")
        return found

    async def end(self, job: Handle, *, over: bool = False) -> bool:
        """End a job's transfers, remove their records and files; whether there were any.

        What somebody has begun in slskd goes on for them, and what another download waits for does, too.
        ``over`` says that no file is on its way any more.

        :raises Unavailable: slskd is still at it, so that it has to be done again.
        """
        before = await self._unwanted(job)
        for one in before:
            if one.alive:
                await self._delete(one)
        # slskd removes a record only after its end, so that it takes a second look.
        after = await self._unwanted(job) if before else []
        ended = [one for one in after if not one.alive and (over or await self._is_at_rest(one))]
        for one in ended:
            await self._delete(one)
        await self._landing.clear(ended)
        if len(ended) < len(after):
            raise Unavailable(f"slskd is still ending a transfer from {job.target.user}")
        return bool(before)

    async def end_when_listed(self, job: Handle) -> bool:
        """End what comes of a call that was not waited for; whether anything did within some seconds."""
        looks = 0
        async for _ in self._context.ticks(_PAUSE):
            looks += 1
            if await self.end(job) or looks == _MOST_LOOKS:
                break
        return looks < _MOST_LOOKS

    async def _begun(self, target: Target, files: list[File]) -> str:
        """Return the batch of a job that has all of it under way, or received for this very download."""
        going = [one for one in await self._known(Handle(target)) if await self._goes_on(one)]
        if {path for path, _ in files} <= {one.path for one in going}:
            return going[0].batch or NO_BATCH
        return ""

    async def _goes_on(self, one: Transfer) -> bool:
        mine = one.succeeded and one.own and one.batch.startswith(self._whose)
        return one.alive or (mine and await self._landing.find(one) is not None)

    @property
    def _whose(self) -> str:
        """What the ids of a download's batches have in common with its own."""
        return (guid(self._context.download_id) or str(uuid4()))[: len("00000000-0000")]

    async def _known(self, job: Handle) -> list[Transfer]:
        """Return all of a job's transfers that slskd has on its list."""
        answer = await self._slskd.ask("GET", of_user(job.target.user), passes=(_MISSING,))
        if answer.status_code == _MISSING:
            return []
        return [one for one in read_user(read(answer)) if job.covers(one)]

    async def _listed(self, user: str, folder: str) -> list[File]:
        answer = await self._slskd.json(
            "POST", f"/users/{quote(user, safe='')}/directory", json={"directory": folder}, timeout=PATIENCE
        )
        rows = [file for one in items(answer) for file in items(mapping(one).get("files"))]
        named = [(exact(mapping(row).get("filename")), whole(mapping(row).get("size"))) for row in rows]
        return [(f"{folder}\\{name}", size) for name, size in named if name and size and codec_of(name)]

    async def _by_batch(self, target: Target, files: list[File]) -> str:
        """Return the batch, "" where slskd has none at all."""
        # The rest is made from a name, which tells it from those of slskd's other clients.
        batch = self._whose + str(uuid5(NAMESPACE_URL, str(uuid4())))[len(self._whose) :]
        wish = {
            "id": batch,
            "username": target.user,
            "files": _bodies(files),
            "options": {"destination": f"{FOLDER}/{batch}"},
        }
        answer = await self._post("/transfers/downloads/batches", wish, passes=_WITHOUT_BATCHES)
        if answer.status_code == _MISSING and sentence(answer):
            raise self._slskd.meaning(answer)
        if answer.status_code in _WITHOUT_BATCHES:
            return ""
        told = mapping(read(answer))
        if items(mapping(told.get("batch")).get("transfers")):
            return batch
        if begun := await self._begun(target, files):
            return begun  # by another download, in between
        said = next((text(mapping(one).get("message")) for one in items(told.get("failures"))), "")
        raise refused(said or "it gives no reason", target.user)

    async def _post(self, path: str, body: Any, passes: tuple[int, ...] = ()) -> httpx.Response:
        return await self._slskd.ask("POST", path, json=body, passes=passes, timeout=PATIENCE)

    async def _unwanted(self, job: Handle) -> list[Transfer]:
        """Return a job's transfers that were begun here, and of whose batch no download waits for any."""
        waited = [handle_of(one.target_id, one.transfer_id) for one in self._context.transfers()]
        return [
            one
            for one in await self._known(job)
            if one.own and not any(other.batch == one.batch or other.covers(one) for other in waited)
        ]

    async def _is_at_rest(self, transfer: Transfer) -> bool:
        """Whether no file of it is still to get to its place."""
        if not (transfer.succeeded and transfer.batch):
            return True
        announced = await self._landing.announced()
        return transfer.id in announced or await self._landing.find(transfer, announced) is not None

    async def _delete(self, transfer: Transfer) -> None:
        path = f"{of_user(transfer.user)}/{transfer.id}"
        await self._slskd.ask("DELETE", path, params={"remove": "true"})


def _bodies(files: list[File]) -> list[dict[str, Any]]:
    return [{"filename": path, "size": size} for path, size in files]
