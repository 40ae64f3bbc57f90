"""An engine that closes ends a source which does nothing but report: its thread would go on for ever."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from core.tests.fakes import Fake, blocking_until, running, until


async def _floods(_target_id: str, _dest_dir: Path, progress: Callable[..., None]) -> Any:
    for number in itertools.count():
        progress(number, 10**12, "at full speed")


async def _floods_in_a_thread(_target_id: str, _dest_dir: Path, progress: Callable[..., None]) -> Any:
    def flood() -> None:
        for number in itertools.count():
            progress(number)

    await asyncio.to_thread(flood)


@pytest.mark.parametrize("outlives", [False, True], ids=["memory", "sqlite"])
@pytest.mark.parametrize("floods", [_floods, _floods_in_a_thread])
def test_a_source_that_reports_without_end_ends_with_its_engine(
    floods: Any, outlives: bool, tmp_path: Path
) -> None:
    """Its thread is gone, and the record has no attempt that failed: it is gone on with another time."""
    before = set(threading.enumerate())

    async def main() -> str:
        journal = tmp_path / "journal.db" if outlives else None
        async with running(Fake(download=floods), journal=journal) as engine:
            download_id = await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path / "music")
            record: Any = engine._parts.table.get(download_id)
            await until(lambda: record.run is not None and record.run.meter.transferred > 1000)
        assert record.attempts == ()
        return str(record.state)

    assert asyncio.run(main()) == "InProgress"
    blocking_until(lambda: not [one for one in set(threading.enumerate()) - before if one.is_alive()])
