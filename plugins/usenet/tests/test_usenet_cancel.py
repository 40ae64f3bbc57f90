"""A cancel removes the job and its files, whatever it is doing."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from plugins.usenet.tests.conftest import Bench

from cratedig import DownloadEngine, DownloadState
from cratedig_emulators.server import Fault, Response

STAGES = ("queued", "downloading", "checking", "unpacking", "moving", "ending")


@pytest.mark.parametrize("stage", STAGES)
def test_cancel_removes_job_and_files(bench: Any, stage: str) -> None:
    """At every stage: the record is Cancelled, the job is gone, and no file stays anywhere."""
    bench.client.hold = stage

    async def use(engine: DownloadEngine) -> DownloadState:
        download_id = await bench.begin(engine)
        await bench.until(lambda: any(job.stage == stage for job in bench.client.jobs.values()))
        await bench.until(lambda: stage != "downloading" or bench.client.partial())
        await engine.cancel_download(download_id)
        done = await engine.wait(download_id)
        await bench.until(lambda: not bench.client.jobs)
        return done.state

    assert bench(use) is DownloadState.CANCELLED
    assert not bench.client.partial()
    assert not [path for path in bench.client.complete.rglob("*") if path.is_file()]
    assert bench.left() == []


def test_folder_goes_though_the_client_stumbles(newznab: Any, sabnzbd: Any, tmp_path: Any) -> None:
    """SABnzbd goes away after it has said that it has the job: later both are removed, job and files."""
    bench: Any = Bench(newznab, sabnzbd, tmp_path)
    sabnzbd.hold = "ending"
    stumbles, folders = [Response(status=503)], sabnzbd._fullstatus
    sabnzbd._fullstatus = lambda *args: stumbles.pop() if stumbles else folders(*args)

    async def use(engine: DownloadEngine) -> None:
        download_id = await bench.begin(engine)
        await bench.until(lambda: any(job.stage == "ending" for job in sabnzbd.jobs.values()))
        await engine.cancel_download(download_id)
        await bench.until(lambda: not sabnzbd.jobs and not list(sabnzbd.complete.rglob("*.flac")))

    bench(use)
    assert stumbles == []


def test_cancel_while_the_job_is_handed_over(bench: Any) -> None:
    """The client has the job and its answer is still on the way: it is found by its mark and removed."""
    bench.spoil_adding(Fault(stall_at=1))

    async def use(engine: DownloadEngine) -> DownloadState:
        download_id = await bench.begin(engine)
        await bench.until(lambda: bench.client.jobs)
        await engine.cancel_download(download_id)
        done = await engine.wait(download_id)
        await bench.until(lambda: not bench.client.jobs)
        return done.state

    assert bench(use) is DownloadState.CANCELLED
    assert len(bench.client.added) == 1


def test_cancel_of_one_leaves_the_other(bench: Any) -> None:
    """Of two downloads of one release, the cancel of the one leaves the other's job alone."""
    bench.client.hold = "downloading"

    async def use(engine: DownloadEngine) -> tuple[DownloadState, DownloadState]:
        one, other = await bench.begin(engine), await bench.begin(engine)
        await bench.until(lambda: len(bench.client.jobs) == 2)
        await engine.cancel_download(one)
        await bench.until(lambda: len(bench.client.jobs) == 1)
        bench.client.hold = ""
        return (await engine.wait(one)).state, (await engine.wait(other)).state

    assert bench(use) == (DownloadState.CANCELLED, DownloadState.COMPLETED)


def test_cancel_touches_nobody_elses_job(bench: Any) -> None:
    """What the person has queued there himself stays, with its files."""
    nzb = bench.indexer.release("kettle").nzb
    bench.client.hold = "downloading"
    bench.client.add("My own", nzb)

    async def use(engine: DownloadEngine) -> None:
        download_id = await bench.begin(engine)
        await bench.until(lambda: len(bench.client.jobs) == 2)
        await engine.cancel_download(download_id)
        await bench.until(lambda: len(bench.client.jobs) == 1)
        await asyncio.sleep(0.2)

    bench(use)
    assert [job.name for job in bench.client.jobs.values()] == ["My own"]


def test_number_that_begins_anew_is_not_the_same_job(newznab: Any, nzbget: Any, tmp_path: Any) -> None:
    """NZBGet has lost its queue and given the number to another job: that is neither taken nor removed."""
    bench: Any = Bench(newznab, nzbget, tmp_path)
    nzbget.hold = "downloading"

    async def use(engine: DownloadEngine) -> str:
        download_id = await bench.begin(engine)
        await bench.until(lambda: nzbget.jobs)
        nzbget.forget()
        nzbget._ids = 0
        nzbget.add("My own", newznab.release("kettle").nzb)
        return (await engine.wait(download_id)).code

    assert bench(use) == "not-found"
    assert [(job.id, job.name) for job in nzbget.jobs.values()] == [("1", "My own")]
