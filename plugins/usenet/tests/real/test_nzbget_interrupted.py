"""Cancelled, killed and restarted in the middle of a real download."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from plugins.usenet.tests.real.bench import WANTED, Bench
from plugins.usenet.tests.real.processes import until

from cratedig import Download, DownloadEngine, DownloadState

Files = Mapping[str, bytes]


def test_cancel_removes_the_job_and_its_files(bench: Bench, files: Files) -> None:
    """Half an album is gone from NZBGet, and it asks the news server for nothing more."""
    bench.offer(files)

    async def cancelled(engine: DownloadEngine) -> Download | None:
        download_id = await bench.held(engine)
        assert bench.nzbget.files()
        assert await engine.cancel_download(download_id)
        await bench.cleared(engine)
        return await engine.get_download_status(download_id)

    record = bench(cancelled)
    assert record is not None
    assert record.state is DownloadState.CANCELLED
    served = len(bench.news.served)
    bench.news.release()
    assert bench.published() == {}
    assert bench.nzbget.queue() == []
    assert len(bench.news.served) <= served + 4  # what its connections had asked for already


def test_job_that_is_paused_at_nzbget_waits_and_says_so(bench: Bench, files: Files) -> None:
    """What a person does there shows in the record, and the download goes on when it is resumed."""
    bench.offer(files)

    async def paused(engine: DownloadEngine) -> Download:
        download_id = await bench.held(engine)
        (job,) = bench.nzbget.queue()
        assert bench.nzbget.call("editqueue", "GroupPause", "", [job["NZBID"]])
        bench.news.release()
        await bench.says(engine, download_id, "paused in NZBGet")
        assert bench.nzbget.call("editqueue", "GroupResume", "", [job["NZBID"]])
        return await bench.ended(engine, download_id)

    record = bench(paused)
    assert record.state is DownloadState.COMPLETED, record.detail
    assert bench.published() == files


def test_job_that_a_person_deletes_at_nzbget_ends(bench: Bench, files: Files) -> None:
    """The record does not wait for what nobody works on, and the job is not started anew."""
    bench.offer(files)

    async def deleted(engine: DownloadEngine) -> Download:
        download_id = await bench.held(engine)
        (job,) = bench.nzbget.queue()
        assert bench.nzbget.call("editqueue", "GroupFinalDelete", "", [job["NZBID"]])
        return await engine.wait(download_id)

    record = bench(deleted)
    assert record.state is DownloadState.ERRORED
    assert "deleted" in record.detail
    assert bench.jobs() == 1


def test_cancelled_release_can_be_asked_for_again(bench: Bench, files: Files) -> None:
    """What NZBGet remembers of a deleted job does not make it refuse the next one."""
    bench.offer(files)

    async def again(engine: DownloadEngine) -> Download:
        await engine.cancel_download(first := await bench.held(engine))
        await asyncio.to_thread(until, lambda: not bench.nzbget.queue())
        bench.news.release()
        return await bench.ended(engine, await engine.retry_download(first))

    record = bench(again)
    assert record.state is DownloadState.COMPLETED, record.detail
    assert bench.published() == files


def test_killed_nzbget_goes_on_with_its_queue_while_the_engine_waits(bench: Bench, files: Files) -> None:
    """The record stays under way while NZBGet is gone, and ends well after it is back."""
    bench.offer(files)

    async def through(engine: DownloadEngine) -> Download:
        download_id = await bench.held(engine)
        bench.nzbget.kill()
        seen = await bench.seen(engine, download_id, "no news from usenet")
        assert seen.state is DownloadState.IN_PROGRESS
        await asyncio.to_thread(bench.nzbget.start)
        bench.news.release()
        return await bench.ended(engine, download_id)

    record = bench(through)
    assert record.state is DownloadState.COMPLETED, record.detail
    assert bench.published() == files
    assert bench.jobs() == 1


def test_closed_engine_is_followed_by_one_that_picks_the_job_up(bench: Bench, files: Files) -> None:
    """The job goes on at NZBGet and is finished by the next engine; there was no other."""
    bench.offer(files)
    download_id = bench(bench.held)
    bench.news.release()
    record = bench(lambda engine: bench.ended(engine, download_id))
    assert record.state is DownloadState.COMPLETED, record.detail
    assert bench.published() == files
    assert bench.jobs() == 1


def test_killed_command_is_resumed(bench: Bench, files: Files) -> None:
    """`cratedig resume` finishes what a killed `cratedig get` had begun, with the job that NZBGet has."""
    bench.offer(files)
    person = bench.person()
    bench.news.hold(after=10)
    with person.killing("get", "--artist", WANTED.artist, "--album", WANTED.album):
        until(bench.halfway)
    bench.news.release()
    person.run("resume")
    assert bench.published() == files
    assert bench.jobs() == 1
    assert bench.visible() == []


def test_command_leaves_nothing_of_a_failure(bench: Bench, files: Files) -> None:
    """The command waits until NZBGet has forgotten the job, although it ends with an error."""
    bench.news.lose(bench.offer(files)[5:9])
    bench.person().run("get", "--artist", WANTED.artist, "--album", WANTED.album, code=4)
    assert bench.jobs() == 1
    assert bench.visible() == []
    assert bench.nzbget.files() == []
