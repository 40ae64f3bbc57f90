"""A queued download is a small record: no task, no thread, less than 4 KB."""

from __future__ import annotations

import asyncio
import gc
import threading
import tracemalloc
from pathlib import Path

import pytest
from core.tests.fakes import Fake, forever, running, until

from cratedig import RateLimits

pytestmark = pytest.mark.alone

COUNT = 10_000
SOURCES = 4
OTHER_THREADS = 8
"""The pulse, the desk, a journal's, and the test's own."""


def test_ten_thousand_queued_downloads_are_small_and_have_no_threads(tmp_path: Path) -> None:
    """Threads are bounded by the lanes; memory grows by less than 4 KB for each."""
    limits = RateLimits(concurrent_downloads=2)
    sources = [Fake(f"s{n}", download=forever, limits=limits) for n in range(SOURCES)]

    async def main() -> None:
        async with running(*sources) as engine:
            targets = [(f"s{n % SOURCES}", f"target-{n}") for n in range(COUNT)]
            for target in targets[: 2 * SOURCES]:
                await engine.dispatch_download(target, dest_dir=tmp_path)
            await until(lambda: all(len(source.asked("download")) == 2 for source in sources))
            gc.collect()
            tracemalloc.start()
            before = tracemalloc.get_traced_memory()[0]
            for target in targets[2 * SOURCES :]:
                await engine.dispatch_download(target, dest_dir=tmp_path)
            gc.collect()
            each = (tracemalloc.get_traced_memory()[0] - before) / (COUNT - 2 * SOURCES)
            tracemalloc.stop()
            tasks = len(asyncio.all_tasks())
            threads = [thread for thread in threading.enumerate() if thread.name.startswith("cratedig")]
            assert len(await engine.get_all_downloads()) == COUNT
            assert each < 4096
            assert len(threads) <= SOURCES + OTHER_THREADS
            assert tasks <= 2
            assert all(len(source.asked("download")) == 2 for source in sources)

    asyncio.run(main())


def test_hundreds_of_downloads_all_end_with_as_few_threads(tmp_path: Path) -> None:
    """While they are carried out, threads are bounded by the lanes' concurrency."""
    limits = RateLimits(concurrent_downloads=4)
    source = Fake(limits=limits)
    most = 0

    async def main() -> None:
        nonlocal most
        async with running(source) as engine:
            targets = [("fake", str(n)) for n in range(400)]
            ids = [await engine.dispatch_download(t, dest_dir=tmp_path) for t in targets]
            for download_id in ids:
                await engine.wait(download_id)
                most = max(most, sum(t.name.startswith("cratedig") for t in threading.enumerate()))
            assert {str(d.state) for d in await engine.get_all_downloads()} == {"Completed"}

    asyncio.run(main())
    assert most <= 1 + 2 * limits.concurrent_downloads + limits.concurrent_searches + 1 + OTHER_THREADS
