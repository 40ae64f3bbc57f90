"""Downloads that go the usual ways: queued, bounded, asked for twice, tried again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from core.tests.fakes import Fake, deliver, files, forever, in_turn, raising, running, until, waited

from cratedig import (
    AttemptOutcome,
    DownloadState,
    NotFound,
    RateLimits,
    SourceBug,
    Unavailable,
    UnknownDownload,
)
from cratedig._journal.memory import MemoryJournal
from cratedig._runtime.breaker import Breaker, BreakerPolicy
from cratedig._runtime.lane import Lane

Progress = Callable[..., None]
ONE_AT_A_TIME = RateLimits(concurrent_downloads=1)


def test_a_download_ends_as_a_verified_file_and_nothing_else(tmp_path: Path) -> None:
    """The destination holds the file under its name, and no leftovers."""

    async def main() -> None:
        async with running(Fake()) as engine:
            found = (await engine.search("song")).results[0]
            done = await engine.wait(await engine.dispatch_download(found, dest_dir=tmp_path))
        assert (done.state, done.progress, done.size) == (DownloadState.COMPLETED, 100.0, 16044)
        assert files(tmp_path) == ["Artist - song.wav"]
        assert [attempt.outcome for attempt in done.attempts] == [AttemptOutcome.COMPLETED]

    asyncio.run(main())


def test_the_same_target_twice_is_one_download(tmp_path: Path) -> None:
    """While it is under way, and as long as its file is there, a second request gets the first one's id."""
    source = Fake()

    async def main() -> None:
        async with running(source) as engine:
            first = await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path)
            second = await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path)
            await engine.wait(first)
            third = await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path)
            assert first == second == third
            assert source.asked("download") == ["1"]

    asyncio.run(main())


def test_another_folder_is_another_download(tmp_path: Path) -> None:
    """The same target for two folders brings two files."""
    folders = [tmp_path / "a", tmp_path / "b"]

    async def main() -> None:
        async with running(Fake()) as engine:
            ids = [await engine.dispatch_download(("fake", "1"), dest_dir=folder) for folder in folders]
            assert len(set(ids)) == 2
            await waited(engine, ids)
        assert [files(folder) for folder in folders] == [["1.wav"], ["1.wav"]]

    asyncio.run(main())


def test_loops_in_several_threads_that_ask_at_once_start_it_once(tmp_path: Path) -> None:
    """Of callers in eight threads one starts the download; all of them get its id."""
    source = Fake(download=in_turn(), limits=RateLimits(concurrent_downloads=8))
    ids: list[list[str]] = []

    async def main() -> None:
        async with running(source) as engine:

            def ask() -> None:
                async def many() -> list[str]:
                    targets = [("fake", str(n)) for n in range(30)]
                    return [await engine.dispatch_download(t, dest_dir=tmp_path) for t in targets]

                ids.append(asyncio.run(many()))

            threads = [Thread(target=ask) for _ in range(8)]
            for thread in threads:
                thread.start()
            await until(lambda: not any(thread.is_alive() for thread in threads))
            await waited(engine, ids[0])
        assert all(other == ids[0] for other in ids)
        assert sorted(source.asked("download")) == sorted(str(n) for n in range(30))

    asyncio.run(main())


def test_higher_priority_goes_first(tmp_path: Path) -> None:
    """What waits in a lane is taken by priority, then by age."""
    opened = Event()

    async def held(target_id: str, dest_dir: Path, _progress: Progress) -> Path:
        if target_id == "first":
            await asyncio.to_thread(opened.wait)
        return deliver(dest_dir)

    source = Fake(download=held, limits=ONE_AT_A_TIME)

    async def main() -> None:
        async with running(source) as engine:
            ids = [await engine.dispatch_download(("fake", "first"), dest_dir=tmp_path)]
            await until(lambda: source.asked("download"))
            for name, priority in (("low", -1), ("b", 0), ("c", 0), ("high", 5)):
                target = ("fake", name)
                ids.append(await engine.dispatch_download(target, dest_dir=tmp_path, priority=priority))
            opened.set()
            await waited(engine, ids)
        assert source.asked("download") == ["first", "high", "b", "c", "low"]

    asyncio.run(main())


def test_concurrency_is_bounded_and_can_be_changed_while_in_use(tmp_path: Path) -> None:
    """Raising and lowering the count takes effect at the next download."""
    now = most = allowed = 0

    async def counted(target_id: str, dest_dir: Path, _progress: Progress) -> Path:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await until(lambda: most >= allowed)
        await asyncio.sleep(0.02)  # as long as one too many would need to come along
        now -= 1
        return deliver(dest_dir, target_id)

    async def main() -> None:
        nonlocal most, allowed
        async with running(Fake(download=counted, limits=RateLimits(concurrent_downloads=2))) as engine:
            source = engine._parts.sources.get("fake")
            for count in (2, 5, 1):
                source.set_limits(RateLimits(concurrent_downloads=count))
                most, allowed = 0, count
                targets = [("fake", f"{count}-{n}") for n in range(12)]
                await waited(engine, [await engine.dispatch_download(t, dest_dir=tmp_path) for t in targets])
                assert most == count

    asyncio.run(main())


