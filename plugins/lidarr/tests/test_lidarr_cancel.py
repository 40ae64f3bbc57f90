"""Nobody wants it any more: nothing goes on at Lidarr, and nothing of others is touched."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from cratedig import Download, DownloadEngine, DownloadState, Wanted
from cratedig_emulators.server import Fault

ALBUM = "Field Recordings of Nowhere"
QUEUED = {
    "queued": "queued",
    "downloading": "downloading",
    "pending": "waiting for Lidarr to import it",
    "importing": "importing",
}


def held_and_cancelled(bench: Any, stage: str, words: str, **settings: Any) -> Download:
    """Cancel when ``stage`` is reached, wait until Lidarr has been told, then let everything go on."""
    work = bench.service.work
    work.hold = stage

    async def use(engine: DownloadEngine) -> Download:
        download_id = await bench.dispatch(engine)
        await bench.seen(engine, download_id, words)
        assert await engine.cancel_download(download_id)
        done: Download = await engine.wait(download_id)
        await bench.until(lambda: not quiet(bench))
        work.hold = ""
        return done

    return bench(use, **settings)  # type: ignore[no-any-return]


def quiet(bench: Any) -> bool:
    """Whether something of this source's goes on."""
    albums = bench.service.shelf.albums.values()
    return bool(bench.service.grabs()) or any(album.monitored for album in albums)


@pytest.mark.parametrize("stage", QUEUED)
def test_cancel_in_the_queue(bench: Any, stage: str) -> None:
    """The download goes from queue and client, without a new search, and the album is not wanted any more."""
    done = held_and_cancelled(bench, stage, QUEUED[stage])
    assert (done.state, bench.left()) == (DownloadState.CANCELLED, [])
    ((_, options),) = bench.service.work.removed
    assert options == {
        "removeFromClient": "true",
        "blocklist": "false",
        "skipRedownload": "true",
        "changeCategory": "false",
    }
    assert len(bench.service.searches()) == 1
    assert not bench.service.shelf.albums[7].files


def test_cancel_while_the_album_is_read(bench: Any) -> None:
    """It is never searched for, not even when its tracks are known at last."""
    done = held_and_cancelled(bench, "metadata", "Lidarr reads the album's tracks")
    assert done.state is DownloadState.CANCELLED
    assert bench.service.searches() == []


def test_cancel_of_a_search_that_waits(bench: Any) -> None:
    """A command that is still queued is cancelled."""
    service = bench.service
    service.shelf.pace = 0.05
    service.work.pace = 1000.0

    async def use(engine: DownloadEngine) -> None:
        download_id = await bench.dispatch(engine)
        await bench.seen(engine, download_id, "Lidarr searches its indexers")
        await engine.cancel_download(download_id)
        await bench.until(lambda: service.work.commands[56].status == "cancelled")
        await bench.until(lambda: not quiet(bench))

    bench(use)
    assert service.work.removed == []


def test_cancel_of_a_search_that_runs(bench: Any) -> None:
    """It cannot be stopped; what it grabs is taken out when it is there."""
    work = bench.service.work
    work.hold = "search"

    async def use(engine: DownloadEngine) -> None:
        download_id = await bench.dispatch(engine)
        await bench.until(lambda: any(one.status == "started" for one in searches(work)))
        await bench.seen(engine, download_id, "Lidarr searches its indexers")
        await engine.cancel_download(download_id)
        told = len(bench.asked("/command"))
        await bench.until(lambda: len(bench.asked("/command")) > told)
        work.hold = "queued"
        await bench.until(lambda: work.removed)
        await bench.until(lambda: not quiet(bench))

    bench(use)
    assert len(bench.service.searches()) == 1


def searches(work: Any) -> list[Any]:
    return [one for one in work.commands.values() if one.name == "AlbumSearch"]


def advanced(bench: Any) -> bool:
    """Let time pass at Lidarr although nobody asks; whether something was grabbed."""
    with bench.service.lock:
        bench.service.work.advance()
        return bool(bench.service.grabs())


