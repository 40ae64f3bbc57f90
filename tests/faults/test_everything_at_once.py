"""Several sources with all kinds of trouble at once: every download ends, and what is published is whole."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from core.tests.fakes import Fake, blocking_until, deliver, files, result, running, until, waited, wav

from cratedig import (
    AuthenticationFailed,
    CorruptDownload,
    DownloadState,
    NotEntitled,
    NotFound,
    RateLimited,
    RateLimits,
    Unavailable,
    UnexpectedResponse,
    Wanted,
)

Progress = Callable[..., None]
SOURCES = ("a", "b", "c", "d")
SONGS = 40
LENGTH = 1.0


def _trouble(dice: random.Random) -> BaseException:
    return dice.choice(
        [
            AuthenticationFailed("expired"),
            CorruptDownload("half"),
            NotEntitled("not in your country"),
            NotFound("gone"),
            RateLimited("slow down", 0.02),
            Unavailable("reset"),
            UnexpectedResponse("what?"),
            ZeroDivisionError("bug"),
            SystemExit(2),
            OSError("disk"),
        ]
    )


def _bytes(dice: random.Random, dest_dir: Path) -> Path:
    """A file that is not what was promised, or nowhere."""
    path = dest_dir / "audio.wav"
    kind = dice.randrange(5)
    if kind == 0:
        path.write_bytes(b"")
    elif kind == 1:
        path.write_bytes(b"<html>sign in</html>" * 100)
    elif kind == 2:
        path.write_bytes(wav(LENGTH)[:-2000])
    elif kind == 3:
        return dest_dir.parent / "elsewhere.wav"
    return path


def _chaos(name: str, seed: int) -> Fake:
    dice = random.Random(f"{name}{seed}")

    async def search(query: str, wanted: Wanted) -> Any:
        if dice.random() < 0.2:
            raise _trouble(dice)
        named = {"title": wanted.title or query, "artist": wanted.artist}
        return [result(f"{name}-{query}", **named, duration=LENGTH)]

    async def download(target_id: str, dest_dir: Path, progress: Progress) -> Any:
        await asyncio.sleep(dice.random() * 0.02)
        progress(10, 100)
        chance = dice.random()
        if chance < 0.3:
            raise _trouble(dice)
        if chance < 0.5:
            return _bytes(dice, dest_dir)
        return deliver(dest_dir, target_id, seconds=LENGTH)

    return Fake(name, search=search, download=download, limits=RateLimits(concurrent_downloads=4))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("outlives", [False, True], ids=["memory", "sqlite"])
def test_every_download_ends_and_what_is_there_is_whole(seed: int, outlives: bool, tmp_path: Path) -> None:
    """Completed means a file of the right length; anything else leaves nothing but reasons."""
    music = tmp_path / "music"
    settings = {"retries": 1, "breaker_failures": 3, "breaker_pause": 0.1}

    async def main() -> None:
        journal = tmp_path / "journal.db" if outlives else None
        chaos = [_chaos(name, seed) for name in SOURCES]
        async with running(*chaos, engine=settings, journal=journal) as engine:
            targets = [(SOURCES[n % 4], f"song {n}") for n in range(SONGS)]
            ids = [await engine.dispatch_download(target, dest_dir=music) for target in targets]
            for cancelled in ids[::7]:
                await engine.cancel_download(cancelled)
            done = await waited(engine, ids, 40)
            await until(lambda: not [name for name in files(music) if name.startswith(".")])
        published = [d for d in done if d.state is DownloadState.COMPLETED]
        assert published
        assert all(d.state.terminal for d in done)
        assert files(music) == sorted(d.file_path.name for d in published if d.file_path)
        assert all(d.file_path and d.file_path.stat().st_size == len(wav(LENGTH)) for d in published)
        assert all(d.code and d.detail for d in done if d.state is DownloadState.ERRORED)

    asyncio.run(main())


@pytest.mark.parametrize("seed", range(2))
def test_with_four_unreliable_sources_nearly_everything_arrives(seed: int, tmp_path: Path) -> None:
    """The chain makes one reliable source of four that fail every other time."""

    async def main() -> None:
        settings = {"retries": 1, "breaker_failures": 5, "breaker_pause": 0.1}
        async with running(*[_chaos(name, seed) for name in SOURCES], engine=settings) as engine:
            wishes = [Wanted(artist=f"Band {n}", title=f"Piece {n}", duration=LENGTH) for n in range(SONGS)]
            ids = [await engine.download_with_fallback(wish, SOURCES, dest_dir=tmp_path) for wish in wishes]
            done = await waited(engine, ids, 40)
        arrived = sum(download.state is DownloadState.COMPLETED for download in done)
        assert arrived >= 0.8 * SONGS  # each source alone brings about half

    asyncio.run(main())


def test_closing_in_the_middle_of_it_leaves_no_threads_and_no_leftovers(tmp_path: Path) -> None:
    """The engine waits for no download; records in memory take their bytes with them."""
    before = set(threading.enumerate())

    async def slow(target_id: str, dest_dir: Path, progress: Progress) -> Any:
        (dest_dir / "part").write_bytes(b"half")
        await asyncio.sleep(3600)
        return deliver(dest_dir, target_id)

    async def main() -> None:
        sources = [Fake(name, download=slow) for name in SOURCES]
        async with running(*sources) as engine:
            for number in range(100):
                await engine.dispatch_download((SOURCES[number % 4], str(number)), dest_dir=tmp_path)
            await until(lambda: all(len(source.asked("download")) == 4 for source in sources))

    asyncio.run(main())
    assert files(tmp_path) == []
    blocking_until(lambda: not set(threading.enumerate()) - before)
