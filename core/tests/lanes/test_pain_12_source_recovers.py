"""Pain 12: failed items stay dead after the source recovers. An outage costs no item its retries."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

from core.tests.fakes import Fake, deliver, files, running, until, waited

from cratedig import DownloadState, RateLimits, Unavailable

COUNT = 40
PAUSE = 0.1
BEFORE = 6
"""Calls that may come before the first probe: two failures open the breaker, and four can be under way."""


def test_when_the_source_is_back_every_item_that_waited_arrives(tmp_path: Path) -> None:
    """Forty items through an outage that is longer than any retry: forty files, none failed."""
    down = True

    async def download(target_id: str, dest_dir: Path, _progress: Callable[..., None]) -> Any:
        if down:
            raise Unavailable("connection refused")
        return deliver(dest_dir, target_id)

    source = Fake(download=download, limits=RateLimits(concurrent_downloads=4))
    settings = {"retries": 1, "breaker_failures": 2, "breaker_pause": PAUSE}

    async def main() -> None:
        nonlocal down
        async with running(source, engine=settings) as engine:
            targets = [("fake", str(n)) for n in range(COUNT)]
            ids = [await engine.dispatch_download(t, dest_dir=tmp_path) for t in targets]
            await until(lambda: engine.sources()[0].breaker == "open")
            await until(lambda: len(source.calls) >= BEFORE + 4)
            during = await engine.get_all_downloads()
            assert not any(d.state.terminal for d in during)
            # Probes, not hammering: each finds the source down, and the next one comes after a longer pause.
            probes = source.times()[BEFORE : BEFORE + 4]
            gaps = [late - early for early, late in pairwise(probes)]
            assert all(gap >= PAUSE * 2**number for number, gap in enumerate(gaps)), gaps
            waiting = [d.detail for d in during if "to recover" in d.detail]
            assert waiting
            down = False
            done = await waited(engine, ids)
        assert {d.state for d in done} == {DownloadState.COMPLETED}
        assert len(files(tmp_path)) == COUNT

    asyncio.run(main())
