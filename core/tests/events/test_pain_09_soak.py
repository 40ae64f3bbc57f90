"""Pain 9: the queue silently stops after hours. A day's transfers, by count: nothing grows."""

from __future__ import annotations

import asyncio
import gc
import threading
from pathlib import Path
from typing import Any

from core.tests.fakes import files, until, waited
from core.tests.otherprogram import Program, delegating

from cratedig import DownloadEngine, DownloadState, NotFound

ROUNDS, EACH = 8, 100


def _sizes(engine: DownloadEngine) -> dict[str, int]:
    """What the engine keeps of downloads, by where."""
    parts: Any = engine._parts
    source = parts.sources.get("fake")
    lane = source.lane
    parked, table = parts.parked, parts.table
    return {
        "transfers": len(source.followers),
        "in line": sum(map(len, parked._arriving._lines.values())),
        "watched": sum(not one.done() for one in parked._dismissed.values()),
        "settling": len(parts.settling._open),
        "records": len(table._records),
        "keys": len(table._keys) + len(table._under_way) + len(table._completed) + len(table._waiters),
        "queue": len(lane.queue),
        "running": len(lane._running),
        "workers": lane._workers,
        "tasks": len(asyncio.all_tasks(lane.thread.loop)),
        "notes": len(parts.journal.keys("settle:")),
    }


def test_a_day_of_transfers_leaves_nothing_behind(tmp_path: Path) -> None:
    """Completed, failed, cancelled again and again: as after the first round, so after the last."""
    program = Program(tmp_path / "there", interval=0.01)
    music = tmp_path / "music"
    seen: list[tuple[dict[str, int], int, int]] = []

    async def main() -> None:
        async with delegating(program, engine={"retries": 0, "breaker_failures": 10**6}) as engine:
            for number in range(ROUNDS):
                await _round(engine, program, music, number)
                await engine.clear_completed()
                await until(lambda: _at_rest(_sizes(engine)))
                gc.collect()
                runs = sum(type(one).__name__ == "Run" for one in gc.get_objects())
                parts: Any = engine._parts
                pooled = parts.sources.get("fake").lane.pool.threads + parts.desk.threads
                seen.append((_sizes(engine), threading.active_count() - pooled, runs))

    asyncio.run(main())
    first, last = seen[1], seen[-1]
    assert {name: last[0][name] for name in first[0] if last[0][name] > first[0][name]} == {}
    assert last[1] <= first[1]
    assert last[2] <= first[2]
    assert len(files(music)) == ROUNDS * EACH // 2
    assert not program.jobs


def _at_rest(sizes: dict[str, int]) -> bool:
    return not (sizes["settling"] or sizes["tasks"] or sizes["workers"])


async def _round(engine: DownloadEngine, program: Program, music: Path, number: int) -> None:
    """Half complete, a quarter fails, a quarter is cancelled."""
    names = [f"{number}-{one}" for one in range(EACH)]
    ids = [await engine.dispatch_download(("fake", name), dest_dir=music) for name in names]
    await until(lambda: len(program.jobs) == EACH)
    for index, name in enumerate(names):
        job = f"job-{name}"
        if index % 4 == 3:
            await engine.cancel_download(ids[index])
        elif index % 4 == 2:
            program.errors[job] = NotFound("gone")
            program.jobs[job] = {"state": "Errored"}
        else:
            path = program.put(f"{job}.wav", 0.05, index + 1)
            program.jobs[job] = {"state": "Completed", "path": str(path)}
    done = await waited(engine, ids)
    assert [one.state for one in done[:4]] == [
        DownloadState.COMPLETED, DownloadState.COMPLETED, DownloadState.ERRORED, DownloadState.CANCELLED,
    ]  # fmt: skip
    await until(lambda: not program.jobs)
    program.errors.clear()
