"""The news of all transfers, out of one request for each look."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from cratedig import (
    AlbumFile,
    DownloadState,
    NotConfigured,
    OpenTransfer,
    SourceContext,
    SourceError,
    TransferUpdate,
    Unavailable,
)
from cratedig.reading import whole
from cratedig_soulseek import names
from cratedig_soulseek.client import Slskd
from cratedig_soulseek.enqueuing import NO_BATCH, Enqueuing
from cratedig_soulseek.landing import FOLDER, Landing, find_cut
from cratedig_soulseek.settings import SoulseekSettings
from cratedig_soulseek.targets import Target, parse, split
from cratedig_soulseek.transfers import Transfer, latest, read_transfers
from cratedig_soulseek.vocabulary import failed

SETTLED = 2.0
"""Seconds for which a failure that may pass, or a record that is missing, has to stand to be believed."""
CUT = 10.0
"""Seconds after which a file of another size than promised is handed over as it is, to be refused."""
LANDED = 45.0
"""Seconds that slskd may take to put a file into its place."""
_LONGEST_RETRY = 120.0
_PLACE_EVERY = 4
"""Each so many looks, one asks a peer for a place in his queue in place of asking slskd for the list."""


def handle(batch: str, count: int, target: Target) -> str:
    """Return the transfer id of a job: its batch, how many files it has, and what else tells it from others.

    Two downloads of one target get the same: they are one job.
    """
    return f"{batch}/{count}/{uuid5(NAMESPACE_URL, target.text)}"


def batch_of(transfer_id: str) -> str:
    """Return the batch in a transfer id."""
    return transfer_id.partition("/")[0]


class Watching:
    """One stream of news. What it keeps is about what it has seen itself, and lost with it."""

    def __init__(self, context: SourceContext, slskd: Slskd, enqueuing: Enqueuing, landing: Landing) -> None:
        self._context = context
        self._slskd = slskd
        self._enqueuing = enqueuing
        self._landing = landing
        self._doubts: dict[str, float] = {}
        self._places: dict[str, int] = {}
        self._asked: dict[str, float] = {}

    async def news(self) -> AsyncIterator[TransferUpdate]:
        """Tell of every transfer that the engine waits for, once in each look at slskd."""
        settings: SoulseekSettings = self._context.settings
        listed: list[Transfer] = []
        looks = 0
        async for _ in self._context.ticks(settings.poll_interval):
            looks += 1
            if looks % _PLACE_EVERY == 0 and (one := self._longest_unasked(listed)):
                await self._ask_place(one)
                continue
            # Taken before the list: what begins meanwhile is not missing from it.
            waited = self._context.transfers()
            listed = read_transfers(await self._slskd.json("GET", "/transfers/downloads"))
            async for update in self._look(waited, listed):
                yield update

    async def _look(
        self, waited: tuple[OpenTransfer, ...], listed: list[Transfer]
    ) -> AsyncIterator[TransferUpdate]:
        now = time.monotonic()
        doubts, self._doubts = self._doubts, {}
        by_user = defaultdict(list)
        for one in listed:
            by_user[one.user].append(one)
        for open_ in waited:
            try:
                target = parse(open_.target_id)
                mine = _latest(_matching(by_user[target.user], target, batch_of(open_.transfer_id)))
                since = doubts.get(open_.transfer_id, now)
                shared = (
                    sum(batch_of(other.transfer_id) == batch_of(open_.transfer_id) for other in waited) > 1
                )
                update = await self._update(open_, target, mine, now - since, shared=shared)
            except SourceError as error:
                update = _ended(open_, error)
            if update is None:
                self._doubts[open_.transfer_id] = since
                update = TransferUpdate(
                    transfer_id=open_.transfer_id, state=DownloadState.IN_PROGRESS, detail=_doubt(mine)
                )
            yield update

    async def _update(
        self, open_: OpenTransfer, target: Target, mine: list[Transfer], doubted: float, *, shared: bool
    ) -> TransferUpdate | None:
        """Return the news of one job, ``None`` while it is not sure.

        :raises SourceError: it has failed.
        """
        if not mine:
            if doubted < self._patience:
                return None
            raise Unavailable("slskd no longer has it on its list", hint="was it restarted, or cleared?")
        if any(one.alive for one in mine):
            return self._progress(open_, mine)
        if any(_may_still_pass(one, doubted, self._patience) for one in mine):
            return None
        if all(one.failure for one in mine):
            raise failed(mine[0].failure, mine[0].told, mine[0].user)
        return await self._completed(open_, target, mine, doubted, shared=shared)

    @property
    def _patience(self) -> float:
        interval: float = self._context.settings.poll_interval
        return max(SETTLED, 1.5 * interval)

    def _progress(self, open_: OpenTransfer, mine: list[Transfer]) -> TransferUpdate:
        leader = max((one for one in mine if one.alive), key=lambda one: one.got or 0)
        detail = leader.doing
        if leader.queued and not leader.place and leader.id in self._places:
            detail = f"place {self._places[leader.id]} in the queue of {leader.user}"
        if len(mine) > 1:
            detail = f"{sum(one.succeeded for one in mine)} of {len(mine)} files; {detail}"
        return TransferUpdate(
            transfer_id=open_.transfer_id,
            state=DownloadState.IN_PROGRESS,
            transferred=sum(one.got or 0 for one in mine),
            size=sum(one.size or 0 for one in mine) or None,
            detail=detail,
        )

    async def _completed(
        self, open_: OpenTransfer, target: Target, mine: list[Transfer], doubted: float, *, shared: bool
    ) -> TransferUpdate | None:
        """Return the news that all is there, ``None`` while a file is still being moved."""
        landed: list[tuple[Transfer, Path]] = []
        for one in mine:
            if one.succeeded:
                path = await self._file(one, doubted)
                if path is None:
                    return None
                landed.append((one, path))
        news = TransferUpdate(
            transfer_id=open_.transfer_id,
            state=DownloadState.COMPLETED,
            transferred=sum(one.size or 0 for one, _ in landed),
            path=landed[0][1],
            # A track that an album's job brings along stays there for the album.
            keep=(shared and bool(mine[0].batch)) or not all(one.own for one in mine),
        )
        return await self._album(news, target, mine, landed) if target.folders else news

    async def _file(self, transfer: Transfer, doubted: float) -> Path | None:
        """Return where a received file is, ``None`` while it may still be on its way there.

        :raises NotConfigured: it has been on its way for too long.
        """
        found = await self._landing.own(transfer)
        if found is None and (not transfer.own or not transfer.batch or doubted > SETTLED):
            found = await self._landing.anywhere(transfer)
        if found is not None:
            return found
        places = await self._landing.places()
        if doubted > CUT and places.root is not None and transfer.batch:
            cut = await self._context.run_blocking(find_cut, places.root / FOLDER / transfer.batch, transfer)
            if cut is not None:
                return cut
        if doubted < LANDED:
            return None
        raise NotConfigured(
            f"slskd has received {split(transfer.path)[1]!r}, which is not below {str(places.root)!r}",
            hint="set download_dir to slskd's downloads folder as this machine sees it; `cratedig doctor` "
            "proves it",
        )

    async def _album(
        self,
        news: TransferUpdate,
        target: Target,
        mine: list[Transfer],
        landed: list[tuple[Transfer, Path]],
    ) -> TransferUpdate:
        promised = [one.path for one in mine]
        count = whole(news.transfer_id.split("/")[1]) or 0
        if len(promised) < count:
            # slskd has refused some of them at once; the peer's list has their names.
            promised = [path for path, _ in await self._enqueuing.files(target)]
        here = {one.path for one, _ in landed}
        files = tuple(
            AlbumFile(path=path, name=_title(one.path, target), size=one.size) for one, path in landed
        )
        missing = tuple(_title(path, target) for path in promised if path not in here)
        return TransferUpdate(
            transfer_id=news.transfer_id,
            state=DownloadState.COMPLETED,
            transferred=news.transferred,
            files=files,
            missing=missing,
            keep=news.keep,
        )

    def _longest_unasked(self, listed: list[Transfer]) -> Transfer | None:
        waited = {batch_of(one.transfer_id) for one in self._context.transfers()}
        queued = [one for one in listed if one.queued and not one.place and (one.batch or NO_BATCH) in waited]
        return min(queued, key=lambda one: self._asked.get(one.id, 0.0), default=None)

    async def _ask_place(self, one: Transfer) -> None:
        """Ask a peer for one place in his queue; slskd keeps it up to date only when it is asked."""
        self._asked[one.id] = time.monotonic()
        try:
            answer = await self._slskd.json(
                "GET", f"/transfers/downloads/{quote(one.user, safe='')}/{one.id}/position"
            )
        except SourceError as error:
            self._context.log.debug("place in the queue of %s: %s", one.user, error)
            return
        if place := whole(answer):
            self._places[one.id] = place


def _matching(listed: list[Transfer], target: Target, batch: str) -> list[Transfer]:
    return [one for one in listed if batch in (NO_BATCH, one.batch) and target.covers(one.user, one.path)]


def _latest(listed: list[Transfer]) -> list[Transfer]:
    by_path = defaultdict(list)
    for one in listed:
        by_path[one.path].append(one)
    return [newest for some in by_path.values() if (newest := latest(some))]


def _may_still_pass(one: Transfer, doubted: float, patience: float) -> bool:
    """Whether slskd may be about to try again: it shows the failure for a moment all the same."""
    if not one.may_pass or doubted > _LONGEST_RETRY:
        return False
    return doubted < patience or (one.next_attempt is not None and time.time() < one.next_attempt + 5.0)


def _doubt(mine: list[Transfer]) -> str:
    if not mine:
        return "slskd does not list it"
    if any(one.failure for one in mine):
        return f"slskd may try again: {next(one.told for one in mine if one.failure)}"
    return "slskd is moving it to its place"


def _title(path: str, target: Target) -> str:
    """Return what to call an album's file, below a folder for its disc where there are several."""
    folder, name = split(path)
    stem = name.rpartition(".")[0] or name
    number = names.disc(folder)
    return f"CD {number}/{stem}" if len(target.folders) > 1 and number else stem


def _ended(open_: OpenTransfer, error: SourceError) -> TransferUpdate:
    return TransferUpdate(transfer_id=open_.transfer_id, state=DownloadState.ERRORED, error=error)
