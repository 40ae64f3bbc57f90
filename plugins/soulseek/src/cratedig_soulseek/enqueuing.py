"""Handing jobs to slskd, each once, whatever happened to earlier tries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import UUID, uuid4, uuid5

from cratedig import NotFound, Unavailable, UnexpectedResponse
from cratedig.reading import items, json_of, mapping, text, whole
from cratedig_soulseek.client import PATIENCE, Slskd, of_user, read, sentence
from cratedig_soulseek.landing import FOLDER, Landing
from cratedig_soulseek.responses import codec_of
from cratedig_soulseek.targets import Target, exact
from cratedig_soulseek.transfers import Transfer, guid, read_transfer, read_user
from cratedig_soulseek.vocabulary import IN_PROGRESS, refused

if TYPE_CHECKING:
    import httpx

BATCHES = "/transfers/downloads/batches"
NO_BATCH = "old"
_MOST_TRIES = 50
_TAKEN = 409
_MISSING = 404
_WITHOUT_BATCHES = (400, 404, 405)
"""What versions without batches answer: they take the word for a user's name."""

File = tuple[str, int]


class Enqueuing:
    """Enqueues through batches, or through the older call where there are none."""

    def __init__(self, slskd: Slskd, landing: Landing) -> None:
        self._slskd = slskd
        self._landing = landing
        self._batches = True

    def forget(self) -> None:
        """Find out again whether there are batches."""
        self._batches = True

    async def start(self, target: Target, download_id: str) -> tuple[str, int]:
        """Have a target downloaded, or find the job that does so already; its batch and its number of files.

        The batches of a download have ids made from its own, so that slskd refuses to take one on twice.

        :raises SourceError: slskd does not take it on.
        """
        files = await self.files(target)
        if self._batches:
            batch = await self._by_batch(target, files, download_id)
            if batch:
                return batch, len(files)
        batch = await self._by_user(target, files)
        self._batches = False
        return batch, len(files)

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

    async def alive(self, target: Target) -> list[Transfer]:
        """Return the transfers of a target that are under way.

        :raises SourceError: slskd does not say.
        """
        return [one for one in await self.known(target) if one.alive]

    async def known(self, target: Target) -> list[Transfer]:
        """Return all of a target's transfers that slskd has on its list.

        :raises SourceError: slskd does not say.
        """
        answer = await self._slskd.ask("GET", of_user(target.user), passes=(_MISSING,))
        if answer.status_code == _MISSING:
            return []
        return [one for one in read_user(read(answer)) if target.covers(one.user, one.path)]

    async def _listed(self, user: str, folder: str) -> list[File]:
        answer = await self._slskd.json(
            "POST", f"/users/{quote(user, safe='')}/directory", json={"directory": folder}, timeout=PATIENCE
        )
        rows = [file for one in items(answer) for file in items(mapping(one).get("files"))]
        named = [(exact(mapping(row).get("filename")), whole(mapping(row).get("size"))) for row in rows]
        return [(f"{folder}\\{name}", size) for name, size in named if name and size and codec_of(name)]

    async def _by_batch(self, target: Target, files: list[File], download_id: str) -> str:
        """Return the batch, "" where slskd has none at all."""
        base = UUID(guid(download_id) or str(uuid4()))
        tried: list[str] = []
        for number in range(_MOST_TRIES):
            batch = str(uuid5(base, str(number)))
            answer = await self._post(
                BATCHES,
                {
                    "id": batch,
                    "username": target.user,
                    "files": [{"filename": path, "size": size} for path, size in files],
                    "options": {"destination": f"{FOLDER}/{batch}"},
                },
                passes=(_TAKEN, *_WITHOUT_BATCHES),
            )
            if answer.status_code == _TAKEN:
                if await self._goes_on(batch):
                    return batch
                tried.append(batch)
            elif answer.status_code in _WITHOUT_BATCHES:
                if answer.status_code == _MISSING and sentence(answer):
                    raise refused(sentence(answer), target.user)
                return ""
            else:
                return await self._accepted(target, batch, tried, mapping(read(answer)))
        raise UnexpectedResponse("slskd says of every new batch that it has it already")

    async def _goes_on(self, batch: str) -> bool:
        """Whether a batch that nobody here waits for is under way, or was received.

        slskd's answer was lost, or an engine that is gone has begun it.
        """
        answer = mapping(await self._slskd.json("GET", f"{BATCHES}/{batch}"))
        found = [one for row in items(answer.get("transfers")) if (one := read_transfer(row))]
        if any(one.alive for one in found):
            return True
        landed = [one for one in found if one.succeeded and await self._landing.own(one) is not None]
        return bool(landed)

    async def _accepted(self, target: Target, batch: str, tried: list[str], answer: Any) -> str:
        if items(mapping(answer.get("batch")).get("transfers")):
            return batch
        said = next((text(mapping(one).get("message")) for one in items(answer.get("failures"))), "")
        if IN_PROGRESS in said.lower() and (others := await self.alive(target)):
            if others[0].batch in tried:
                raise Unavailable("slskd is still ending the try before")
            return others[0].batch or NO_BATCH
        raise refused(said or "it gives no reason", target.user)

    async def _by_user(self, target: Target, files: list[File]) -> str:
        if await self.alive(target):
            return NO_BATCH
        wanted = [{"filename": path, "size": size} for path, size in files]
        answer = await self._post(of_user(target.user), wanted, passes=(500,))
        if not answer.is_success:
            raise refused(sentence(answer), target.user) if sentence(answer) else self._slskd.meaning(answer)
        # An older version's body is empty, a newer one's lists what it has taken on.
        enqueued = mapping(json_of(answer)).get("enqueued")
        if enqueued is not None and not items(enqueued) and not await self.alive(target):
            raise refused("it gives no reason", target.user)
        return NO_BATCH

    async def _post(self, path: str, body: Any, passes: tuple[int, ...]) -> httpx.Response:
        return await self._slskd.ask("POST", path, json=body, passes=passes, timeout=PATIENCE)
