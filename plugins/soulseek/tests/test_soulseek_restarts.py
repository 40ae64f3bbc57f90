"""The other program, or this one, goes away in the middle: nothing is lost, stuck or done twice."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from typing import Any

import pytest

from cratedig import DownloadEngine, DownloadState
from cratedig_contracts.patience import blocking_until
from cratedig_emulators.soulseek import Script

PATIENT = {"retries": 5}


@pytest.mark.parametrize("forgets", [True, False])
@pytest.mark.parametrize("stage", ["Queued, Remotely", "InProgress"])
def test_slskd_is_killed_and_comes_back(bench: Any, stage: str, forgets: bool) -> None:
    """What was under way has failed, or slskd has never heard of it: it is enqueued once more."""
    service = bench.service
    service.forgets = forgets
    service.script(Script(hang=stage, place=3))

    async def use(engine: DownloadEngine) -> Any:
        job = await bench.begin(engine)
        await bench.seen(engine, job, "peer one")
        await asyncio.to_thread(service.kill)
        service.unscript()
        await asyncio.sleep(0.3)
        await asyncio.to_thread(service.start)
        return await engine.wait(job)

    done = bench(use, engine=PATIENT)
    assert done.state is DownloadState.COMPLETED, done.detail
    assert service.downloads.enqueued.total() == 2
    assert service.downloads.served.total() == 1


def test_cancel_while_slskd_is_away(bench: Any) -> None:
    """It is told when it is back: the transfer is not left in its list."""
    service = bench.service
    service.script(Script(hang="InProgress"))

    async def use(engine: DownloadEngine) -> None:
        job = await bench.begin(engine)
        await bench.seen(engine, job, "peer one")
        await asyncio.to_thread(service.kill)
        assert await engine.cancel_download(job)
        await asyncio.sleep(0.3)
        await asyncio.to_thread(service.start)
        assert await asyncio.to_thread(bench.settled)

    bench(use)


def test_slskd_that_is_done_by_the_time_it_comes_back(bench: Any) -> None:
    """Killed between the last byte and the move: the file gets to its place, and is taken over as it is."""
    service = bench.service
    service.script(Script(move_delay=None))

    async def use(engine: DownloadEngine) -> Any:
        job = await bench.begin(engine)
        await bench.seen(engine, job, "moving it to its place")
        await asyncio.to_thread(service.restart)
        bench.land()
        return await engine.wait(job)

    done = bench(use)
    assert done.state is DownloadState.COMPLETED, done.detail
    assert service.downloads.enqueued.total() == 1


@pytest.mark.parametrize("old", [True, False])
def test_engine_is_closed_and_opened_again(bench: Any, old: bool) -> None:
    """The job that went on at slskd is picked up, be it under way or done by then."""
    bench.service.old = old
    bench.service.script(Script(hang="InProgress"))
    bench.journal = bench.folder / "journal.db"

    async def begin(engine: DownloadEngine) -> list[str]:
        titles = ("Copper Rain", "Winter Timetable")
        jobs = [await bench.begin(engine, bench.target(title)) for title in titles]
        for job in jobs:
            await bench.seen(engine, job, "coming from peer one")
        return jobs

    async def end(engine: DownloadEngine) -> list[Any]:
        bench.service.unscript()
        return [await engine.wait(job) for job in jobs]

    jobs = bench(begin)
    bench.service.script(Script(), path="*Copper*")
    assert _until(lambda: "Completed, Succeeded" in [one.state for one in bench.service.transfers()])
    assert [done.state for done in bench(end)] == [DownloadState.COMPLETED] * 2
    assert bench.service.downloads.enqueued.total() == 2
    assert bench.settled()


def test_engine_is_killed_with_kill_9(bench: Any) -> None:
    """A process that dies without a word: the next one takes the files over, and enqueues nothing."""
    bench.service.script(Script(hang="InProgress"))
    bench.journal = bench.folder / "journal.db"
    program = _program(bench)
    try:
        assert _until(lambda: "InProgress" in [one.state for one in bench.service.transfers()])
        assert _until(lambda: bench.looks() > 5)
    finally:
        os.kill(program.pid, signal.SIGKILL)
        program.wait()
    bench.service.unscript()

    async def end(engine: DownloadEngine) -> list[Any]:
        return [await engine.wait(done.id) for done in await engine.get_all_downloads()]

    (done,) = bench(end)
    assert done.state is DownloadState.COMPLETED, done.detail
    assert bench.service.downloads.enqueued.total() == 1
    assert len(list(bench.music.glob("*.flac"))) == 1


@pytest.mark.parametrize("received", [False, True])
def test_engine_dies_before_it_has_written_the_job_down(bench: Any, received: bool) -> None:
    """The answer to the call was under way: the next engine finds the job, or what has come of it by then."""
    bench.service.script(Script(hang="" if received else "InProgress"))
    bench.journal = bench.folder / "journal.db"
    with bench.answers_later():
        program = _program(bench)
        try:
            assert _until(lambda: bench.looks("/api/v0/transfers/downloads/batches") == 1)
        finally:
            os.kill(program.pid, signal.SIGKILL)
            program.wait()
    assert _until(lambda: bench.service.downloads.enqueued.total() == 1)
    if received:
        assert _until(lambda: list(bench.service.downloads.downloads.rglob("*.flac")))

    async def end(engine: DownloadEngine) -> list[Any]:
        jobs = await engine.get_all_downloads()
        if not received:
            await bench.seen(engine, jobs[0].id, "coming from peer one")
            bench.service.unscript()
        return [await engine.wait(done.id) for done in jobs]

    (done,) = bench(end)
    assert done.state is DownloadState.COMPLETED, done.detail
    assert bench.service.downloads.enqueued.total() == 1


FROZEN = {
    "Queued, Locally": "queued in slskd",
    "Queued, Remotely": "place 4 in the queue of peer one",
    "InProgress": "coming from peer one",
}


@pytest.mark.parametrize("stage", FROZEN)
def test_transfer_that_hangs_at_slskd_ends(bench: Any, stage: str, out_of_time: Any) -> None:
    """Every stage has a deadline, and the record says what it has waited for."""
    bench.service.script(Script(hang=stage, place=4))

    async def use(engine: DownloadEngine) -> Any:
        job = await bench.begin(engine)
        await bench.seen(engine, job, FROZEN[stage])
        return await out_of_time(engine, job)

    done = bench(use)
    assert (done.state, done.code) == (DownloadState.ERRORED, "unavailable")
    assert FROZEN[stage] in done.detail
    assert bench.settled()


@pytest.mark.parametrize("stage", ["before", *FROZEN])
def test_frozen_slskd_ends(bench: Any, stage: str, out_of_time: Any) -> None:
    """A slskd that answers nothing any more, at whatever stage: the record ends, and says since when."""
    service = bench.service
    service.script(Script(hang=stage, place=4))

    async def use(engine: DownloadEngine) -> Any:
        if stage == "before":
            service.freeze()
        job = await bench.begin(engine)
        if stage == "before":
            await bench.until(lambda: service.log.active)
        else:
            await bench.seen(engine, job, FROZEN[stage])
            service.freeze()
        done = await out_of_time(engine, job)
        service.thaw()
        return done

    done = bench(use)
    assert (done.state, done.code) == (DownloadState.ERRORED, "unavailable")
    assert ("waiting for the first bytes" if stage == "before" else FROZEN[stage]) in done.detail


def _program(bench: Any) -> subprocess.Popen[bytes]:
    """Another process with an engine that downloads, and waits."""
    text = f"""
        import asyncio
        from cratedig import DownloadEngine

        async def main():
            async with DownloadEngine.open({bench.tree()!r}, journal={str(bench.journal)!r}) as engine:
                job = await engine.dispatch_download({bench.target()!r}, dest_dir={str(bench.music)!r})
                await engine.wait(job)

        asyncio.run(main())
    """
    return subprocess.Popen([sys.executable, "-c", textwrap.dedent(text)], cwd=bench.folder)


def _until(true: Any, seconds: float = 25.0) -> bool:
    return blocking_until(true, seconds)