def test_what_a_search_grabs_after_the_end_is_taken_out_the_next_time(bench: Any) -> None:
    """The engine was closed before the search was over; the next one clears up by itself."""
    bench.journal = bench.folder / "journal.db"
    work = bench.service.work
    work.hold = "search"

    async def use(engine: DownloadEngine) -> None:
        download_id = await bench.dispatch(engine)
        await bench.until(lambda: any(one.status == "started" for one in searches(work)))
        await bench.seen(engine, download_id, "Lidarr searches its indexers")
        await engine.cancel_download(download_id)

    bench(use)
    work.hold = "downloading"
    asyncio.run(bench.until(lambda: advanced(bench)))

    async def later(_: DownloadEngine) -> None:
        await bench.until(lambda: not quiet(bench))

    bench(later)
    assert len(work.removed) == 1
    assert not bench.service.shelf.albums[7].monitored


def test_cancel_before_the_queue_shows_the_download(bench: Any) -> None:
    """It is in the history alone: Lidarr has to look at its client, then the download is taken out."""
    work = bench.service.work
    work.refresh_every = 1000.0
    work.hold = "downloading"

    async def use(engine: DownloadEngine) -> None:
        download_id = await bench.dispatch(engine)
        await bench.seen(engine, download_id, "waiting for Lidarr's download client")
        await engine.cancel_download(download_id)
        await bench.until(lambda: not quiet(bench))

    bench(use)
    assert len(work.removed) == 1


def test_what_was_taken_out_already_is_not_waited_for(bench: Any) -> None:
    """Lidarr could do only the half of it: the history still names the download when it is told again."""
    service = bench.service
    service.work.hold = "downloading"

    async def use(engine: DownloadEngine) -> None:
        download_id = await bench.dispatch(engine)
        await bench.seen(engine, download_id, "downloading")
        service.fault("/api/v1/album/monitor", Fault(status=503, times=1))
        await engine.cancel_download(download_id)
        await bench.until(lambda: not advanced(bench) and not quiet(bench))

    bench(use)
    assert len(service.work.removed) == len(bench.asked("/queue/bulk", "DELETE")) == 1


def test_a_download_of_before_stays(bench: Any) -> None:
    """What a person has started in Lidarr is followed, but not ended: it is not this source's."""
    service = bench.service
    shelved = service.add(ALBUM, tracks=0, monitored=True)
    service.work.hold = "downloading"
    service.work.grab(shelved)

    async def use(engine: DownloadEngine) -> None:
        download_id = await bench.dispatch(engine)
        await bench.seen(engine, download_id, "downloading")
        await engine.cancel_download(download_id)
        await bench.until(lambda: len(bench.asked("/command")) > 1)

    bench(use)
    assert len(service.grabs()) == 1
    assert shelved.monitored
    assert service.searches() == service.work.removed == []


def test_one_of_two_records_is_cancelled(bench: Any) -> None:
    """The other one's download goes on."""
    work = bench.service.work
    work.hold = "downloading"

    async def use(engine: DownloadEngine) -> Download:
        (found,) = await engine.search(Wanted(album=ALBUM), sources=["lidarr"])
        folders = (bench.music / "one", bench.music / "other")
        one, other = [await engine.dispatch_download(found, dest_dir=dest, force=True) for dest in folders]
        for each in (one, other):
            await bench.seen(engine, each, "downloading")
        await engine.cancel_download(one)
        work.hold = ""
        done: Download = await engine.wait(other)
        return done

    assert bench(use).state is DownloadState.COMPLETED
    assert work.removed == []
    assert len(bench.left()) == 3


def test_what_was_cancelled_can_be_had_again(bench: Any) -> None:
    """A new search, a new release, and no trace of the old one."""
    held_and_cancelled(bench, "downloading", "downloading")
    assert bench.download().state is DownloadState.COMPLETED
    assert len(bench.service.searches()) == 2


def test_the_bulk_request_names_every_record(bench: Any) -> None:
    """A search may have taken several releases for one album."""
    bench.service.work.finds[ALBUM] = 3
    held_and_cancelled(bench, "downloading", "downloading")
    (bulk,) = bench.asked("/queue/bulk", "DELETE")
    assert len(json.loads(bulk.body)["ids"]) == len(bench.service.work.removed) == 3
