"""Sources that do not look after the jobs that they hand over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

from cratedig import (
    Delivery,
    DownloadState,
    OpenTransfer,
    Pending,
    SourceContext,
    TransferUpdate,
    Unavailable,
    hookimpl,
)

from .delegate import PAUSE, Delegate
from .registry import breaks


@breaks("transfers_hand_over", "return Pending(id) at once")
class BringsItAllTheSame(Delegate):
    @hookimpl
    async def download_raw(self, target_id: str, dest_dir: Path, progress: Any) -> Any:
        if target_id == "a1":
            return await super().download_raw(target_id, dest_dir, progress)
        await self.track(target_id)
        return Delivery(path=await self.bring(target_id, dest_dir, progress), name=target_id)


@breaks("transfers_hand_over", "waits for the other program")
class WaitsForTheJob(Delegate):
    @hookimpl
    async def download_raw(self, target_id: str, dest_dir: Path, progress: Any) -> Any:
        pending = await super().download_raw(target_id, dest_dir, progress)
        while not (await self.jobs())[pending.transfer_id].get("path"):
            await asyncio.sleep(PAUSE)
        return pending


@breaks("transfers_once", "2 jobs for one download")
class BeginsAnother(Delegate):
    @hookimpl
    async def download_raw(self, target_id: str, dest_dir: Path, progress: Any) -> Any:
        await self.track(target_id)
        return Pending(await self.begun(target_id, uuid4().hex))


@breaks("transfers_picked_up", "context.transfers() lists it")
class KnowsItsOwnOnly(Delegate):
    def __init__(self, context: SourceContext) -> None:
        super().__init__(context)
        self.own: set[str] = set()

    async def begun(self, target_id: str, job: str) -> str:
        self.own.add(job)
        return await super().begun(target_id, job)

    @hookimpl
    async def watch_raw(self) -> AsyncIterator[TransferUpdate]:
        async for _ in self.context.ticks(PAUSE):
            jobs = await self.jobs()
            for transfer in self.context.transfers():
                if transfer.transfer_id in self.own or transfer.transfer_id not in jobs:
                    yield self.news(transfer, jobs.get(transfer.transfer_id))


@breaks("transfers_unknown_end", "tell ERRORED")
class WaitsForEver(Delegate):
    def unknown_job(self, transfer: OpenTransfer) -> TransferUpdate:
        return TransferUpdate(transfer_id=transfer.transfer_id, state=DownloadState.IN_PROGRESS)


@breaks("transfers_unknown_end", "expected a SourceError")
class EndsWithoutAReason(Delegate):
    def unknown_job(self, transfer: OpenTransfer) -> TransferUpdate:
        return TransferUpdate(transfer_id=transfer.transfer_id, state=DownloadState.ERRORED)


@breaks("transfers_quiet", "one round without an answer ends it")
class GivesUpAtOnce(Delegate):
    @hookimpl
    async def watch_raw(self) -> AsyncIterator[TransferUpdate]:
        async for _ in self.context.ticks(PAUSE):
            try:
                jobs = await self.jobs()
            except Exception:  # noqa: BLE001 - the defect
                for transfer in self.context.transfers():
                    gone = DownloadState.ERRORED
                    yield TransferUpdate(
                        transfer_id=transfer.transfer_id, state=gone, error=Unavailable("away")
                    )
                continue
            for transfer in self.context.transfers():
                yield self.news(transfer, jobs.get(transfer.transfer_id))


@breaks("transfers_quiet", "ask once for all of them")
class AsksForEach(Delegate):
    @hookimpl
    async def watch_raw(self) -> AsyncIterator[TransferUpdate]:
        async for _ in self.context.ticks(PAUSE):
            for transfer in self.context.transfers():
                jobs = await self.jobs()
                yield self.news(transfer, jobs.get(transfer.transfer_id))


@breaks("transfers_tidy_safe", "tidy_raw(")
class TidiesOnce(Delegate):
    @hookimpl
    async def tidy_raw(self, target_id: str, transfer_id: str) -> None:
        known = await self.jobs()
        del known[transfer_id]
        await self.end(transfer_id)


@breaks("transfers_tidy_safe", "cancel_raw(")
class NeedsAnId(Delegate):
    @hookimpl
    async def cancel_raw(self, target_id: str, transfer_id: str) -> bool:
        if not transfer_id:
            raise ValueError("no id")
        await self.end(transfer_id)
        return True
