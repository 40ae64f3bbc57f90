"""What an attempt that was given up still says or brings has no effect on the one that counts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.tests.fakes import Fake, deliver, files, running, until

from cratedig import AttemptOutcome, DownloadState, NotFound, RateLimited
from cratedig._contract import Delivery

Progress = Callable[..., None]
QUICK = {"retries": 3}


def _twice(first: Any, second: Any) -> Any:
    bodies = iter([first, second])

    async def download(target_id: str, dest_dir: Path, progress: Progress) -> Any:
        return await next(bodies)(target_id, dest_dir, progress)

    return download


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path


async def _sleep(seconds: float) -> None:
    """Sleep, whoever may want it to end."""
    end = asyncio.get_running_loop().time() + seconds
    while (left := end - asyncio.get_running_loop().time()) > 0:
        try:
            await asyncio.sleep(left)
        except asyncio.CancelledError:
            continue


def test_a_late_failure_is_not_held_against_the_next_attempt(tmp_path: Path) -> None:
    """A hook that was given up and raises later does not end the attempt that is under way by then."""

    async def hangs_then_raises(*_: Any) -> Any:
        await _sleep(1.6)
        raise NotFound("too late to matter")

    async def slow_but_good(target_id: str, dest_dir: Path, progress: Progress) -> Path:
        for transferred in range(12):
            progress(transferred)
            await asyncio.sleep(0.1)
        return deliver(dest_dir, target_id)

    source = Fake(download=_twice(hangs_then_raises, slow_but_good), stall_timeout=0.5)

    async def main() -> None:
        async with running(source, engine=QUICK) as engine:
            done = await engine.wait(await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path))
        assert (done.state, [a.code for a in done.attempts]) == (DownloadState.COMPLETED, ["unavailable", ""])
        assert files(tmp_path) == ["1.wav"]

    asyncio.run(main())


def test_a_late_delivery_does_not_complete_the_record(tmp_path: Path) -> None:
    """The file of the attempt that counts is the one that is published, once."""

    async def hangs_then_delivers(target_id: str, dest_dir: Path, _progress: Progress) -> Path:
        await _sleep(1.2)
        return deliver(_folder(dest_dir / "late"), target_id, seconds=3)

    async def slow_but_good(target_id: str, dest_dir: Path, progress: Progress) -> Path:
        for transferred in range(10):
            progress(transferred)
            await asyncio.sleep(0.1)
        return deliver(dest_dir, target_id)

    source = Fake(download=_twice(hangs_then_delivers, slow_but_good), stall_timeout=0.5)

    async def main() -> None:
        async with running(source, engine=QUICK) as engine:
            done = await engine.wait(await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path))
            assert done.files[0].duration == 1.0
            assert [a.outcome for a in done.attempts] == [AttemptOutcome.FAILED, AttemptOutcome.COMPLETED]
            await asyncio.sleep(1.2)
            assert files(tmp_path) == ["1.wav"]

    asyncio.run(main())


def test_an_ended_record_absorbs_whatever_comes(tmp_path: Path) -> None:
    """Each way of changing a record is refused once it has ended, and its snapshot stays the same."""

    async def main() -> None:
        async with running(Fake()) as engine:
            download_id = await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path)
            done = await engine.wait(download_id)
            record = engine._parts.table.get(download_id)
            candidate = record.candidate
            assert candidate is not None
            assert record.begin(candidate) is None
            assert not record.fail(None, None, "not-found", "no")
            assert not record.back_to_queue(None, None, "again", onward=False)
            assert not record.found(())
            assert record.cancel("no") == (False, None)
            engine._parts.outcomes.failed(record, None, RateLimited(), None)
            engine._parts.outcomes.ended(record, None, NotFound("no"))
            await engine._parts.performing.perform(download_id)
            assert await engine.get_download_status(download_id) == done

    asyncio.run(main())


def test_an_attempt_that_is_over_cannot_complete_its_successor(tmp_path: Path) -> None:
    """The fence: `complete` with an earlier run is refused while a later one holds the record."""

    async def main() -> None:
        gate = asyncio.Event()

        async def waits(target_id: str, dest_dir: Path, _progress: Progress) -> Delivery:
            await until(gate.is_set)
            return Delivery(path=deliver(dest_dir, target_id))

        async with running(Fake(download=waits)) as engine:
            download_id = await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path)
            record = engine._parts.table.get(download_id)
            await until(lambda: record.run is not None)
            first = record.run
            assert first is not None
            second = record.begin(first.candidate)
            assert second is not None
            attempt = record.ended(first, AttemptOutcome.COMPLETED, None, None)
            assert not record.complete(first, attempt, (), tmp_path, "")
            assert record.holds(second)
            assert second.fence > first.fence
            await engine.cancel_download(download_id)
            gate.set()

    asyncio.run(main())
