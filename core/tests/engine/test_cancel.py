"""A cancel ends the I/O wherever the download stands, sticks, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from core.tests.fakes import (
    Canceller,
    Fake,
    deliver,
    ended,
    files,
    forever,
    in_turn,
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
    assert await engine.cancel_download(download_id)
    now = await engine.get_download_status(download_id)
    assert now is not None
    assert now.state is DownloadState.CANCELLED
    assert await ended(engine, download_id) == now
    assert not await engine.cancel_download(download_id)


async def _waits_for(engine: DownloadEngine, download_id: str, what: str) -> None:
    """Wait until the record says that it waits for that."""
    record = engine._parts.table.get(download_id)
    await until(lambda: f"waiting for {what}" in record.detail)


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
    source = Fake(limits=RateLimits(requests=Rate(1, 3600.0), concurrent_downloads=1))

    async def main() -> None:
        async with running(source) as engine:
            await engine.wait(await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path))
            waiting = await engine.dispatch_download(("fake", "2"), dest_dir=tmp_path)
            await _waits_for(engine, waiting, "fake to allow a request")
            await _cancelled(engine, waiting)
            engine.rate_limiter.set_rate("fake", None)
            third = await engine.dispatch_download(("fake", "3"), dest_dir=tmp_path)
            assert (await ended(engine, third)).state is DownloadState.COMPLETED
        assert source.asked("download") == ["1", "3"]

    asyncio.run(main())


def test_cancelled_while_it_waits_for_the_breaker_it_gives_up_its_turn(tmp_path: Path) -> None:
    """A source that is down holds nobody who does not want to wait."""
    source = Fake(download=raising(Unavailable("down")))

    async def main() -> None:
        settings = {"breaker_failures": 1, "breaker_pause": 3600.0}
        async with running(source, engine=settings) as engine:
            waiting = await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path)
            await _waits_for(engine, waiting, "fake to recover")
            await _cancelled(engine, waiting)
            source.download = None
            engine._parts.sources.get("fake").breaker._until = 0.0  # its pause is over
            other = await engine.dispatch_download(("fake", "2"), dest_dir=tmp_path)
            assert (await ended(engine, other)).state is DownloadState.COMPLETED
        assert files(tmp_path) == ["2.wav"]

    asyncio.run(main())


def test_a_cancelled_probe_lets_another_one_probe(tmp_path: Path) -> None:
    """The one caller that a half-open breaker admits may be cancelled without closing the source for ever."""
    source = Fake(download=in_turn(Unavailable("down"), forever))

    async def main() -> None:
        settings = {"breaker_failures": 1, "breaker_pause": 0.05, "retries": 0}
        async with running(source, engine=settings) as engine:
            first = await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path)
            await until(lambda: len(source.asked("download")) == 2)
            await _cancelled(engine, first)
            second = await engine.dispatch_download(("fake", "2"), dest_dir=tmp_path)
            assert (await ended(engine, second)).state is DownloadState.COMPLETED
            assert engine.sources()[0].breaker == "closed"

    asyncio.run(main())


def test_cancelled_inside_the_hook_the_hook_is_cancelled_and_the_source_told(tmp_path: Path) -> None:
    """The task gets CancelledError, `cancel_raw` its target, and the staging folder is gone."""
    told: list[str] = []

    async def endless(target_id: str, dest_dir: Path, _progress: Progress) -> Path:
        (dest_dir / "half").write_bytes(b"half")
        try:
            await forever()
        except asyncio.CancelledError:
            told.append(target_id)
            raise
        return dest_dir / "half"

    source = Canceller(download=endless)

    async def main() -> None:
        async with running(source) as engine:
            running_id = await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path)
            await until(lambda: any(tmp_path.glob(".cratedig-*/half")))
            await _cancelled(engine, running_id)
            await until(lambda: told == ["1"] and source.cancelled == ["1"] and not files(tmp_path))

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
        go_on.wait()
        return verify(self, *arguments)

    monkeypatch.setattr(Delivering, "_verified", slow)

    async def main() -> None:
        async with running(Fake()) as engine:
            download_id = await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path)
            await until(verifying.is_set)
            try:
                await _cancelled(engine, download_id)
            finally:
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
        go_on.wait()
        return path

    monkeypatch.setattr(Delivering, "_publish", slow)

    async def main() -> None:
        async with running(Fake()) as engine:
            download_id = await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path)
            await until(published.is_set)
            try:
                await _cancelled(engine, download_id)
            finally:
                go_on.set()
            await until(lambda: not files(tmp_path))

    asyncio.run(main())


def _late(target_id: str, dest_dir: Path) -> Path:
    """What a source does that wants its file to be there whatever happens."""
    dest_dir.mkdir(parents=True, exist_ok=True)
    return deliver(dest_dir, target_id)


async def _ignores(go_on: Event) -> None:
    """Ignore that it is cancelled."""
    while not go_on.is_set():
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(0.01)


async def _blocks(go_on: Event) -> None:
    """Block the loop, so that nobody can cancel it."""
    go_on.wait()


@pytest.mark.parametrize("held", [_ignores, _blocks])
def test_what_lands_late_is_removed(held: Callable[[Event], Awaitable[None]], tmp_path: Path) -> None:
    """The cancel is told at once all the same, and its reason stays what it was."""
    begun, go_on, delivered = Event(), Event(), Event()

    async def body(target_id: str, dest_dir: Path, _progress: Progress) -> Path:
        begun.set()
        await held(go_on)
        path = _late(target_id, dest_dir)
        delivered.set()
        return path

    async def main() -> None:
        async with running(Fake(download=body)) as engine:
            download_id = await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path)
            await until(begun.is_set)
            try:
                await _cancelled(engine, download_id)
            finally:
                go_on.set()
            await until(lambda: delivered.is_set() and not files(tmp_path))
            await asyncio.sleep(0.1)
            done = await engine.wait(download_id)
            assert (done.state, done.detail) == (DownloadState.CANCELLED, "cancelled")
            assert files(tmp_path) == []

    asyncio.run(main())


def test_what_a_thread_delivers_late_is_removed(tmp_path: Path) -> None:
    """A thread cannot be cancelled; what it writes after the cancel goes when it has ended."""
    started, go_on, finished = Event(), Event(), Event()

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
            go_on.wait()
            try:
                return _late(target_id, dest_dir)
            finally:
                finished.set()

    async def main() -> None:
        async with running() as engine:
            engine.register_plugin(Threaded, name="fake")
            download_id = await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path)
            await until(started.is_set)
            try:
                await _cancelled(engine, download_id)
            finally:
                go_on.set()
            await until(finished.is_set)
            await until(lambda: not files(tmp_path))

    asyncio.run(main())


def test_progress_after_the_cancel_stops_the_source(tmp_path: Path) -> None:
    """A thread that reports learns that nobody wants it any more."""
    stopped, over = Event(), Event()

    def work(progress: Progress) -> None:
        transferred = 0
        try:
            while not over.wait(0.005):
                transferred += 1
                progress(transferred)
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
            try:
                await _cancelled(engine, download_id)
                await until(stopped.is_set)
            finally:
                over.set()

    asyncio.run(main())


def test_cancel_and_remove_forgets_the_record(tmp_path: Path) -> None:
    """Nobody finds it any more, whoever waited for it has been told."""

    async def main() -> None:
        async with running(Fake(download=forever)) as engine:
            download_id = await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path)
            waiting = asyncio.ensure_future(engine.wait(download_id))
            await asyncio.sleep(0)  # it takes one step, and waits
            assert await engine.cancel_download(download_id, remove=True)
            assert (await waiting).state is DownloadState.CANCELLED
            assert await engine.get_download_status(download_id) is None
            with pytest.raises(UnknownDownload):
                await engine.cancel_download(download_id)

    asyncio.run(main())
