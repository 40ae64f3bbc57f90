"""A download that nobody wants any more ends at once, wherever it is."""

from __future__ import annotations

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

    def reached() -> bool:
        seen = bench.service.log.all(glob)
        return bool(seen) and bool(seen[-1].sent or fault.delay)

    async def use(engine: DownloadEngine) -> None:
        target = ("tidal", bench.service.id_of("Copper Rain"))
        one = await engine.dispatch_download(target, dest_dir=bench.music)
        await bench.until(reached)
        await bench.cancel(engine, one, bench.service)

    bench(use)
    assert bench.left() == []


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
