"""Progress of 8 sources at once: plain attributes of one attempt against a dictionary behind a lock each."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from benchmarks.measuring import Line, in_turn
from cratedig._downloads.meter import Meter

SOURCES = 8
THREADS = 4
UPDATES = 50_000


def _together(workers: list[Callable[[], None]]) -> float:
    threads = [threading.Thread(target=worker) for worker in workers]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - started


def _meters() -> float:
    def lane() -> None:
        meters = [Meter(1 << 30) for _ in range(THREADS)]
        for done in range(UPDATES):
            for meter in meters:
                meter.report(done, 1 << 30)

    return SOURCES * THREADS * UPDATES / _together([lane] * SOURCES)


def _locks() -> float:
    """A lock for each source, a thread for each download that works progress out, as programs of today do."""

    def worker(lock: threading.RLock, downloads: dict[str, dict[str, float]], key: str) -> Callable[[], None]:
        def update() -> None:
            for done in range(UPDATES):
                with lock:
                    if key in downloads:
                        entry = downloads[key]
                        elapsed = time.time() - entry["started"]
                        entry["transferred"] = done
                        entry["progress"] = done / UPDATES * 100
                        entry["speed"] = done / elapsed if elapsed else 0.0
                        entry["remaining"] = (UPDATES - done) / (entry["speed"] or 1.0)

        return update

    workers = []
    for _ in range(SOURCES):
        lock = threading.RLock()
        downloads: dict[str, dict[str, float]] = {str(n): {"started": time.time()} for n in range(THREADS)}
        workers += [worker(lock, downloads, str(n)) for n in range(THREADS)]
    return SOURCES * THREADS * UPDATES / _together(workers)


def run() -> list[Line]:
    """Updates a second."""
    ours, other = in_turn(_meters, _locks, rounds=3)
    return [
        Line(
            "progress updates, 8 sources at once",
            f"{ours:,.0f}/s",
            f"RLock each: {other:,.0f}/s",
            ours / other,
            5.0,
        )
    ]
