"""A cancel ends the I/O wherever the download stands, sticks, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from core.tests.fakes import (
    Canceller,
    Fake,
    deliver,
    files,
    forever,
    raising,
    running,
    serving,
    until,
    wav,
)

from cratedig import (
    Delivery,
    DownloadEngine,
    DownloadState,
    Rate,
    RateLimits,
    SourceContext,
    Unavailable,
    UnknownDownload,
    hookimpl,
)
from cratedig._downloads.delivering import Delivering

Progress = Callable[..., None]


async def _cancelled(engine: DownloadEngine, download_id: str) -> None:
    """Cancel, and make sure that the record says so at once and for good."""
    started = time.monotonic()
    assert await engine.cancel_download(download_id)
    assert time.monotonic() - started < 5.0
    done = await asyncio.wait_for(engine.wait(download_id), 10.0)
    assert done.state is DownloadState.CANCELLED
    assert not await engine.cancel_download(download_id)


def test_cancelled_while_it_is_queued_it_never_starts(tmp_path: Path) -> None:
    """The source is not even asked for it."""
    source = Fake(download=forever, limits=RateLimits(concurrent_downloads=1))

    async def main() -> None:
        async with running(source) as engine:
            first = await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path)
            await until(lambda: source.asked("download"))
            second = await engine.dispatch_download(("fake", "2"), dest_dir=tmp_path)
            await _cancelled(engine, second)
            await _cancelled(engine, first)
            await asyncio.sleep(0.1)
            assert source.asked("download") == ["1"]
        assert files(tmp_path) == []

    asyncio.run(main())


def test_cancelled_while_it_waits_for_a_permit_it_lets_the_next_one_on(tmp_path: Path) -> None:
    """The worker that waited is free at once."""
    source = Fake(limits=RateLimits(requests=Rate(1, 30.0), concurrent_downloads=1))

    async def main() -> None:
        async with running(source) as engine:
            await engine.wait(await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path))
            waiting = await engine.dispatch_download(("fake", "2"), dest_dir=tmp_path)
            await asyncio.sleep(0.1)
            await _cancelled(engine, waiting)
            engine.rate_limiter.set_rate("fake", None)
            third = await engine.dispatch_download(("fake", "3"), dest_dir=tmp_path)
            assert (await asyncio.wait_for(engine.wait(third), 2)).state is DownloadState.COMPLETED
        assert source.asked("download") == ["1", "3"]

    asyncio.run(main())


def test_cancelled_while_it_waits_for_the_breaker_it_gives_up_its_turn(tmp_path: Path) -> None:
    """A source that is down holds nobody who does not want to wait."""
    source = Fake(download=raising(Unavailable("down")))

    async def main() -> None:
        settings = {"breaker_failures": 1, "breaker_pause": 0.4}
        async with running(source, engine=settings) as engine:
            waiting = await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path)
            await until(lambda: engine.sources()[0].breaker == "open")
            await asyncio.sleep(0.1)
            await _cancelled(engine, waiting)
            source.download = None
            other = await engine.dispatch_download(("fake", "2"), dest_dir=tmp_path)
            assert (await asyncio.wait_for(engine.wait(other), 5)).state is DownloadState.COMPLETED
        assert files(tmp_path) == ["2.wav"]

    asyncio.run(main())


def test_a_cancelled_probe_lets_another_one_probe(tmp_path: Path) -> None:
    """The one caller that a half-open breaker admits may be cancelled without closing the source for ever."""
    source = Fake(download=raising(Unavailable("down")))

    async def main() -> None:
        settings = {"breaker_failures": 1, "breaker_pause": 0.2, "retries": 0}
        async with running(source, engine=settings) as engine:
            first = await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path)
            await until(lambda: engine.sources()[0].breaker == "open")
            source.download = forever
            await until(lambda: len(source.asked("download")) == 2)
            await _cancelled(engine, first)
            source.download = None
            second = await engine.dispatch_download(("fake", "2"), dest_dir=tmp_path)
            assert (await asyncio.wait_for(engine.wait(second), 5)).state is DownloadState.COMPLETED
            assert engine.sources()[0].breaker == "closed"

    asyncio.run(main())


def test_cancelled_inside_the_hook_the_hook_is_cancelled_and_the_source_told(tmp_path: Path) -> None:
    """The task gets CancelledError, `cancel_raw` its target, and the staging folder is gone."""
    ended: list[str] = []

    async def endless(target_id: str, dest_dir: Path, _progress: Progress) -> Path:
        (dest_dir / "half").write_bytes(b"half")
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ended.append(target_id)
            raise
        return dest_dir / "half"

    source = Canceller(download=endless)

    async def main() -> None:
        async with running(source) as engine:
            running_id = await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path)
            await until(lambda: any(tmp_path.glob(".cratedig-*/half")))
            await _cancelled(engine, running_id)
            await until(lambda: ended == ["1"] and source.cancelled == ["1"] and not files(tmp_path))

    asyncio.run(main())


def test_cancelled_while_bytes_come_in_the_connection_ends(tmp_path: Path) -> None:
    """`context.fetch` stops, and not one file is left."""
    body = wav(400.0)

    class Fetching(Fake):
        def __init__(self, context: SourceContext) -> None:
            super().__init__()
            self.context = context

        @hookimpl
        async def download_raw(self, target_id: str, dest_dir: Path, progress: Progress) -> Path:
            return await self.context.fetch(f"{address}/slow", "song.wav", headers={"X-Target": target_id})

    def slow(_path: str, _headers: object) -> tuple[int, dict[str, str], bytes]:
        return 200, {"Content-Length": str(len(body) + 10)}, body

    async def main() -> None:
        async with running() as engine:
            engine.register_plugin(Fetching, name="fake")
            download_id = await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path)
            await until(lambda: any(tmp_path.glob(".cratedig-*/*")))
            await _cancelled(engine, download_id)
            await until(lambda: not files(tmp_path))
            await asyncio.sleep(0.3)
        assert files(tmp_path) == []

    with serving(slow) as address:
        asyncio.run(main())


def test_cancelled_while_it_is_verified_nothing_is_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is whole, but not wanted any more, does not appear."""
    verifying, go_on = Event(), Event()
    verify = Delivering._verified

    def slow(self: Delivering, *arguments: Any) -> Any:
        verifying.set()
        go_on.wait(10)
        return verify(self, *arguments)

    monkeypatch.setattr(Delivering, "_verified", slow)

    async def main() -> None:
        async with running(Fake()) as engine:
            download_id = await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path)
            await until(verifying.is_set)
            await _cancelled(engine, download_id)
            go_on.set()
            await asyncio.sleep(0.2)
            done = await engine.get_download_status(download_id)
            assert done is not None
            assert done.state is DownloadState.CANCELLED
        assert files(tmp_path) == []

    asyncio.run(main())


