"""Two hundred transfers at one program: as many threads and tasks as for one, and one stream of news."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable
from pathlib import Path

from core.tests.fakes import files, until, waited
from core.tests.otherprogram import Program, delegating

from cratedig import DownloadState

COUNT = 200
MOST_THREADS = 3
"""What the take-over of finished files may add: it has one of the lane's threads at a time."""


def _names() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("cratedig")]


def _tasks(loop: asyncio.AbstractEventLoop) -> int:
    names = [getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks(loop)]
    return sum(name not in TIDYING for name in names)


def test_two_hundred_transfers_wait_and_end_in_constant_threads_and_tasks(tmp_path: Path) -> None:
    """While they wait, and while all complete at once; one status request each interval, one stream."""
    program = Program(tmp_path / "there", interval=0.1)
    music = tmp_path / "music"

    async def main() -> None:
        async with delegating(program, journal=tmp_path / "journal.db") as engine:
            first = await engine.dispatch_download(("fake", "0"), dest_dir=music)
            await until(lambda: program.rounds > 1)
            loop = engine._parts.sources.get("fake").lane.thread.loop
            alone = (len(_names()), _tasks(loop))
            targets = [("fake", str(number)) for number in range(1, COUNT)]
            ids = [first, *[await engine.dispatch_download(target, dest_dir=music) for target in targets]]
            await until(lambda: len(program.jobs) == COUNT)
            await until(lambda: _tasks(loop) <= alone[1] + 1)
            assert len(_names()) <= alone[0] + MOST_THREADS
            begun, rounds = loop.time(), program.rounds
            await asyncio.sleep(0.3)
            assert program.rounds - rounds <= (loop.time() - begun) / program.interval + 1
            _all_at_once(program, range(COUNT))
            most = await _most(loop, waited(engine, ids))
            done = await waited(engine, ids)
            assert {one.state for one in done} == {DownloadState.COMPLETED}
            assert most[0] <= alone[0] + MOST_THREADS, _names()
            assert most[1] <= alone[1] + 2
            await until(lambda: program.open == 0 and len(program.asked("tidy")) == COUNT)

    asyncio.run(main())
    assert program.most_open == 1
    assert sorted(program.asked("tidy")) == sorted(program.asked("start"))
    assert len(files(music)) == COUNT


TIDYING = ("Settling._tidied", "_run")
"""What tells the program to forget that which has just been taken over. It is done at once, and how much is
under way at a time is the machine's business."""


def _all_at_once(program: Program, numbers: Iterable[int]) -> None:
    for number in numbers:
        path = program.put(f"job-{number}/{number}.wav", 0.1, number)
        program.jobs[f"job-{number}"] = {"state": "Completed", "path": str(path)}


async def _most(loop: asyncio.AbstractEventLoop, end: object) -> tuple[int, int]:
    """The most threads and tasks that there were until ``end``."""
    ending = asyncio.ensure_future(end)  # type: ignore[call-overload]
    threads = tasks = 0
    while not ending.done():
        threads, tasks = max(threads, len(_names())), max(tasks, _tasks(loop))
        await asyncio.sleep(0.01)
    return threads, tasks
