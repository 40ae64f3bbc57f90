"""A lane's threads: a loop that nothing ends, and a pool that keeps no program alive."""

from __future__ import annotations

import asyncio
import gc
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import CancelledError
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from core.tests.fakes import Fake, deliver, running

from cratedig import SearchStatus
from cratedig._runtime.loop import LoopThread
from cratedig._runtime.pool import DaemonPool


def test_the_loop_survives_a_task_that_wants_to_end_the_program(caplog: pytest.LogCaptureFixture) -> None:
    """SystemExit out of a task that a plugin has started by itself is logged; the lane goes on."""

    async def ends() -> None:
        raise SystemExit(1)

    async def search(query: str, _wanted: object) -> list[Any]:
        if query == "bad":
            search.task = asyncio.get_running_loop().create_task(ends())  # type: ignore[attr-defined]
            await asyncio.wait({search.task})  # type: ignore[attr-defined]
        return []

    async def main() -> None:
        async with running(Fake(search=search)) as engine:
            await engine.search("bad")
            report = await engine.search("good")
            assert report.outcomes["fake"].status is SearchStatus.EMPTY
        search.task.exception()  # type: ignore[attr-defined]

    asyncio.run(main())
    assert "tried to end the program" in caplog.text


def test_work_for_a_loop_that_has_ended_is_cancelled() -> None:
    """Nobody waits for it, and no coroutine is left behind."""
    thread = LoopThread("test")
    thread.start()
    assert thread.stop(30.0)

    async def work() -> None:
        raise AssertionError

    with pytest.raises(CancelledError):
        thread.submit(work()).result(30)


def test_ending_a_loop_ends_its_tasks() -> None:
    """What is under way is cancelled and may clean up."""
    thread, begun, cleaned = LoopThread("test"), Event(), Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            cleaned.set()

    future = thread.submit(work())
    assert begun.wait(30)
    assert thread.stop(30.0)
    assert cleaned.is_set()
    assert future.cancelled()


def test_ending_a_loop_lets_its_youngest_tasks_begin() -> None:
    """A task that was made in the loop's last round awaits what it was given before it is cancelled."""
    thread, ends = LoopThread("test"), Event()
    seen: list[str] = []

    async def inner() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            seen.append("ended")

    async def wrapped(work: Any) -> None:
        await work

    async def outer() -> None:
        task = asyncio.get_running_loop().create_task(wrapped(inner()))
        await task

    thread.call(ends.wait, 30)  # so that the end is in the queue right behind the outer task
    thread.submit(outer())
    stopping = threading.Thread(target=thread.stop, args=(30.0,))
    stopping.start()
    while not thread._closing:
        time.sleep(0.01)
    time.sleep(0.1)
    ends.set()
    stopping.join()
    assert seen == ["ended"]


def test_ending_a_loop_lets_a_cancelled_task_clean_up() -> None:
    """What is closing a connection because it was cancelled is not cancelled once more while it does."""
    thread, begun = LoopThread("test"), Event()
    seen: list[str] = []

    async def closes() -> None:
        try:
            begun.set()
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.1)
            seen.append("closed")

    future = thread.submit(closes())
    assert begun.wait(30)
    future.cancel()
    time.sleep(0.02)
    assert thread.stop(30.0)
    assert seen == ["closed"]


def test_a_task_that_waits_for_a_slow_thread_is_not_destroyed(caplog: pytest.LogCaptureFixture) -> None:
    """Whoever stops the loop need not wait longer, but the task keeps its loop until the thread is done."""
    thread, begun, slow = LoopThread("test"), Event(), Event()
    seen: list[str] = []

    async def work() -> None:
        done = asyncio.get_running_loop().run_in_executor(None, slow.wait, 60)
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            await done
            seen.append("ended")

    thread.submit(work())
    assert begun.wait(30)
    assert not thread.stop(2.5)
    slow.set()
    assert thread.stop(30.0)
    assert seen == ["ended"]
    gc.collect()
    assert not caplog.text


@pytest.mark.parametrize("started", [True, False])
def test_stopping_a_loop_again_and_again_lets_its_tasks_end(started: bool) -> None:
    """Of many who stop it at once none cuts short what the first has begun; nor does one who comes early."""
    thread, begun, seen = LoopThread("test"), Event(), []

    async def work() -> None:
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            for _ in range(20):
                await asyncio.sleep(0.01)
            seen.append("ended")

    thread.submit(work())
    if started:
        assert begun.wait(30)
    while not thread.stop(0.005):
        pass
    assert seen == ["ended"]


