"""Nothing waits for ever: whatever stands still, the record ends and says what it waited for."""

from __future__ import annotations

from typing import Any

import pytest

from cratedig import Download, DownloadEngine, DownloadState


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
def test_job_that_stands_still_ends_with_what_it_did(
    bench: Any, stage: str, told: str, out_of_time: Any
) -> None:
    """The client answers and its job never moves: Errored, with the stage, and the job removed."""
    bench.client.hold = stage

    async def use(engine: DownloadEngine) -> Download:
        download_id = await bench.begin(engine)
        await bench.until(lambda: any(job.stage == stage for job in bench.client.jobs.values()))
        await bench.seen(
            engine, download_id, lambda found: any(one in found.detail for one in told.split("|"))
        )
        done: Download = await out_of_time(engine, download_id)
        await bench.until(lambda: not bench.client.jobs)
        return done

    done = bench(use)
    assert (done.state, done.code) == (DownloadState.ERRORED, "unavailable")
    assert any(words in done.detail for words in told.split("|")), done.detail


def test_client_that_freezes_ends_the_download(bench: Any, out_of_time: Any) -> None:
    """The client takes connections and answers none of them."""
    bench.client.hold = "downloading"

    async def use(engine: DownloadEngine) -> Download:
        download_id = await bench.begin(engine)
        await bench.until(lambda: any(job.got for job in bench.client.jobs.values()))
        bench.client.freeze()
        done: Download = await out_of_time(engine, download_id)
        bench.client.thaw()
        return done

    done = bench(use)
    assert (done.state, done.code) == (DownloadState.ERRORED, "unavailable")
    assert "downloading" in done.detail or "waiting" in done.detail


@pytest.mark.parametrize("who", ["indexer", "client"])
def test_hand_over_that_freezes_ends_the_download(bench: Any, who: str, out_of_time: Any) -> None:
    """Indexer or client do not answer while the job is handed over."""

    async def use(engine: DownloadEngine) -> Download:
        found = await bench.found(engine)
        service = getattr(bench, who)
        service.freeze()
        download_id = await engine.dispatch_download(found, dest_dir=bench.music)
        await bench.until(lambda: service.log.active)
        done: Download = await out_of_time(engine, download_id)
        service.thaw()
        return done

    done = bench(use)
    assert (done.state, done.code) == (DownloadState.ERRORED, "unavailable"), done.detail
    assert "waiting for the first bytes" in done.detail or "no answer" in done.detail
