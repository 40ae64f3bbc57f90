"""Pain 18: a network error in one plugin aborts the batch. A failure is confined to its item."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import httpx
from core.tests.fakes import Fake, deliver, files, running, waited

from cratedig import DownloadState

Progress = Callable[..., None]
TROUBLE = [
    httpx.ConnectError("refused"),
    httpx.ReadTimeout("too slow"),
    OSError(28, "No space left on device"),
    ValueError("a bug"),
    SystemExit(1),
]


async def _every_other(target_id: str, dest_dir: Path, _progress: Progress) -> Path:
    number = int(target_id)
    if number % 2:
        raise TROUBLE[number // 2 % len(TROUBLE)]
    return deliver(dest_dir, target_id)


def test_every_other_item_of_a_batch_fails_and_the_rest_arrives(tmp_path: Path) -> None:
    """Twenty targets, ten kinds of trouble: ten files, ten reasons, nothing raised at the caller."""
    settings = {"retries": 0, "breaker_failures": 1000}

    async def main() -> None:
        async with running(Fake(download=_every_other), engine=settings) as engine:
            ids = [await engine.dispatch_download(("fake", str(n)), dest_dir=tmp_path) for n in range(20)]
            done = await waited(engine, ids)
        good = [download for download in done if download.state is DownloadState.COMPLETED]
        assert sorted(int(download.target_id) for download in good) == list(range(0, 20, 2))
        assert all(download.detail and download.code for download in done if download not in good)
        assert files(tmp_path) == sorted(f"{n}.wav" for n in range(0, 20, 2))

    asyncio.run(main())


def test_one_source_in_trouble_leaves_the_searches_of_the_others_alone() -> None:
    """The report has the others' results, and the reason for the one that failed."""

    async def broken(*_: object) -> None:
        raise httpx.ConnectError("refused")

    async def main() -> None:
        async with running(Fake("bad", search=broken), Fake("good"), engine={"retries": 0}) as engine:
            report = await engine.search("song")
        assert [found.source for found in report] == ["good"]
        assert report.outcomes["bad"].code == "unavailable"
        assert report.outcomes["bad"].reason

    asyncio.run(main())