def test_ending_a_loop_closes_what_is_left_open() -> None:
    """A connection that nobody has closed does not outlive the loop that it was made on."""
    thread, kept = LoopThread("test"), []

    async def connects(port: int) -> None:
        kept.append(await asyncio.open_connection("127.0.0.1", port))

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread.submit(connects(server.getsockname()[1])).result(10)
        connection, _ = server.accept()
        with connection:
            connection.settimeout(10)
            assert thread.stop(30.0)
            assert connection.recv(1) == b""


def test_a_pool_has_no_more_threads_than_its_size_and_they_are_reused() -> None:
    """Twenty jobs by three threads; the size can be raised while it is in use."""
    pool = DaemonPool("test", 3)
    names: set[int] = set()

    def job() -> None:
        names.add(threading.get_ident())
        time.sleep(0.01)

    for future in [pool.submit(job) for _ in range(20)]:
        future.result(30)
    assert len(names) <= 3
    assert pool.threads <= 3
    pool.size = 6
    gate = Event()
    waiting = [pool.submit(gate.wait, 30) for _ in range(6)]
    assert pool.threads == 6
    gate.set()
    assert all(future.result(30) for future in waiting)
    pool.shutdown()
    with pytest.raises(RuntimeError):
        pool.submit(job)


def test_what_a_job_raises_belongs_to_whoever_waits() -> None:
    """SystemExit included; the thread goes on."""
    pool = DaemonPool("test", 1)

    def ends() -> None:
        raise SystemExit(1)

    future = pool.submit(ends)
    with pytest.raises(SystemExit):
        future.result(30)
    assert pool.submit(lambda: 1).result(30) == 1
    pool.shutdown()


PROGRAM = """
import asyncio, sys, time
sys.path.insert(0, sys.argv[1])
import fakes

async def hangs(*_):
    time.sleep(100_000)

class Threaded(fakes.Fake):
    def __init__(self, context):
        super().__init__("threaded")
        self.context = context
        self.download = self.in_a_thread

    async def in_a_thread(self, *_):
        await self.context.run_blocking(time.sleep, 100_000)

async def main():
    async with fakes.running(fakes.Fake("blocked", download=hangs)) as engine:
        engine.register_plugin(Threaded, name="threaded")
        for name in ("blocked", "threaded"):
            await engine.dispatch_download((name, "1"), dest_dir=sys.argv[2])
        sources = [engine.client("blocked"), engine.client("threaded")]
        await fakes.until(lambda: all(source.asked("download") for source in sources))

asyncio.run(main())
print("ended")
"""


def test_a_source_that_hangs_does_not_keep_the_program_alive(tmp_path: Path) -> None:
    """A loop that is blocked and a thread that never returns: the program ends all the same."""
    arguments = [sys.executable, "-c", PROGRAM, str(Path(__file__).parents[1]), str(tmp_path)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "ended", done.stderr


def test_code_in_a_thread_may_call_back_into_the_loop(tmp_path: Path) -> None:
    """`from_thread` returns what the coroutine does; outside of `run_blocking` it says so."""

    class Threaded(Fake):
        def __init__(self, context: Any) -> None:
            super().__init__()
            self.context = context
            self.download = self.in_a_thread

        async def in_a_thread(self, target_id: str, dest_dir: Path, _progress: object) -> Path:
            await self.context.run_blocking(self.work)
            return deliver(dest_dir, target_id)

        def work(self) -> None:
            for _ in range(3):
                self.context.from_thread(self.context.permit)

    async def main() -> None:
        async with running() as engine:
            engine.register_plugin(Threaded, name="fake")
            done = await engine.wait(await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path))
            assert done.state == "Completed", done.detail
            with pytest.raises(RuntimeError, match="run_blocking"):
                engine.client("fake").context.from_thread(asyncio.sleep, 0)

    asyncio.run(main())


def test_jobs_that_follow_each_other_need_one_thread() -> None:
    """Whoever hands in a job as soon as the one before is done finds its thread free."""
    pool = DaemonPool("test", 8)
    for _ in range(2000):
        pool.submit(int).result(30)
    assert pool.threads == 1
    pool.shutdown()
