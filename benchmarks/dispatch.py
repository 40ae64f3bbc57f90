"""10,000 downloads that do nothing: lanes and records against a thread for each download."""

from __future__ import annotations

import asyncio
import threading
import time
from uuid import uuid4

from benchmarks.fakes import Instant
from benchmarks.measuring import Line, in_turn
from cratedig import AttemptOutcome, DownloadEngine, DownloadState

COUNT = 10_000
DEST = "/tmp/cratedig-benchmark"  # nothing is written there
SLOTS = 8


async def _lanes() -> float:
    async with DownloadEngine({}) as engine:
        engine.register_plugin(Instant("instant"))
        parts = engine._parts  # noqa: SLF001 - only the work itself is replaced, by none
        table = parts.table

        async def nothing(record_id: str) -> None:
            record = table.get(record_id)
            candidate = record.candidate
            run = record.begin(candidate) if candidate else None
            if run is None:
                raise RuntimeError("nobody else works on these records")
            table.commit(record, DownloadState.INITIALIZING)
            attempt = record.ended(run, AttemptOutcome.COMPLETED, None, None)
            record.complete(run, attempt, (), record.dest_dir, "")
            table.commit(record, DownloadState.IN_PROGRESS)

        parts.performing.perform = nothing  # type: ignore[method-assign]
        started = time.perf_counter()
        ids = [await engine.dispatch_download(("instant", str(n)), dest_dir=DEST) for n in range(COUNT)]
        await engine.wait(ids[-1])
        while any(not table.get(download_id).shown.terminal for download_id in ids):
            await asyncio.sleep(0.001)
        return COUNT / (time.perf_counter() - started)


def _threads() -> float:
    """What the programs of today do: a dictionary behind a lock, a thread for each, a semaphore."""
    lock, slots = threading.RLock(), threading.Semaphore(SLOTS)
    downloads: dict[str, dict[str, object]] = {}

    def work(download_id: str) -> None:
        with slots:
            with lock:
                downloads[download_id]["state"] = "InProgress"
            with lock:
                downloads[download_id].update(state="Completed", progress=100.0)

    started = time.perf_counter()
    threads = []
    for number in range(COUNT):
        download_id = str(uuid4())
        with lock:
            downloads[download_id] = {
                "id": download_id,
                "target": str(number),
                "state": "Initializing",
                "progress": 0.0,
            }
        thread = threading.Thread(target=work, args=(download_id,), daemon=True)
        thread.start()
        threads.append(thread)
    for thread in threads:
        thread.join()
    return COUNT / (time.perf_counter() - started)


def run() -> list[Line]:
    """Downloads a second."""
    ours, other = in_turn(lambda: asyncio.run(_lanes()), _threads)
    return [
        Line("10,000 no-op downloads", f"{ours:,.0f}/s", f"thread each: {other:,.0f}/s", ours / other, 5.0)
    ]
