"""A cancel ends a download at once, wherever it stands."""

from __future__ import annotations

from typing import Any

import pytest

from cratedig import DownloadEngine
from cratedig_emulators.catalogue import Track
from cratedig_emulators.server import Fault
from cratedig_emulators.soundcloud import Sound, SoundCloudEmulator, of_track
from cratedig_emulators.soundcloud.media import media, segments

SHORT = Track(artist="Zed Quill", title="Odd One", seconds=10)
OTHER = Track(artist="Zed Quill", title="Other One", seconds=10)

STAGES = {
    "queue": ("/segments/*/4.m4s", Fault(stall_at=0.5)),
    "client id": ("/assets/*", Fault(delay=50)),
    "track": ("/tracks/*", Fault(delay=50)),
    "stream": ("/media/soundcloud:*", Fault(delay=50)),
    "playlist": ("/playlist/*", Fault(delay=50)),
    "half of the segments": ("/segments/*/5.m4s", Fault(stall_at=0.5)),
    "slow segments": ("/segments/*/5.m4s", Fault(drip=(256, 0.1))),
    "half of the file": ("/progressive/*", Fault(stall_at=0.5)),
}


def planted(sc: SoundCloudEmulator, stage: str) -> tuple[Sound, Sound]:
    """Two uploads with their audio made, so that no request waits for that."""
    streams = ("mp3",) if stage == "half of the file" else ("aac_160k",)
    wanted, other = (sc.plant(of_track(track, streams=streams)) for track in (SHORT, OTHER))
    for sound in (wanted, other):
        _ = media(sound, "mp3") if streams == ("mp3",) else segments(sound, "aac_160k")
    return wanted, other


@pytest.mark.parametrize("stage", STAGES)
def test_cancel(bench: Any, sc: SoundCloudEmulator, stage: str) -> None:
    """In the queue, at each request and at half the bytes: no connection, no file, nothing more asked."""
    glob, fault = STAGES[stage]
    wanted, other = planted(sc, stage)
    sc.fault(glob, fault)

    def reached() -> bool:
        seen = sc.log.all(glob)
        return bool(seen) and bool(seen[-1].sent or fault.delay)

    async def use(engine: DownloadEngine) -> None:
        if stage == "queue":
            await engine.dispatch_download(("soundcloud", str(other.id)), dest_dir=bench.folder / "other")
        job = await engine.dispatch_download(("soundcloud", str(wanted.id)), dest_dir=bench.music)
        await bench.until(reached)
        await bench.cancel(engine, job, sc, alone=stage != "queue")

    bench(use, concurrent_downloads=1)
    assert bench.left() == []
    if stage == "queue":
        assert not sc.log.all(f"/tracks/{wanted.id}")


def test_cancelling_a_search_ends_its_request(bench: Any, sc: SoundCloudEmulator) -> None:
    """At the deadline the service sees the connection end, and yt-dlp asks nothing more."""
    sc.fault("/search/*", Fault(delay=50))

    async def use(engine: DownloadEngine) -> None:
        # A machine that does not come to ask in time gets more of it.
        for seconds in (0.5, 4.0, 30.0):
            await engine.search("brass lanterns", sources=["soundcloud"], timeout=seconds)
            if sc.log.all("/search/*"):
                break
        await bench.until(lambda: sc.log.all("/search/*")[-1].ended_at)

    bench(use)
    assert [seen.aborted for seen in sc.log.all("/search/*")] == [True]