def test_a_failure_that_may_pass_is_tried_again(tmp_path: Path) -> None:
    """An outage of a moment costs a retry, not the download."""
    source = Fake(download=in_turn(Unavailable("just now"), Unavailable("still")))

    async def main() -> None:
        async with running(source, engine={"retries": 2}) as engine:
            done = await engine.wait(await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path))
        assert done.state is DownloadState.COMPLETED
        assert [attempt.code for attempt in done.attempts] == ["unavailable", "unavailable", ""]

    asyncio.run(main())


def test_retrying_makes_a_new_record_with_the_same_plan(tmp_path: Path) -> None:
    """An errored download stays as it was; the new one names it, and may succeed."""
    source = Fake(download=in_turn(NotFound("gone")))

    async def main() -> None:
        async with running(source) as engine:
            first = await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path, display_name="A song")
            assert (await engine.wait(first)).state is DownloadState.ERRORED
            second = await engine.retry_download(first)
            done = await engine.wait(second)
            assert (done.state, done.display_name) == (DownloadState.COMPLETED, "A song")
            assert second != first
            assert done.extra["retry_of"] == first
            assert await engine.retry_download(second) == second

    asyncio.run(main())


def test_clearing_forgets_what_has_ended_only(tmp_path: Path) -> None:
    """Ended records go, files and running downloads stay."""

    async def held(target_id: str, dest_dir: Path, _progress: Progress) -> Path:
        if target_id == "slow":
            await forever()
        return deliver(dest_dir)

    async def main() -> None:
        async with running(Fake(download=held)) as engine:
            slow = await engine.dispatch_download(("fake", "slow"), dest_dir=tmp_path)
            done = await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path)
            await engine.wait(done)
            assert await engine.clear_completed() == 1
            assert [d.id for d in await engine.get_all_downloads()] == [slow]
            assert await engine.get_download_status(done) is None
            with pytest.raises(UnknownDownload):
                await engine.wait(done)
            assert "1.wav" in files(tmp_path)

    asyncio.run(main())


@pytest.mark.parametrize("answer", [None, "file.wav", 3, b"bytes"])
def test_what_is_no_path_is_an_unexpected_response(answer: Any, tmp_path: Path) -> None:
    """A hook that returns rubbish fails its download with the reason."""

    async def rubbish(*_: Any) -> Any:
        return answer

    async def main() -> None:
        async with running(Fake(download=rubbish)) as engine:
            done = await engine.wait(await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path))
        assert (done.state, done.code) == (DownloadState.ERRORED, "unexpected-response")
        assert type(answer).__name__ in done.detail
        assert files(tmp_path) == []

    asyncio.run(main())


@pytest.mark.parametrize("error", [ZeroDivisionError("oops"), SystemExit(3), KeyboardInterrupt("no")])
def test_any_other_exception_is_a_bug_of_the_plugin(
    error: BaseException, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It fails that download, its traceback is in the log, and the lane goes on."""
    source = Fake(download=in_turn(error))

    async def main() -> None:
        async with running(source) as engine:
            done = await engine.wait(await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path))
            assert (done.state, done.code) == (DownloadState.ERRORED, SourceBug.code)
            assert type(error).__name__ in done.detail
            again = await engine.wait(await engine.dispatch_download(("fake", "2"), dest_dir=tmp_path))
            assert again.state is DownloadState.COMPLETED

    asyncio.run(main())
    assert "in_turn" in caplog.text or "fakes.py" in caplog.text


def test_an_unwritable_destination_ends_the_download_and_blames_no_candidate(tmp_path: Path) -> None:
    """The reason names the folder; once it can be written, the same download works."""
    blocked = tmp_path / "folder"
    blocked.write_text("a file is in the way")

    async def main() -> None:
        async with running(Fake()) as engine:
            first = await engine.dispatch_download(("fake", "1"), dest_dir=blocked)
            failed = await engine.wait(first)
            assert (failed.state, failed.code) == (DownloadState.ERRORED, "destination")
            assert str(blocked) in failed.detail
            blocked.unlink()
            done = await engine.wait(await engine.dispatch_download(("fake", "1"), dest_dir=blocked))
            assert done.state is DownloadState.COMPLETED
            assert engine._parts.blocklist.reason("fake", "1") is None

    asyncio.run(main())


def test_a_withdrawn_record_never_ends_its_successor() -> None:
    """A worker that has gone on to another record by the time that the loop cancels is left alone."""
    ended: list[str] = []
    cancelled: list[str] = []

    async def perform(record_id: str) -> None:
        try:
            if record_id == "a":
                lane.withdraw("a")  # seen by the loop when the worker is at "b" already
                return
            await asyncio.sleep(0.05)
            ended.append(record_id)
        except asyncio.CancelledError:
            cancelled.append(record_id)
            raise

    lane = Lane("lane", ONE_AT_A_TIME, Breaker(BreakerPolicy(), MemoryJournal(), "breaker"), perform)
    lane.queue.put("a", 0)
    lane.put("b")
    asyncio.run(until(lambda: ended or cancelled))
    lane.close(2.0)
    assert (ended, cancelled) == (["b"], [])


def test_a_source_that_always_fails_ends_every_download(tmp_path: Path) -> None:
    """Nothing is left waiting when a source never works."""

    async def main() -> None:
        source = Fake(download=raising(NotFound("gone")))
        async with running(source) as engine:
            targets = [("fake", str(n)) for n in range(50)]
            done = await waited(
                engine, [await engine.dispatch_download(t, dest_dir=tmp_path) for t in targets]
            )
        assert {d.state for d in done} == {DownloadState.ERRORED}

    asyncio.run(main())
