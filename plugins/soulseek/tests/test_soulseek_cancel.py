"""A download that nobody wants any more ends at slskd, too, at whatever stage it was."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from cratedig import DownloadEngine, DownloadState
from cratedig_contracts.patience import within
from cratedig_emulators.server import Fault
from cratedig_emulators.soulseek import Script

LIST = "/api/v0/transfers/downloads"

STAGES = {
    "Queued, Locally": "queued in slskd",
    "Requested": "asking peer one",
    "Queued, Remotely": "in the queue of peer one",
    "Initializing": "asking peer one",
    "InProgress": "coming from peer one",
}


@pytest.mark.parametrize(
    ("stage", "old"),
    [*((stage, False) for stage in STAGES), ("Queued, Remotely", True), ("InProgress", True)],
)
def test_cancel_at_every_stage(bench: Any, stage: str, old: bool) -> None:
    """The record is Cancelled; slskd's transfer ends, and its record and its part of a file are gone."""
    bench.service.old = old
    bench.service.script(Script(hang=stage, place=5))

    async def use(engine: DownloadEngine) -> Any:
        job = await bench.begin(engine)
        await bench.seen(engine, job, STAGES[stage])
        await engine.cancel_download(job)
        await _gone(bench)
        return await engine.wait(job)

    done = bench(use)
    assert done.state is DownloadState.CANCELLED
    (transfer,) = bench.service.transfers()
    assert transfer.state == "Completed, Cancelled"
    assert (bench.left(), bench.left_there()) == ([], [])


def test_cancel_while_the_file_is_on_its_way(bench: Any) -> None:
    """Received and not yet in its place: it is removed when it gets there."""
    bench.service.script(Script(move_delay=None))

    async def use(engine: DownloadEngine) -> Any:
        job = await bench.begin(engine)
        await bench.seen(engine, job, "moving it to its place")
        told = bench.looks(f"{LIST}/peer one")
        await engine.cancel_download(job)
        await bench.until(lambda: bench.looks(f"{LIST}/peer one") > told + 1)
        bench.land()
        await _gone(bench)
        return await engine.wait(job)

    assert bench(use).state is DownloadState.CANCELLED
    assert bench.settled()
    assert (bench.left(), bench.left_there()) == ([], [])


def test_cancel_that_slskd_does_not_carry_out_at_once(bench: Any) -> None:
    """A transfer that goes on after it was told to end is told so again."""
    bench.service.script(Script(hang="InProgress"))
    bench.service.fault(f"DELETE {LIST}/*", Fault(status=204, times=1))

    async def use(engine: DownloadEngine) -> Any:
        job = await bench.begin(engine)
        await bench.seen(engine, job, "coming from peer one")
        await engine.cancel_download(job)
        await _gone(bench)
        return await engine.wait(job)

    assert bench(use).state is DownloadState.CANCELLED
    assert bench.settled()
    assert (bench.left(), bench.left_there()) == ([], [])


def test_file_that_comes_when_the_engine_is_gone_is_removed_by_the_next(bench: Any) -> None:
    """The cancel found the file on its way; who opens the engine again has it finished."""
    bench.service.script(Script(move_delay=None))
    bench.journal = bench.folder / "journal.db"

    async def cancel(engine: DownloadEngine) -> None:
        job = await bench.begin(engine)
        await bench.seen(engine, job, "moving it to its place")
        await engine.cancel_download(job)

    async def later(_: DownloadEngine) -> bool:
        return await asyncio.to_thread(bench.settled)

    bench(cancel)
    assert len(bench.records()) == 1
    bench.land()
    assert bench(later)
    assert (bench.left(), bench.left_there()) == ([], [])


