"""Client or engine are restarted in the middle: the job is gone on with, and never started twice."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cratedig import Download, DownloadEngine, DownloadState
from cratedig_contracts.patience import blocking_until
from cratedig_emulators.server import Fault

NOTHING_YET = ("", "asking the source", "waiting for the first bytes")
PROGRAM = Path(__file__).with_name("usenet_program.py")


@pytest.mark.parametrize("stage", ["queued", "downloading", "unpacking", "moving"])
def test_client_is_killed_and_comes_back(bench: Any, stage: str) -> None:
    """The download waits for the client and ends Completed, with one job."""
    bench.client.hold = stage

    async def use(engine: DownloadEngine) -> Download:
        download_id = await bench.begin(engine)
        await bench.until(lambda: any(job.stage == stage for job in bench.client.jobs.values()))
        await _has_transfer(bench, engine, download_id)
        bench.client.kill()
        await asyncio.sleep(0.3)
        bench.client.hold = ""
        bench.client.start()
        return await engine.wait(download_id)

    done = bench(use)
    assert done.state is DownloadState.COMPLETED, done.detail
    assert len(bench.client.added) == 1


def test_cancel_while_the_client_is_away(bench: Any) -> None:
    """It is told when it is back, and does not go on for nobody."""
    bench.client.hold = "downloading"

    async def use(engine: DownloadEngine) -> None:
        download_id = await bench.begin(engine)
        await _has_transfer(bench, engine, download_id)
        bench.client.kill()
        assert await engine.cancel_download(download_id)
        await asyncio.sleep(0.3)
        bench.client.start()
        await bench.until(lambda: not bench.client.jobs)

    bench(use)


@pytest.mark.parametrize("stage", ["queued", "downloading", "moving"])
def test_engine_is_closed_and_opened_again(bench: Any, stage: str) -> None:
    """The next engine picks the job up where it is; the client was given it once."""
    bench.journal = bench.folder / "journal.db"
    bench.client.hold = stage

    async def begin(engine: DownloadEngine) -> str:
        download_id: str = await bench.begin(engine)
        await bench.until(lambda: any(job.stage == stage for job in bench.client.jobs.values()))
        await _has_transfer(bench, engine, download_id)
        return download_id

    async def end(engine: DownloadEngine) -> Download:
        bench.client.hold = ""
        return await engine.wait(download_id)

    download_id = bench(begin)
    done = bench(end)
    assert done.state is DownloadState.COMPLETED, done.detail
    assert len(bench.client.added) == 1


def test_job_that_has_ended_meanwhile_is_delivered(bench: Any) -> None:
    """The client has finished while no engine was there."""
    bench.journal = bench.folder / "journal.db"
    bench.client.hold = "queued"

    async def begin(engine: DownloadEngine) -> str:
        download_id: str = await bench.begin(engine)
        await bench.until(lambda: bench.client.jobs)
        await _has_transfer(bench, engine, download_id)
        return download_id

    download_id = bench(begin)
    bench.client.hold = ""
    asyncio.run(bench.until(lambda: not bench.client.alive()))
    done = bench(lambda engine: engine.wait(download_id))
    assert done.state is DownloadState.COMPLETED, done.detail
    assert len(bench.client.added) == 1


def test_engine_is_killed_with_the_job_under_way(bench: Any) -> None:
    """Kill -9 while the client downloads: a new engine delivers the one job."""
    done = killed(bench, lambda: any(job.got for job in bench.client.jobs.values()))
    assert done.state is DownloadState.COMPLETED, done.detail
    assert len(bench.client.added) == 1


def test_engine_is_killed_before_it_knows_the_job(bench: Any) -> None:
    """Kill -9 between the client's taking the job and the record's knowing it: it is found by its mark."""
    bench.spoil_adding(Fault(stall_at=1))
    done = killed(bench, lambda: bool(bench.client.jobs))
    assert done.state is DownloadState.COMPLETED, done.detail
    assert len(bench.client.added) == 1


def test_answer_that_is_lost_starts_nothing_twice(bench: Any) -> None:
    """The connection breaks when the client has taken the job: the next try finds it there."""
    bench.spoil_adding(Fault(truncate_at=1))
    done = bench.download(engine={"retries": 2})
    assert done.state is DownloadState.COMPLETED, done.detail
    assert len(done.attempts) == 2
    assert len(bench.client.added) == 1


def test_job_that_has_failed_is_started_anew_when_wanted_again(bench: Any) -> None:
    """A retry of a failed download is a new job."""
    bench.client.verdicts[""] = "FAILURE/BAD" if bench.client.name == "nzbget" else "Unwanted extension"

    async def use(engine: DownloadEngine) -> Download:
        download_id = await bench.begin(engine)
        assert (await engine.wait(download_id)).state is DownloadState.ERRORED
        bench.client.verdicts.clear()
        return await engine.wait(await engine.retry_download(download_id))

    done = bench(use)
    assert done.state is DownloadState.COMPLETED, done.detail
    assert len(bench.client.added) == 2


def killed(bench: Any, moment: Callable[[], bool]) -> Download:
    """Start the download in another process, kill that at ``moment``; the record, ended by a new engine."""
    bench.journal = bench.folder / "journal.db"
    bench.client.hold = "downloading"
    plan = {"tree": bench.tree(), "journal": str(bench.journal), "dest": str(bench.music)}
    with subprocess.Popen(
        [sys.executable, PROGRAM, json.dumps(plan)], stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        download_id = program.stdout.readline().strip()
        try:
            assert blocking_until(moment, 30)
            time.sleep(0.3)
        finally:
            program.kill()
    bench.client.hold = ""
    done: Download = bench(lambda engine: engine.wait(download_id))
    return done


async def _has_transfer(bench: Any, engine: DownloadEngine, download_id: str) -> None:
    """Wait until the record says what the client does, so that the job's id is written down."""
    await bench.seen(engine, download_id, lambda record: record.detail not in NOTHING_YET)
