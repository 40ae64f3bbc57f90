"""Pain 7: a cancelled or failed release is picked again. Candidates that were given up are remembered."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from core.tests.fakes import Fake, forever, raising, result, running, until
from core.tests.turned import turned

from cratedig import DownloadState, NotConfigured, NotFound, SearchResult, Wanted
from cratedig._downloads import blocked
from cratedig._journal import memory

SONG = Wanted(artist="Artist", title="Song", duration=1.0)


async def _two(*_: Any) -> Any:
    return [result("best", popularity=9.0), result("other", popularity=1.0)]


async def _one(*_: Any) -> Any:
    return [result("best")]


def test_a_cancelled_candidate_is_not_picked_by_the_next_fallback(tmp_path: Path) -> None:
    """The engine takes the next best one; a person who names the candidate, or says `force`, gets it."""
    source = Fake(search=_two, download=forever)

    async def main() -> None:
        async with running(source) as engine:
            first = await engine.download_with_fallback(SONG, ["fake"], dest_dir=tmp_path)
            await until(lambda: source.asked("download"))
            taken = source.asked("download")[0]
            await engine.cancel_download(first)
            source.download = None
            second = await engine.wait(
                await engine.download_with_fallback(SONG, ["fake"], dest_dir=tmp_path / "2")
            )
            assert (second.state, second.target_id != taken) == (DownloadState.COMPLETED, True)
            forced = await engine.wait(
                await engine.download_with_fallback(SONG, ["fake"], dest_dir=tmp_path / "3", force=True)
            )
            assert forced.target_id == taken
            named = await engine.wait(
                await engine.dispatch_download(("fake", taken), dest_dir=tmp_path / "4")
            )
            assert named.state is DownloadState.COMPLETED

    asyncio.run(main())


def test_a_failed_candidate_is_not_picked_again_and_the_reason_is_told(tmp_path: Path) -> None:
    """When the only match was given up before, the record says why."""
    source = Fake(search=_one, download=raising(NotFound("taken down")))

    async def main() -> None:
        async with running(source, Fake("b", search=_one)) as engine:
            first = await engine.wait(
                await engine.download_with_fallback(SONG, ["fake", "b"], dest_dir=tmp_path)
            )
            assert first.source == "b"
            second = await engine.wait(
                await engine.download_with_fallback(SONG, ["fake"], dest_dir=tmp_path / "2")
            )
            assert second.state is DownloadState.ERRORED
            assert "given up before" in second.detail
            assert "taken down" in second.detail
            assert len(source.asked("download")) == 1

    asyncio.run(main())


def test_retrying_forgives_the_candidates(tmp_path: Path) -> None:
    """Somebody who retries wants exactly these."""
    source = Fake(download=forever)

    async def main() -> None:
        async with running(source) as engine:
            first = await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path)
            await until(lambda: source.asked("download"))
            await engine.cancel_download(first)
            blocklist = engine._parts.blocklist
            assert blocklist.reason("fake", "1") == "cancelled"
            source.download = None
            assert (await engine.wait(await engine.retry_download(first))).state is DownloadState.COMPLETED
            assert blocklist.reason("fake", "1") is None

    asyncio.run(main())


def test_a_missing_setting_is_nothing_that_the_candidate_has_done(tmp_path: Path) -> None:
    """Once the source is set up, its candidates are welcome at once."""
    source = Fake(search=_one, download=raising(NotConfigured("no key yet")))

    async def main() -> None:
        async with running(source, Fake("b")) as engine:
            found = SearchResult(source="fake", target_id="best", title="Song", artist="Artist")
            await engine.wait(await engine.download_with_fallback(found, ["b"], dest_dir=tmp_path))
            assert engine._parts.blocklist.reason("fake", "best") is None

    asyncio.run(main())


def test_a_block_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is remembered with a date, not for good."""
    clock = turned(monkeypatch, blocked, memory)

    async def main() -> None:
        async with running(Fake()) as engine:
            blocklist = engine._parts.blocklist
            blocklist.block("fake", "1", "useless", seconds=60.0)
            clock.turn(59)
            assert blocklist.reason("fake", "1") == "useless"
            clock.turn(2)
            assert blocklist.reason("fake", "1") is None

    asyncio.run(main())
