"""Pain 22: "all I get is download errors". Every attempt is told: source, candidate, reason, bytes, time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from core.tests.fakes import Fake, forever, in_turn, result, running, until
from core.tests.turned import Beats, turned

from cratedig import AttemptOutcome, DownloadState, NotFound, Unavailable, Wanted

Progress = Callable[..., None]


async def _song(*_: Any) -> Any:
    return [result("1")]


async def _breaks_off(_target_id: str, dest_dir: Path, progress: Progress) -> Any:
    (dest_dir / "part").write_bytes(b"x" * 700)
    progress(700, 1000)
    await asyncio.sleep(0.02)
    raise Unavailable("connection reset", hint="try another server")


@pytest.mark.parametrize("outlives", [False, True], ids=["memory", "sqlite"])
def test_each_attempt_has_source_target_reason_bytes_and_time(outlives: bool, tmp_path: Path) -> None:
    """In order, also out of a journal that is read later by somebody else."""
    first = Fake("first", search=_song, download=in_turn(_breaks_off, NotFound("taken down")))
    second = Fake("second", search=_song)
    journal = tmp_path / "journal.db" if outlives else None
    started = time.time()

    async def main() -> None:
        async with running(first, second, journal=journal) as engine:
            wish = Wanted(artist="Artist", title="Song", duration=1.0)
            done = await engine.wait(await engine.download_with_fallback(wish, dest_dir=tmp_path / "music"))
        told = [(at.number, at.source, at.target_id, at.outcome, at.code) for at in done.attempts]
        assert told == [
            (1, "first", "1", AttemptOutcome.FAILED, "unavailable"),
            (2, "first", "1", AttemptOutcome.FAILED, "not-found"),
            (3, "second", "1", AttemptOutcome.COMPLETED, ""),
        ]
        assert done.attempts[0].received == 700
        assert done.attempts[0].reason == "first 1: connection reset (try another server)"
        assert done.attempts[1].reason == "first 1: taken down"
        times = [moment for at in done.attempts for moment in (at.started_at, at.ended_at)]
        assert times == sorted(times)
        assert started <= times[0] < times[1] <= times[-1] <= time.time()
        if journal is not None:
            async with running(journal=journal) as later:
                assert [d.attempts for d in await later.get_all_downloads()] == [done.attempts]

    asyncio.run(main())


def test_the_last_word_of_a_failure_names_the_reasons_before(tmp_path: Path) -> None:
    """`detail` can be read alone."""

    async def gone(*_: Any) -> Any:
        raise NotFound("taken down")

    async def shut(*_: Any) -> Any:
        raise Unavailable("maintenance", hint="come back at noon")

    async def main() -> None:
        sources = [Fake("a", search=_song, download=gone), Fake("b", search=_song, download=shut)]
        async with running(*sources, engine={"retries": 0}) as engine:
            wish = Wanted(artist="Artist", title="Song", duration=1.0)
            done = await engine.wait(await engine.download_with_fallback(wish, ["a", "b"], dest_dir=tmp_path))
        assert done.state is DownloadState.ERRORED
        assert done.detail == "a 1: taken down; at last b 1: maintenance (come back at noon)"

    asyncio.run(main())


def test_an_attempt_can_be_followed_while_it_lasts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A snapshot says what it is doing, how far it is, and how fast."""
    clock = turned(monkeypatch)
    meters: list[Progress] = []

    async def slow(_target_id: str, _dest_dir: Path, progress: Progress) -> Path:
        meters.append(progress)
        await forever()
        raise AssertionError

    async def main() -> None:
        async with running(Fake(download=slow)) as engine:
            download_id = await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path)
            await until(lambda: meters)
            beats = Beats(engine, clock)
            for part in range(1, 21):
                meters[0](part * 1000, 80_000, f"part {part}")
                beats.after(0.25)
            now = await engine.get_download_status(download_id)
            assert now is not None
            assert now.state is DownloadState.IN_PROGRESS
            assert (now.progress, now.detail, now.size) == (25.0, "part 20", 80_000)
            assert now.speed == pytest.approx(4000, rel=0.01)
            assert now.time_remaining == pytest.approx(15, rel=0.01)

    asyncio.run(main())
