"""The source without a defect that hands its work to another program; broken ones inherit from it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from cratedig import (
    Check,
    DownloadState,
    Kind,
    NotFound,
    OpenTransfer,
    Pending,
    RawSearchResult,
    SourceError,
    Transfer,
    TransferUpdate,
    Wanted,
    hookimpl,
)
from cratedig.reading import items, mapping, require_items, require_mapping, text, whole

from .good import Good

PAUSE = 0.02


class Delegate(Good):
    """Keeps the contract of sources that delegate: tracks and albums, by the jobs of a daemon."""

    def facts(self) -> dict[str, Any]:
        return {**super().facts(), "transfer": Transfer.EVENTS, "delivers": {Kind.TRACK, Kind.ALBUM}}

    @hookimpl
    async def search_raw(  # type: ignore[override]
        self, query: str, wanted: Wanted
    ) -> list[RawSearchResult]:
        if wanted.kind is Kind.ALBUM:
            answer = require_mapping(await self.ask(f"/albums?q={quote(query)}"), "albums")
            return [self.album(mapping(one)) for one in require_items(answer.get("items"), "items")]
        return self.read(await self.ask(f"/search?q={quote(query)}"))

    @hookimpl
    async def download_raw(self, target_id: str, dest_dir: Path, progress: Any) -> Any:
        await self.track(target_id)
        return Pending(await self.begun(target_id, self.context.download_id))

    @hookimpl
    async def watch_raw(self) -> AsyncIterator[TransferUpdate]:
        async for _ in self.context.ticks(PAUSE):
            jobs = await self.jobs()
            for transfer in self.context.transfers():
                yield self.news(transfer, jobs.get(transfer.transfer_id))

    @hookimpl
    async def cancel_raw(self, target_id: str, transfer_id: str) -> bool:
        await self.end(transfer_id)
        return True

    @hookimpl
    async def tidy_raw(self, target_id: str, transfer_id: str) -> None:
        await self.end(transfer_id)

    @hookimpl
    async def diagnose_raw(self) -> list[Check]:
        import httpx  # noqa: PLC0415 - as a source should

        try:
            known = await self.jobs()
        except httpx.HTTPError as error:
            return [self.trouble(self.context.meaning(error))]
        except SourceError as error:
            return [self.trouble(error)]
        return [Check(name="daemon", ok=True, detail=f"it has {len(known)} jobs")]

    def trouble(self, error: SourceError) -> Check:
        """What is to be said of a daemon that does not answer."""
        return Check(name="daemon", ok=False, detail=error.message, hint="start it, or set base_url")

    async def begun(self, target_id: str, job: str) -> str:
        """Begin the job, unless it is there already; its id."""
        known = require_mapping(await self.ask(f"/jobs/{job}"), "job")
        if not items(known.get("items")):
            url = f"{self.base_url}/jobs/{job}"
            await self.context.request_json("PUT", url, params={"target": target_id})
        return job

    async def jobs(self) -> dict[str, Any]:
        """What the daemon has."""
        answer = require_mapping(await self.ask("/jobs"), "jobs")
        rows = map(mapping, require_items(answer.get("items"), "items"))
        return {text(row.get("id")): row for row in rows}

    async def end(self, job: str) -> None:
        """Have the daemon end and forget a job; where it does not know it, there is nothing to do."""
        await self.context.http.delete(f"{self.base_url}/jobs/{quote(job, safe='')}")

    def news(self, transfer: OpenTransfer, job: Any) -> TransferUpdate:
        """How one stands."""
        if job is None:
            return self.unknown_job(transfer)
        return TransferUpdate(
            transfer_id=transfer.transfer_id,
            state=DownloadState.COMPLETED if job.get("path") else DownloadState.IN_PROGRESS,
            path=Path(text(job.get("path"))) if job.get("path") else None,
            transferred=whole(job.get("done")),
            size=whole(job.get("size")),
        )

    def unknown_job(self, transfer: OpenTransfer) -> TransferUpdate:
        """What becomes of one that the daemon does not have."""
        error = NotFound("the daemon does not know the job")
        return TransferUpdate(transfer_id=transfer.transfer_id, state=DownloadState.ERRORED, error=error)

    def album(self, one: Any) -> RawSearchResult:
        """One album."""
        return RawSearchResult(
            kind=Kind.ALBUM,
            target_id=text(one.get("id")) or "nameless",
            title=text(one.get("title")),
            artist=text(one.get("artist")),
            album=text(one.get("album")),
            track_count=whole(one.get("tracks")),
        )
