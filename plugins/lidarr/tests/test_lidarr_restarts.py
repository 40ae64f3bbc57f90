"""Lidarr or the engine goes away in the middle, or stands still: nothing begins twice or waits for ever."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cratedig import Download, DownloadEngine, DownloadState

ALBUM = "Field Recordings of Nowhere"
PROGRAM = Path(__file__).with_name("lidarr_program.py")
STAGES = {
    "metadata": "Lidarr reads the album's tracks",
    "search": "Lidarr searches its indexers",
    "queued": "queued",
    "downloading": "downloading",
    "pending": "waiting for Lidarr to import it",
    "importing": "importing",
}


@pytest.mark.parametrize("stage", ["metadata", "downloading", "importing"])
def test_lidarr_is_killed_and_comes_back(bench: Any, stage: str) -> None:
    """Its queue is empty at first and has other numbers then; the download goes on, and is begun once."""
    service = bench.service
    service.work.hold = stage

    async def use(engine: DownloadEngine) -> Download:
        download_id = await bench.dispatch(engine)
        await bench.seen(engine, download_id, STAGES[stage])
        service.kill()
        await bench.seen(engine, download_id, "no news from lidarr")
        service.start()
        service.work.hold = ""
        done: Download = await engine.wait(download_id)
        return done

    assert bench(use).state is DownloadState.COMPLETED
    assert len(service.searches()) == 1


def test_a_cancel_while_lidarr_is_away(bench: Any) -> None:
    """It is told when it is back, and does not go on for nobody."""
    service = bench.service
    service.work.hold = "downloading"

    async def use(engine: DownloadEngine) -> None:
        download_id = await bench.dispatch(engine)
        await bench.seen(engine, download_id, STAGES["downloading"])
        service.kill()
        await engine.cancel_download(download_id)
        await asyncio.sleep(0.3)
        service.start()
        await bench.until(lambda: not service.grabs())

    bench(use)


def test_a_search_that_lidarr_has_lost_is_begun_again(bench: Any) -> None:
    """A search that ran when Lidarr was killed is orphaned: that is an outage, and the retry searches."""
    service = bench.service
    service.work.hold = "search"

    async def use(engine: DownloadEngine) -> Download:
        download_id = await bench.dispatch(engine)
        await bench.seen(engine, download_id, STAGES["search"])
        await bench.until(lambda: reached(service, "search"))
        service.restart()
        service.work.hold = ""
        done: Download = await engine.wait(download_id)
        return done

    done = bench(use, retries=2)
    assert done.state is DownloadState.COMPLETED
    assert "orphaned" in done.attempts[0].reason
    assert len(service.searches()) == 2


@pytest.mark.parametrize("stage", ["metadata", "search", "downloading", "importing"])
def test_the_engine_is_closed_and_another_goes_on(bench: Any, stage: str) -> None:
    """What went on at Lidarr is picked up where it is; nothing is added or searched for a second time."""
    bench.journal = bench.folder / "journal.db"
    service = bench.service
    service.work.hold = stage

    async def first(engine: DownloadEngine) -> str:
        download_id: str = await bench.dispatch(engine)
        await bench.seen(engine, download_id, STAGES[stage])
        return download_id

    download_id = bench(first)
    service.work.hold = ""

    async def second(engine: DownloadEngine) -> Download:
        return await engine.wait(download_id)

    assert bench(second).state is DownloadState.COMPLETED
    assert len(service.searches()) == len(bench.asked("/album", "POST")) == 1


@pytest.mark.parametrize("stage", ["metadata", "search", "downloading"])
def test_the_engine_is_killed_and_another_goes_on(bench: Any, stage: str) -> None:
    """The same for a process that had no time to say goodbye."""
    bench.journal = bench.folder / "journal.db"
    service = bench.service
    service.work.hold = stage
    download_id = killed(bench, lambda: reached(service, stage))
    service.work.hold = ""
    done = bench(lambda engine: engine.wait(download_id))
    assert done.state is DownloadState.COMPLETED
    assert len(service.searches()) == len(bench.asked("/album", "POST")) == 1


@pytest.mark.parametrize("path", ["/album", "/history", "/command"])
def test_the_engine_is_killed_before_it_knows_its_job(bench: Any, path: str) -> None:
    """In the middle of adding the album: the next engine goes on with it, and knows that it was added."""
    bench.journal = bench.folder / "journal.db"
    service = bench.service
    method = "POST" if path == "/album" else "GET"
    answered = service.dispatch

    def dispatch(request: Any) -> Any:
        answer = answered(request)
        if (request.method, request.path) == (method, f"/api/v1{path}"):
            service.freeze()
        return answer

    service.dispatch = dispatch
    download_id = killed(bench, lambda: bench.asked(path, method))
    del service.dispatch
    service.thaw()
    done = bench(lambda engine: remembered(bench, engine, download_id))
    assert done.state is DownloadState.COMPLETED
    assert len(service.searches()) == len(bench.asked("/album", "POST")) == 1
    assert not service.shelf.albums[7].monitored


async def remembered(bench: Any, engine: DownloadEngine, download_id: str) -> Download:
    done = await engine.wait(download_id)
    await bench.until(lambda: not bench.service.shelf.albums[7].monitored)
    return done


def reached(service: Any, stage: str) -> bool:
    """Whether the emulator is held at that stage."""
    with service.lock:
        service.work.advance()
        if stage == "metadata":
            return bool(service.shelf.albums)
        if stage == "search":
            return any(
                one.status == "started" for one in service.work.commands.values() if "albumIds" in one.body
            )
        return any(grab.step.name == stage for grab in service.work.shown)


def killed(bench: Any, now: Any) -> str:
    """Kill an engine in a process of its own, without a warning, once ``now()`` is true; its record's id."""
    plan = {"tree": bench.tree(), "journal": str(bench.journal), "dest": str(bench.music), "album": ALBUM}
    with subprocess.Popen(
        [sys.executable, PROGRAM, json.dumps(plan)], stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        download_id = program.stdout.readline().strip()
        try:
            asyncio.run(bench.until(now))
        finally:
            program.kill()
    return download_id


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_that_never_ends(bench: Any, stage: str, out_of_time: Any) -> None:
    """Lidarr answers, and nothing moves: the record ends, says what it waited for, and Lidarr is told."""
    bench.service.work.hold = stage

    async def use(engine: DownloadEngine) -> Download:
        download_id = await bench.dispatch(engine)
        await bench.seen(engine, download_id, STAGES[stage])
        done: Download = await out_of_time(engine, download_id)
        bench.service.work.hold = ""
        await bench.until(lambda: not bench.service.grabs() and not bench.service.shelf.albums[7].monitored)
        return done

    done = bench(use)
    assert (done.state, done.code) == (DownloadState.ERRORED, "unavailable")
    assert STAGES[stage] in done.detail


@pytest.mark.parametrize("stage", ["search", "downloading"])
def test_lidarr_freezes(bench: Any, stage: str, out_of_time: Any) -> None:
    """It takes requests and answers none: the record ends and says what it waited for."""
    service = bench.service
    service.work.hold = stage

    async def use(engine: DownloadEngine) -> Download:
        download_id = await bench.dispatch(engine)
        await bench.seen(engine, download_id, STAGES[stage])
        service.freeze()
        done: Download = await out_of_time(engine, download_id)
        service.thaw()
        return done

    done = bench(use)
    assert (done.state, done.code) == (DownloadState.ERRORED, "unavailable")
    assert STAGES[stage] in done.detail


def test_lidarr_freezes_before_the_job(bench: Any, out_of_time: Any) -> None:
    """The album is still being added."""
    service = bench.service

    async def use(engine: DownloadEngine) -> Download:
        service.freeze()
        target = ("lidarr", service.foreign_id(ALBUM))
        download_id = await engine.dispatch_download(target, dest_dir=bench.music)
        await bench.until(lambda: service.log.active)
        done: Download = await out_of_time(engine, download_id)
        service.thaw()
        return done

    done = bench(use)
    assert (done.state, done.code) == (DownloadState.ERRORED, "unavailable")
