"""Cancelling ends yt-dlp's connections, wherever it stands, though nothing else would."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from core.tests.fakes import blocking_until, until

from cratedig_emulators.server import Fault, Seen
from cratedig_emulators.youtube import YouTubeEmulator

PATIENT = {"read_timeout": 3600.0}
"""Options of a client that never hangs up by itself."""


async def cancelled_once(work: Coroutine[Any, Any, Any], reached: Callable[[], list[Seen]]) -> None:
    """Start ``work``, cancel it when the service has seen it, and see the service being hung up on."""
    task = asyncio.ensure_future(work)
    await until(reached)
    await asyncio.sleep(0.05)
    task.cancel()
    await until(task.done)
    assert task.cancelled()
    await until(lambda: reached()[-1].aborted)


def test_a_stalled_extraction_is_hung_up_on(bench: Any, yt: YouTubeEmulator, first: str) -> None:
    """The service that does not answer is left; yt-dlp asks nothing more and its thread ends."""
    yt.freeze()

    async def use(ytdlp: Any, _lane: Any) -> None:
        await cancelled_once(ytdlp.info(first), lambda: yt.log.all("/watch"))

    threads = threading.active_count()
    bench(use, http=PATIENT)
    assert len(yt.requests) == 1
    blocking_until(lambda: threading.active_count() <= threads)


def test_a_stalled_search_is_hung_up_on(bench: Any, yt: YouTubeEmulator) -> None:
    """The same while it waits for the search endpoint."""
    yt.fault("/youtubei/v1/search", Fault(delay=3600))

    async def use(ytdlp: Any, _lane: Any) -> None:
        await cancelled_once(ytdlp.entries("ytsearch5:brass lanterns"), lambda: yt.log.all("*/search"))

    bench(use, http=PATIENT)
    assert len(yt.requests) == 2


@pytest.mark.parametrize("fault", [Fault(stall_at=20_000), Fault(drip=(512, 1))], ids=["stall", "drip"])
def test_a_media_read_is_hung_up_on(
    bench: Any, yt: YouTubeEmulator, first: str, tmp_path: Path, fault: Fault, silent: Any
) -> None:
    """A body that stalls, or trickles, is not waited for."""
    yt.fault("/videoplayback", fault)

    def reached() -> list[Seen]:
        return [seen for seen in yt.log.all("/videoplayback") if seen.sent]

    async def use(ytdlp: Any, _lane: Any) -> None:
        await cancelled_once(ytdlp.download(first, tmp_path, silent), reached)

    bench(use)


def test_cancelling_one_extraction_leaves_the_others(bench: Any, yt: YouTubeEmulator, first: str) -> None:
    """Two share a source; the cancelled one takes only its own connection with it."""
    yt.fault("/youtubei/v1/search", Fault(delay=3600))

    async def use(ytdlp: Any, _lane: Any) -> str:
        search = asyncio.ensure_future(ytdlp.entries("ytsearch5:brass lanterns"))
        await until(lambda: yt.log.all("*/search"))
        video = asyncio.ensure_future(ytdlp.info(first))
        search.cancel()
        return str((await video)["format_id"])

    assert bench(use) == "251"
