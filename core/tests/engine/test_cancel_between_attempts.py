"""A cancel between two attempts is told to the source that has been asked, and to nobody else."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from core.tests.fakes import Canceller, Fake, ended, in_turn, raising, running, until

from cratedig import DownloadState, NotFound, RateLimited, SourceError


@pytest.mark.parametrize(
    ("failure", "told"), [(RateLimited("busy", 30), ["1"]), (NotFound("no such song"), [])]
)
def test_source_that_would_be_asked_again_is_told(
    tmp_path: Path, failure: SourceError, told: list[str]
) -> None:
    """What it was asked for may hold a place in its service's queue; what has failed for good holds none."""
    source = Canceller(download=in_turn(raising(failure)))

    async def main() -> None:
        async with running(source) as engine:
            download_id = await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path)

            async def tried() -> bool:
                record = await engine.get_download_status(download_id)
                return bool(record and record.attempts)

            while not await tried():
                await asyncio.sleep(0.01)
            cancelled = await engine.cancel_download(download_id)
            assert cancelled is bool(told)
            await until(lambda: source.cancelled == told)
            if told:
                assert (await engine.wait(download_id)).state is DownloadState.CANCELLED

    asyncio.run(main())


def test_source_that_was_not_asked_is_not_told(tmp_path: Path) -> None:
    """A download that never had its turn has nothing to take back."""
    source = Canceller(download=in_turn(raising(RateLimited("busy", 30))))

    async def main() -> None:
        async with running(source) as engine:
            first = await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path)
            await until(lambda: source.asked("download"))
            second = await engine.dispatch_download(("fake", "2"), dest_dir=tmp_path)
            assert await engine.cancel_download(second)
            assert await engine.cancel_download(first)
            await until(lambda: source.cancelled)
            await asyncio.sleep(0.1)
            assert source.cancelled == ["1"]

    asyncio.run(main())


def test_a_cancel_while_a_failure_is_seen_to_is_what_the_record_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the failure was: its code takes no other's place once the record has ended."""

    async def main() -> None:
        async with running(Fake(download=raising(NotFound("gone"))), Fake("other")) as engine:
            parts, controlling = engine._parts, engine._controlling

            def cancel(*_: object, **__: object) -> None:
                monkeypatch.undo()
                controlling.cancel(parts.table.all()[0].id, remove=False)

            monkeypatch.setattr(parts.blocklist, "block", cancel)
            download_id = await engine.download_with_fallback("song", ["fake", "other"], dest_dir=tmp_path)
            await ended(engine, download_id)
            lane = parts.sources.get("fake").lane
            await until(lambda: not lane._running)  # the failure has been seen to
            done = await engine.get_download_status(download_id)
            assert done is not None
            assert (done.state, done.code) == (DownloadState.CANCELLED, "cancelled")

    asyncio.run(main())