def test_cancelled_between_publishing_and_completing_the_file_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes first counts: after the cancel has been told there is no file."""
    published, go_on = Event(), Event()
    publish = Delivering._publish

    def slow(self: Delivering, *arguments: Any) -> Any:
        path = publish(self, *arguments)
        published.set()
        go_on.wait(10)
        return path

    monkeypatch.setattr(Delivering, "_publish", slow)

    async def main() -> None:
        async with running(Fake()) as engine:
            download_id = await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path)
            await until(published.is_set)
            await _cancelled(engine, download_id)
            go_on.set()
            await until(lambda: not files(tmp_path))

    asyncio.run(main())


def _late(target_id: str, dest_dir: Path) -> Path:
    """What a source does that wants its file to be there whatever happens."""
    dest_dir.mkdir(parents=True, exist_ok=True)
    return deliver(dest_dir, target_id)


async def _stubborn(target_id: str, dest_dir: Path, _progress: Progress) -> Path:
    """Ignores that it is cancelled, and delivers late."""
    deadline = time.monotonic() + 0.6
    while time.monotonic() < deadline:
        try:
            await asyncio.sleep(0.05)
        except asyncio.CancelledError:
            continue
    return _late(target_id, dest_dir)


async def _blocking(target_id: str, dest_dir: Path, _progress: Progress) -> Path:
    """Blocks its loop, so that nobody can cancel it, and delivers late."""
    time.sleep(0.6)  # noqa: ASYNC251 - that is the point
    return _late(target_id, dest_dir)


@pytest.mark.parametrize("body", [_stubborn, _blocking], ids=["ignores", "blocks"])
def test_what_lands_late_is_removed(body: Any, tmp_path: Path) -> None:
    """The cancel is told at once all the same, and its reason stays what it was."""
    source = Fake(download=body)

    async def main() -> None:
        async with running(source) as engine:
            download_id = await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path)
            await until(lambda: source.asked("download"))
            await asyncio.sleep(0.05)
            await _cancelled(engine, download_id)
            await asyncio.sleep(1.0)
            done = await engine.wait(download_id)
            assert (done.state, done.detail) == (DownloadState.CANCELLED, "cancelled")
            assert files(tmp_path) == []

    asyncio.run(main())


def test_what_a_thread_delivers_late_is_removed(tmp_path: Path) -> None:
    """A thread cannot be cancelled; what it writes after the cancel goes when it has ended."""
    started, finished = Event(), Event()

    class Threaded(Fake):
        def __init__(self, context: SourceContext) -> None:
            super().__init__()
            self.context = context

        @hookimpl
        async def download_raw(self, target_id: str, dest_dir: Path, progress: Progress) -> Delivery:
            return Delivery(path=await self.context.run_blocking(self.work, target_id, dest_dir))

        @staticmethod
        def work(target_id: str, dest_dir: Path) -> Path:
            started.set()
            time.sleep(0.5)
            try:
                return _late(target_id, dest_dir)
            finally:
                finished.set()

    async def main() -> None:
        async with running() as engine:
            engine.register_plugin(Threaded, name="fake")
            download_id = await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path)
            await until(started.is_set)
            await _cancelled(engine, download_id)
            await until(finished.is_set)
            await until(lambda: not files(tmp_path))

    asyncio.run(main())


def test_progress_after_the_cancel_stops_the_source(tmp_path: Path) -> None:
    """A thread that reports learns that nobody wants it any more."""
    stopped = Event()

    def work(progress: Progress) -> None:
        for transferred in range(10_000):
            time.sleep(0.005)
            try:
                progress(transferred, 10_000)
            except Exception:
                stopped.set()
                raise

    async def reporting(_target_id: str, _dest_dir: Path, progress: Progress) -> Any:
        return await asyncio.to_thread(work, progress)

    async def main() -> None:
        source = Fake(download=reporting)
        async with running(source) as engine:
            download_id = await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path)
            await until(lambda: source.asked("download"))
            await _cancelled(engine, download_id)
            await until(stopped.is_set)

    asyncio.run(main())


def test_cancel_and_remove_forgets_the_record(tmp_path: Path) -> None:
    """Nobody finds it any more, whoever waited for it has been told."""

    async def main() -> None:
        async with running(Fake(download=forever)) as engine:
            download_id = await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path)
            waiting = asyncio.ensure_future(engine.wait(download_id))
            await asyncio.sleep(0.05)
            assert await engine.cancel_download(download_id, remove=True)
            assert (await waiting).state is DownloadState.CANCELLED
            assert await engine.get_download_status(download_id) is None
            with pytest.raises(UnknownDownload):
                await engine.cancel_download(download_id)

    asyncio.run(main())
