"""What an attempt that was given up still says or brings has no effect on the one that counts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from core.tests.fakes import Fake, deliver, ended, files, running, until
from core.tests.turned import Beats, Clock, turned

from cratedig import AttemptOutcome, Download, DownloadState, NotFound, RateLimited
from cratedig._plugins import Delivery

Progress = Callable[..., None]


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path


class Late(Fake):
    """Hangs in the first attempt, whoever cancels it, until the second has begun; ``lately`` comes then."""

    def __init__(self, lately: Callable[[str, Path], Path]) -> None:
        super().__init__(download=self._either, stall_timeout=60.0)
        self._lately = lately
        self._second = asyncio.Event()
        self._over = asyncio.Event()

    async def _either(self, target_id: str, dest_dir: Path, progress: Progress) -> Path:
        if len(self.asked("download")) == 1:
            return await self._first(target_id, dest_dir)
        progress(1)
        self._second.set()
        await self._over.wait()
        # What has come of the first goes its way before the second is done.
        await asyncio.sleep(0.1)
        return deliver(dest_dir, target_id)

    async def _first(self, target_id: str, dest_dir: Path) -> Path:
        while not self._second.is_set():
            try:
                await self._second.wait()
            except asyncio.CancelledError:
                continue
        try:
            return self._lately(target_id, dest_dir)
        finally:
            self._over.set()

    async def done(self, folder: Path, clock: Clock) -> Download:
        """How the download ends, once everything that comes late has come and gone."""
        async with running(self, engine={"retries": 3}) as engine:
            download_id = await engine.dispatch_download(("fake", "1"), dest_dir=folder)
            await until(lambda: self.asked("download"))
            beats = Beats(engine, clock)
            beats.look()
            beats.after(61)
            done = await ended(engine, download_id)
            engine._parts.late.sweep()
            assert files(folder) == ["1.wav"]
            return done


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """What an attempt's deadline is kept by."""
    return turned(monkeypatch)


def test_a_late_failure_is_not_held_against_the_next_attempt(tmp_path: Path, clock: Clock) -> None:
    """A hook that was given up and raises later does not end the attempt that is under way by then."""

    def fails(*_: Any) -> Path:
        raise NotFound("too late to matter")

    done = asyncio.run(Late(fails).done(tmp_path, clock))
    assert (done.state, [a.code for a in done.attempts]) == (DownloadState.COMPLETED, ["unavailable", ""])
    assert files(tmp_path) == ["1.wav"]


def test_a_late_delivery_does_not_complete_the_record(tmp_path: Path, clock: Clock) -> None:
    """The file of the attempt that counts is the one that is published, once."""

    def delivers(target_id: str, dest_dir: Path) -> Path:
        return deliver(_folder(dest_dir / "late"), target_id, seconds=3)

    done = asyncio.run(Late(delivers).done(tmp_path, clock))
    assert done.files[0].duration == 1.0
    assert [a.outcome for a in done.attempts] == [AttemptOutcome.FAILED, AttemptOutcome.COMPLETED]
    assert files(tmp_path) == ["1.wav"]


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
            assert not record.back_to_queue(None, None, "", "again", onward=False)
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
