"""Nothing waits for ever: whatever stands still, the record ends and says what it waited for."""

from __future__ import annotations

from typing import Any

import pytest

from cratedig import Download, DownloadEngine, DownloadState

IMPATIENT = {"engine": {"queue_patience": 1.0}, "stall_timeout": 1.0}


@pytest.mark.parametrize(
    ("stage", "told"),
    [
        ("queued", "waiting in NZBGet's queue|downloading"),
        ("downloading", "downloading"),
        ("checking", "verifying"),
        ("unpacking", "unpacking"),
        ("moving", "moving|Moving"),
        ("ending", "finishing|Moving"),
    ],
)
def test_job_that_stands_still_ends_with_what_it_did(bench: Any, stage: str, told: str) -> None:
    """The client answers and its job never moves: Errored, with the stage, and the job removed."""
    bench.client.hold = stage

    async def use(engine: DownloadEngine) -> Download:
        done = await engine.wait(await bench.begin(engine))
        await bench.until(lambda: not bench.client.jobs)
        return done

    done = bench(use, **IMPATIENT)
    assert (done.state, done.code) == (DownloadState.ERRORED, "unavailable")
    assert any(words in done.detail for words in told.split("|")), done.detail


def test_client_that_freezes_ends_the_download(bench: Any) -> None:
    """The client takes connections and answers none of them."""
    bench.client.hold = "downloading"

    async def use(engine: DownloadEngine) -> Download:
        download_id = await bench.begin(engine)
        await bench.until(lambda: any(job.got for job in bench.client.jobs.values()))
        bench.client.freeze()
        done = await engine.wait(download_id)
        bench.client.thaw()
        return done

    done = bench(use, **IMPATIENT)
    assert (done.state, done.code) == (DownloadState.ERRORED, "unavailable")
    assert "downloading" in done.detail or "waiting" in done.detail


@pytest.mark.parametrize("who", ["indexer", "client"])
def test_hand_over_that_freezes_ends_the_download(bench: Any, who: str) -> None:
    """Indexer or client do not answer while the job is handed over."""

    async def use(engine: DownloadEngine) -> Download:
        found = await bench.found(engine)
        getattr(bench, who).freeze()
        done = await engine.wait(await engine.dispatch_download(found, dest_dir=bench.music))
        getattr(bench, who).thaw()
        return done

    done = bench(use, **IMPATIENT)
    assert (done.state, done.code) == (DownloadState.ERRORED, "unavailable"), done.detail
    assert "waiting for the first bytes" in done.detail or "no answer" in done.detail
