"""Two hundred downloads at once, with slskd killed twice in between."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from plugins.soulseek.tests.conftest import SoulseekBench

from cratedig import Download, DownloadEngine, DownloadState, SourceContext
from cratedig_emulators.catalogue import Track
from cratedig_emulators.soulseek import Peer, Script, SharedFile
from cratedig_soulseek.targets import Target

pytestmark = pytest.mark.alone

COUNT = 200
LIST = "/api/v0/transfers/downloads"
INTERVAL = 0.25


def people() -> list[Peer]:
    """Ten peers who share twenty files each: four seconds of one tone."""
    track = Track(artist="The Many", title="One Tone", seconds=4.0)
    return [
        Peer(
            username=f"peer {number}",
            files=[
                SharedFile(
                    path=f"m\\The Many\\{number:02}-{place:02}.mp3", track=track, codec="mp3", bitrate=64
                )
                for place in range(COUNT // 10)
            ],
        )
        for number in range(10)
    ]


@pytest.fixture
def targets(bench: Any) -> list[tuple[str, str]]:
    bench.service.plant(*people())
    return [
        ("soulseek", Target(user=peer.username, path=file.path, size=len(file.data())).text)
        for peer in bench.service.people.values()
        if peer.username.startswith("peer ") and peer.username != "peer one"
        for file in peer.files
    ]


def lane_tasks(engine: DownloadEngine) -> int:
    """How many tasks the source's lane has now."""
    source: Any = engine.client("soulseek")
    assert isinstance(source._context, SourceContext)
    lane: Any = engine._parts.sources.get("soulseek").lane
    return len(asyncio.all_tasks(lane.thread.loop))


async def begun(engine: DownloadEngine, bench: Any, targets: list[tuple[str, str]], state: str) -> list[str]:
    """Dispatch all and wait until slskd has them in that state."""
    jobs = await asyncio.gather(
        *(bench.begin(engine, target, folder=str(place)) for place, target in enumerate(targets))
    )
    await bench.until(lambda: Counter(one.state for one in bench.service.transfers())[state] >= len(targets))
    return list(jobs)


async def all_ended(engine: DownloadEngine, jobs: list[str]) -> list[Download]:
    """Their records at the end."""
    return list(await asyncio.gather(*map(engine.wait, jobs)))


def test_threads_tasks_and_requests_do_not_grow_with_the_downloads(
    bench: Any, targets: list[tuple[str, str]]
) -> None:
    """Two hundred are followed with as many threads and tasks as one, and with one look per interval."""
    bench.service.script(Script(hang="Queued, Remotely", place=9))

    async def use(engine: DownloadEngine) -> list[Download]:
        first = await begun(engine, bench, targets[:1], "Queued, Remotely")
        await _more_looks(bench)
        threads, tasks = _threads(), lane_tasks(engine)
        rest = await begun(engine, bench, targets[1:], "Queued, Remotely")
        await _more_looks(bench)
        # The lane's threads for blocking work are made when they are first needed; what began them ends soon.
        await bench.until(lambda: _threads() <= threads + 5)
        await bench.until(lambda: lane_tasks(engine) <= tasks + 2)
        await _more_looks(bench)
        bench.service.unscript()
        return await all_ended(engine, [*first, *rest])

    done = bench(use, poll_interval=INTERVAL)
    assert {one.state for one in done} == {DownloadState.COMPLETED}
    looks = sorted(seen.at for glob in (LIST, f"{LIST}/*/position") for seen in bench.service.log.all(glob))
    assert min(late - early for early, late in pairwise(looks)) >= INTERVAL
    assert bench.service.downloads.enqueued == dict.fromkeys(bench.service.downloads.enqueued, 1)


def test_slskd_killed_twice_in_the_middle_of_two_hundred(bench: Any, targets: list[tuple[str, str]]) -> None:
    """Every download ends, none stuck, none double: slskd never gets a job that it has, nor one too many."""
    service = bench.service
    service.script(Script(hang="InProgress"))

    async def use(engine: DownloadEngine) -> list[Download]:
        jobs = [await bench.begin(engine, target, folder=str(place)) for place, target in enumerate(targets)]
        for _ in range(2):
            await bench.until(lambda: Counter(one.state for one in service.transfers())["InProgress"] >= 60)
            await asyncio.to_thread(service.kill)
            await asyncio.sleep(0.3)
            await asyncio.to_thread(service.start)
        service.unscript()
        return await all_ended(engine, jobs)

    done = bench(use, engine={"retries": 8}, poll_interval=INTERVAL)
    ended = Counter(one.state for one in done)
    assert ended[DownloadState.COMPLETED] + ended[DownloadState.ERRORED] == COUNT
    assert all(one.detail for one in done if one.state is DownloadState.ERRORED)
    assert ended[DownloadState.COMPLETED] >= COUNT * 0.95, Counter(one.detail for one in done)
    killed = Counter(
        (one.username, one.filename) for one in service.transfers() if "shut down" in one.exception
    )
    assert killed.total() >= 100
    for file, count in service.downloads.enqueued.items():
        assert count <= 1 + killed[file]
        assert service.downloads.served[file] <= 1
    assert len(bench.left()) == ended[DownloadState.COMPLETED]
    assert bench.settled()


def _threads() -> int:
    """Those of this process but for the emulator's own."""
    names = [thread.name for thread in threading.enumerate()]
    return sum("process_request_thread" not in name and not name.startswith("soulseek-") for name in names)


async def _more_looks(bench: SoulseekBench, count: int = 4) -> None:
    """Wait until slskd has been asked some more times."""
    before = _looks(bench)
    await bench.until(lambda: _looks(bench) >= before + count)


def _looks(bench: SoulseekBench) -> int:
    return bench.looks() + bench.looks(f"{LIST}/*/position")