def test_cancel_before_slskd_has_answered(bench: Any) -> None:
    """The call that enqueues goes on at slskd: what comes of it is ended as soon as it is listed."""
    bench.service.script(Script(hang="Queued, Remotely"))

    async def use(engine: DownloadEngine) -> Any:
        job = await bench.begin(engine)
        await bench.until(lambda: bench.looks(f"{LIST}/batches"))
        await engine.cancel_download(job)
        now.set()
        await bench.until(bench.service.transfers)
        await _gone(bench)
        return await engine.wait(job)

    with bench.answers_later() as now:
        assert bench(use).state is DownloadState.CANCELLED
    assert [one.state for one in bench.service.transfers()] == ["Completed, Cancelled"]


def test_cancel_of_one_leaves_the_other_that_waits_for_the_same(bench: Any) -> None:
    """Two records, one transfer: it goes on for the one that is left."""
    bench.service.script(Script(hang="InProgress"))

    async def use(engine: DownloadEngine) -> Any:
        one, other = [await bench.begin(engine, folder=name) for name in ("one", "other")]
        for job in (one, other):
            await bench.seen(engine, job, "coming from peer one")
        await engine.cancel_download(one)
        await asyncio.sleep(0.3)
        bench.service.unscript()
        return [await engine.wait(job) for job in (one, other)]

    states = [done.state for done in bench(use)]
    assert states == [DownloadState.CANCELLED, DownloadState.COMPLETED]


def test_cancel_while_slskd_is_down(bench: Any) -> None:
    """The record ends at once; nothing else is waited for."""
    bench.service.script(Script(hang="InProgress"))

    async def use(engine: DownloadEngine) -> Any:
        job = await bench.begin(engine)
        await bench.seen(engine, job, "coming from peer one")
        bench.service.freeze()
        await engine.cancel_download(job)
        done = await within(20, engine.wait(job))
        bench.service.thaw()
        return done

    assert bench(use).state is DownloadState.CANCELLED


def test_cancelled_can_be_wanted_again(bench: Any) -> None:
    """A new download of the same target is a new job at slskd."""
    bench.service.script(Script(hang="InProgress"))

    async def use(engine: DownloadEngine) -> Any:
        job = await bench.begin(engine)
        await bench.seen(engine, job, "coming from peer one")
        await engine.cancel_download(job)
        await _gone(bench)
        bench.service.unscript()
        return await engine.wait(await bench.begin(engine))

    assert bench(use).state is DownloadState.COMPLETED
    assert bench.service.downloads.enqueued.total() == 2


def test_cancel_leaves_what_somebody_has_begun_in_slskd(bench: Any) -> None:
    """It was only waited for."""
    bench.service.script(Script(hang="InProgress"))
    path = "@@abcde\\Music\\The Brass Lanterns\\Slow Tram Home (2021)\\02 - Copper Rain.flac"
    size = len(bench.service.people["peer one"].find(path).data())
    with bench.service.lock:
        bench.service.downloads.enqueue("peer one", [(path, size)], str(uuid4()))

    async def use(engine: DownloadEngine) -> Any:
        job = await bench.begin(engine)
        await bench.seen(engine, job, "coming from peer one")
        await engine.cancel_download(job)
        await asyncio.sleep(0.3)
        return await engine.wait(job)

    assert bench(use).state is DownloadState.CANCELLED
    assert [one.state for one in bench.records()] == ["InProgress"]


def test_cancel_leaves_a_file_of_the_same_name_alone(bench: Any) -> None:
    """Two albums of one peer begin with a file of one name; the part of the other stays."""
    bench.service.script(Script(hang="InProgress"))
    other = (
        bench.service.folder / "incomplete" / "peer one" / "Music" / "Other Album" / "02 - Copper Rain.flac"
    )
    other.parent.mkdir(parents=True)
    other.write_bytes(b"half of it")

    async def use(engine: DownloadEngine) -> Any:
        job = await bench.begin(engine)
        await bench.seen(engine, job, "coming from peer one")
        await engine.cancel_download(job)
        await _gone(bench)
        return await engine.wait(job)

    assert bench(use).state is DownloadState.CANCELLED
    assert bench.left_there() == [str(other.relative_to(bench.service.folder))]


async def _gone(bench: Any) -> None:
    await bench.until(lambda: not bench.records())
