"""An engine that closes takes its threads away from what is under way; that is no failure of it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from core.tests.fakes import Fake, deliver, files, running, until, waited

from cratedig import AttemptOutcome, Download, DownloadState


def test_what_is_delivered_to_a_lane_that_closes_is_left_for_the_next_engine(tmp_path: Path) -> None:
    """The record is neither Errored nor lost: it goes on, with the interruption as an attempt."""
    gate: list[asyncio.Event] = []

    async def body(target_id: str, dest_dir: Path, _progress: Any) -> Path:
        if not gate:
            gate.append(asyncio.Event())
            await gate[0].wait()
        return deliver(dest_dir, target_id)

    source = Fake(download=body)

    async def first() -> str:
        async with running(source, journal=tmp_path / "journal.db") as engine:
            ident = await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path / "music")
            await until(lambda: gate)
            lane = engine._parts.sources.get("fake").lane
            lane._closing = True
            lane.pool.shutdown()
            lane.thread.call(gate[0].set)
            await until(lambda: not lane._running)
            return ident

    async def second(ident: str) -> Download:
        async with running(source, journal=tmp_path / "journal.db") as engine:
            return (await waited(engine, [ident]))[0]

    done = asyncio.run(second(asyncio.run(first())))
    assert done.state is DownloadState.COMPLETED, done.detail
    assert [one.outcome for one in done.attempts] == [AttemptOutcome.INTERRUPTED, AttemptOutcome.COMPLETED]
    assert files(tmp_path / "music") == ["1.wav"]
