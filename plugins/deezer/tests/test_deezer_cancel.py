"""A cancel ends a download at once, wherever it stands."""

from __future__ import annotations

from typing import Any

import pytest

from cratedig import DownloadEngine
from cratedig_emulators.server import Fault

TITLE = "Copper Rain"


@pytest.mark.parametrize("name", ["deezer", "deezer_dl"])
@pytest.mark.parametrize("stage", ["queue", "look-up", "resolve", "half"])
def test_cancel(bench: Any, stage: str, name: str) -> None:
    """In the queue, during each request and at half the bytes: no connection, no file, nothing more asked."""
    service = bench.service
    glob, fault = {
        "queue": ("GET /media/*", Fault(stall_at=0.5, times=1)),
        "look-up": ("/ajax/*", Fault(delay=20, skip=1)),
        "resolve": ("/v1/get_url", Fault(delay=20)),
        "half": ("GET /media/*", Fault(stall_at=0.5)),
    }[stage]
    service.fault(glob, fault)
    path = glob.removeprefix("GET ")

    def reached() -> bool:
        seen = service.log.all(path)
        return len(seen) > fault.skip and bool(seen[-1].sent or fault.delay or stage == "queue")

    async def use(engine: DownloadEngine) -> None:
        if stage == "queue":
            await engine.dispatch_download(
                (name, bench.number("Glasshouse")), dest_dir=bench.folder / "other"
            )
        wanted = await engine.dispatch_download((name, bench.number(TITLE)), dest_dir=bench.music)
        await bench.until(reached)
        await bench.cancel(engine, wanted, service, alone=stage != "queue")

    bench(use, concurrent_downloads=1)
    assert bench.left() == []
    if stage == "queue":
        assert bench.number(TITLE).encode() not in b"".join(seen.body for seen in service.requests)


def test_limits(bench: Any) -> None:
    """Two requests a second on average, three downloads at once; people can set others."""

    async def use(engine: DownloadEngine) -> Any:
        return engine.sources()

    info = next(one.info for one in bench(use) if one.name == "deezer")
    assert (info.limits.requests.count, info.limits.requests.period) == (10, 5)
    assert info.limits.concurrent_downloads == 3
