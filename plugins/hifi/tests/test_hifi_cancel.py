"""Cancelling at every stage ends the traffic and leaves no file; a busy instance's queue is left as well."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from cratedig import DownloadEngine, DownloadState
from cratedig_emulators.messages import json_response
from cratedig_emulators.server import Fault


def cancelled(
    bench: Any, ready: Callable[[], object], settled: Callable[[], object] = lambda: True, **settings: Any
) -> Any:
    """The record of a download that is cancelled when ``ready``, once that has ``settled``."""

    async def use(engine: DownloadEngine) -> Any:
        dest = bench.folder / "music"
        download_id = await engine.dispatch_download(("hifi", bench.target()), dest_dir=dest)
        await bench.until(ready)
        assert await engine.cancel_download(download_id)
        record = await engine.wait(download_id)
        await bench.until(settled)
        await bench.until(lambda: not any(service.log.active for service in bench.services))
        await asyncio.sleep(0.2)
        return record

    record = bench(use, **settings)
    assert record.state is DownloadState.CANCELLED
    assert not [path for path in (bench.folder / "music").rglob("*") if path.is_file()]
    assert not any(service.log.active for service in bench.services)
    return record


def test_cancel_in_the_queue(bench: Any) -> None:
    """A download that is cancelled before its turn asks for nothing."""

    async def use(engine: DownloadEngine) -> Any:
        bench.service.fault("/mediatracks/*", Fault(stall_at=0.5))
        dest = bench.folder / "music"
        titles = ("Copper Rain", "Moth Season", "Glasshouse")
        ids = [
            await engine.dispatch_download(("hifi", bench.target(title)), dest_dir=dest) for title in titles
        ]
        await bench.until(lambda: len(bench.service.log.all("/mediatracks/*")) == 2)
        for one in reversed(ids):
            assert await engine.cancel_download(one)
        return [(await engine.wait(one)).state for one in ids]

    assert set(bench(use)) == {DownloadState.CANCELLED}
    last = bench.target("Glasshouse")
    assert not [seen for seen in bench.service.requests if last in f"{seen.path}{seen.query}"]


@pytest.mark.parametrize("path", ["/info/", "/track/"])
def test_cancel_while_it_is_resolved(bench: Any, path: str) -> None:
    """The request that is under way ends at once, and no other instance is asked."""
    bench.service.fault(path, Fault(delay=50))
    cancelled(bench, lambda: bench.service.log.all(path), instance_timeout=60.0)
    assert bench.services[1].requests == []


@pytest.mark.parametrize("quality", ["HI_RES_LOSSLESS", "LOSSLESS"])
def test_cancel_at_half_the_bytes(bench: Any, quality: str) -> None:
    """The CDN's connection is closed, whether it is one file or segments."""
    bench.service.fault("/mediatracks/*", Fault(stall_at=0.5, skip=1 if quality == "HI_RES_LOSSLESS" else 0))
    cancelled(
        bench,
        lambda: any(seen.sent > 1000 for seen in bench.service.log.all("/mediatracks/*")),
        quality=quality,
    )


def test_cancel_leaves_the_queue_of_a_busy_instance(bench: Any) -> None:
    """A place that nobody waits for any more is given back with DELETE."""
    bench.service.busy = 1000
    cancelled(
        bench,
        lambda: bench.service.log.all("/playback/requests/*"),
        lambda: bench.service.queue.waiting == 0,
    )
    assert bench.service.log.all("/playback/requests/*")[-1].method == "DELETE"


def test_busy_instance_is_asked_again(bench: Any) -> None:
    """202 is waited for, with one place in the queue and as far apart as it says."""
    bench.service.busy = 2
    record = bench.download()
    assert record.state is DownloadState.COMPLETED
    assert bench.service.queue.most == 1
    assert len(bench.service.log.all("/track/")) == 1
    first, second = bench.service.log.all("/playback/requests/*")
    assert second.at - first.at >= 1
    assert "busy" in record.attempts[0].reason


def test_place_in_the_queue_outlives_the_process(bench: Any) -> None:
    """What waits when the engine is closed is asked after, not asked for again."""
    bench.service.busy = 2

    async def begin(engine: DownloadEngine) -> str:
        dest = bench.folder / "music"
        download_id = await engine.dispatch_download(("hifi", bench.target()), dest_dir=dest)
        await bench.until(lambda: bench.service.queue.waiting)
        await bench.seen(engine, download_id, lambda record: record.attempts)
        return str(download_id)

    download_id = bench(begin, journal=True)
    record = bench(lambda engine: engine.wait(download_id), journal=True)
    assert record.state is DownloadState.COMPLETED
    assert len(bench.service.log.all("/track/")) == 1


@pytest.mark.parametrize(
    ("status", "detail", "code"),
    [(403, "Upstream API error", "not-entitled"), (404, "Upstream API error", "not-found")],
)
def test_queue_that_ends_in_a_refusal(bench: Any, status: int, detail: str, code: str) -> None:
    """What a request that has waited gets may be an error of its own."""
    bench.addresses = bench.addresses[:1]
    bench.service.busy = 1
    bench.service.outcome = json_response({"detail": detail}, status)
    if status == 404:
        bench.service.fault("/track/", Fault(status=404, skip=1))
    assert bench.download().code == code


def test_place_that_has_expired_is_taken_anew(bench: Any) -> None:
    """An instance that has forgotten the request is asked for the track again."""
    bench.service.busy = 1
    gone = Fault(status=404, body=b'{"detail": "Playback request not found or expired"}', times=1)
    bench.service.fault("/playback/requests/*", gone)
    assert bench.download().state is DownloadState.COMPLETED
    assert len(bench.service.log.all("/track/")) == 2


def test_queue_without_a_number_is_left_for_the_next_instance(bench: Any) -> None:
    """A 202 that does not say what to ask for is of no use."""
    bench.service.fault("/track/", Fault(status=202, body=b"{}"))
    assert bench.download().state is DownloadState.COMPLETED
