"""A download that nobody wants any more ends at once, wherever it is."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from cratedig import Download, DownloadEngine, DownloadState
from cratedig_emulators.server import Fault

PLAYBACK = "/v1/tracks/*/playbackinfopostpaywall"
MOMENTS = {
    "login": ("/v1/sessions", Fault(delay=30)),
    "resolve": (PLAYBACK, Fault(delay=30)),
    "first byte": ("/mediatracks/*", Fault(delay=30)),
    "half the bytes": ("/mediatracks/*/*/8.mp4", Fault(stall_at=0.5)),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_cancel_under_way(bench: Any, moment: str) -> None:
    """The record is Cancelled, the connection closed, nothing lies around, and nothing lands late."""
    glob, fault = MOMENTS[moment]
    bench.service.fault(glob, fault)

    async def use(engine: DownloadEngine) -> tuple[Download, float]:
        target = ("tidal", bench.service.id_of("Copper Rain"))
        one = await engine.dispatch_download(target, dest_dir=bench.music)
        while not bench.service.log.all(glob):
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        started = time.monotonic()
        assert await engine.cancel_download(one)
        record = await engine.wait(one)
        while bench.service.log.active:
            assert time.monotonic() - started < 5
            await asyncio.sleep(0.01)
        asked = len(bench.service.requests)
        await asyncio.sleep(0.3)
        assert len(bench.service.requests) == asked
        return record, time.monotonic() - started

    record, took = bench(use)
    assert record.state is DownloadState.CANCELLED
    assert took < 5
    assert [path for path in bench.music.rglob("*") if path.is_file()] == []


def test_cancel_in_the_queue(bench: Any) -> None:
    """What has not begun never does; the one before it is not disturbed."""
    bench.service.fault("/mediatracks/*", Fault(delay=0.05))

    async def use(engine: DownloadEngine) -> tuple[Download, Download]:
        titles = ("Copper Rain", "Winter Timetable")
        ids = [
            await engine.dispatch_download(("tidal", bench.service.id_of(title)), dest_dir=bench.music)
            for title in titles
        ]
        assert await engine.cancel_download(ids[1])
        return await engine.wait(ids[0]), await engine.wait(ids[1])

    first, second = bench(use)
    assert (first.state, second.state) == (DownloadState.COMPLETED, DownloadState.CANCELLED)
    assert bench.service.log.all(f"/v1/tracks/{bench.service.id_of('Winter Timetable')}*") == []
