"""Cancelling ends yt-dlp's connections within a second, wherever it stands."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from cratedig_emulators.server import Fault, Seen
from cratedig_emulators.youtube import YouTubeEmulator


async def until(truth: Callable[[], Any], seconds: float = 10) -> None:
    """Wait for ``truth``."""
    end = time.monotonic() + seconds
    while not truth():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.01)


async def cancelled_once(
    work: Coroutine[Any, Any, Any], reached: Callable[[], list[Seen]], ended: Callable[[Seen], bool]
) -> float:
    """Start ``work``, cancel it when the service has seen it; the seconds until its connection ended."""
    task = asyncio.ensure_future(work)
    await until(reached)
    await asyncio.sleep(0.3)
    at = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: ended(reached()[-1]))
    return time.monotonic() - at


def test_a_stalled_extraction_ends_within_a_second(bench: Any, yt: YouTubeEmulator, first: str) -> None:
    """The service that does not answer is hung up on; yt-dlp asks nothing more and its thread ends."""
    yt.freeze()

    async def use(ytdlp: Any, _lane: Any) -> float:
        return await cancelled_once(
            ytdlp.info(first), lambda: yt.log.all("/watch"), lambda seen: seen.aborted
        )

    threads = threading.active_count()
    assert bench(use) < 1
    assert len(yt.requests) == 1
    assert threading.active_count() <= threads + 1  # the emulator's own, for the connection that ended


def test_a_stalled_search_ends_within_a_second(bench: Any, yt: YouTubeEmulator) -> None:
    """The same while it waits for the search endpoint."""
    yt.fault("/youtubei/v1/search", Fault(delay=50))

    async def use(ytdlp: Any, _lane: Any) -> float:
        work = ytdlp.entries("ytsearch5:brass lanterns")
        return await cancelled_once(work, lambda: yt.log.all("*/search"), lambda seen: seen.aborted)

    assert bench(use) < 1
    assert len(yt.requests) == 2


@pytest.mark.parametrize("fault", [Fault(stall_at=20_000), Fault(drip=(512, 0.05))], ids=["stall", "drip"])
def test_a_media_read_ends_within_a_second(
    bench: Any, yt: YouTubeEmulator, first: str, tmp_path: Path, fault: Fault, silent: Any
) -> None:
    """A body that stalls, or trickles, is hung up on."""
    yt.fault("/videoplayback", fault)

    async def use(ytdlp: Any, _lane: Any) -> float:
        work = ytdlp.download(first, tmp_path, silent)
        return await cancelled_once(work, lambda: yt.log.all("/videoplayback"), lambda seen: seen.aborted)

    assert bench(use) < 1


def test_cancelling_one_extraction_leaves_the_others(bench: Any, yt: YouTubeEmulator, first: str) -> None:
    """Two share a source; the cancelled one takes only its own connection with it."""
    yt.fault("/youtubei/v1/search", Fault(delay=50))

    async def use(ytdlp: Any, _lane: Any) -> str:
        search = asyncio.ensure_future(ytdlp.entries("ytsearch5:brass lanterns"))
        await until(lambda: yt.log.all("*/search"))
        video = asyncio.ensure_future(ytdlp.info(first))
        search.cancel()
        return str((await video)["format_id"])

    assert bench(use) == "251"
