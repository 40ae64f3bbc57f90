"""A source that blocks its loop, floods the engine or answers rubbish costs the others next to nothing."""

from __future__ import annotations

import asyncio
import itertools
import tempfile
import threading
import time
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.fakes import Instant
from benchmarks.measuring import Line
from cratedig import DownloadEngine, NotFound, RawSearchResult, hookimpl

DELAY = 0.12
"""Seconds that a good service takes for a search or a file: those of a network, not of a processor."""
ROUNDS = 20
GOOD = ("a", "b", "c")


class Good(Instant):
    """Delivers a second of silence, in three parts."""

    @hookimpl
    async def download_raw(self, target_id: str, dest_dir: Path, progress: Callable[..., None]) -> Path:
        """Take as long as a search."""
        for part in range(3):
            await asyncio.sleep(DELAY / 3)
            progress(part, 3)
        path = dest_dir / f"{target_id}.wav"
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", ""))
            file.writeframes(bytes(16_000))
        return path


class Bad(Instant):
    """Misbehaves until it is let off."""

    def __init__(self, kind: str) -> None:
        super().__init__("bad")
        self.kind = kind
        self.let_off = threading.Event()
        self.long = "x" * 10_000_000

    @hookimpl
    async def search_raw(self, query: str) -> list[RawSearchResult]:
        """Block the loop, or answer with ten megabytes a title."""
        if self.kind == "blocks its loop":
            self.let_off.wait()
        answer: Any = [{"target_id": query, "title": self.long}] * 200
        return list(answer)

    @hookimpl
    async def download_raw(self, target_id: str, dest_dir: Path, progress: Callable[..., None]) -> Path:
        """Report progress as fast as it goes, and bring nothing."""
        for number in itertools.count():
            progress(number, 10**12, "at full speed")
            if self.let_off.is_set():
                break
        raise NotFound(f"{target_id} will never be in {dest_dir}")


async def _times(engine: DownloadEngine, folder: Path, tag: str) -> list[float]:
    """Return the seconds of searches over the good sources, and of downloads from them."""
    taken = []
    for number in range(ROUNDS):
        started = time.perf_counter()
        await engine.search(f"{tag} {number}", sources=GOOD)
        searched = time.perf_counter()
        target = (GOOD[number % 3], f"{tag}-{number}")
        await engine.wait(await engine.dispatch_download(target, dest_dir=folder))
        taken += [searched - started, time.perf_counter() - searched]
    return sorted(taken)


async def _compare(kind: str, folder: Path) -> tuple[float, float]:
    """Return the 95th percentile with the bad source at it and without, in one engine."""
    bad = Bad(kind)
    async with DownloadEngine({"engine": {"search_cache_ttl": 0, "retries": 0}}) as engine:
        for source in (bad, *(Good(name, DELAY) for name in GOOD)):
            engine.register_plugin(source)
        await _times(engine, folder, "warm")
        without = await _times(engine, folder, "before")
        try:
            if kind == "floods progress":
                await engine.dispatch_download(("bad", "1"), dest_dir=folder)
            asking = asyncio.ensure_future(_keep_asking(engine))
            beside = await _times(engine, folder, "during")
            asking.cancel()
        finally:
            bad.let_off.set()
    at = int(len(without) * 0.95) - 1
    return beside[at], without[at]


async def _keep_asking(engine: DownloadEngine) -> None:
    for number in itertools.count():
        await engine.search(f"bad {number}", sources=["bad"], timeout=1.0)


def run() -> list[Line]:
    """Milliseconds of the slowest twentieth."""
    lines = []
    for kind in ("blocks its loop", "floods progress", "answers ten megabytes a title"):
        with tempfile.TemporaryDirectory() as folder:
            beside, without = asyncio.run(_compare(kind, Path(folder)))
        lines.append(
            Line(
                f"95 of 100 beside a source that {kind}",
                f"{beside * 1000:.0f} ms",
                f"without it: {without * 1000:.0f} ms",
                beside / without,
                1.10,
                higher_is_better=False,
            )
        )
    return lines
