"""What this source has added to Lidarr, and what becomes of it; what was there before stays as it was."""

from __future__ import annotations

from typing import Any

import pytest

from cratedig import Download, DownloadEngine, DownloadState
from cratedig_emulators.server import Fault

ALBUM = "Field Recordings of Nowhere"
REMOVE = {"remove_added": True}


def delivered(bench: Any, **settings: Any) -> Download:
    """Download, and wait until Lidarr has been told that it is over."""

    async def use(engine: DownloadEngine) -> Download:
        done: Download = await engine.wait(await bench.dispatch(engine))
        assert done.state is DownloadState.COMPLETED, done.detail
        return done

    done: Download = bench(use, **settings)  # closing the engine waits for the end at the other program
    return done


def test_an_album_that_was_added_is_not_monitored_any_more(bench: Any) -> None:
    """It stays with its files, and Lidarr does not go on looking for better ones by itself."""
    delivered(bench)
    shelved = bench.service.shelf.albums[7]
    assert not shelved.monitored
    assert len(shelved.files) == 3
    assert bench.asked("/album/7", "DELETE") == []


def test_album_and_artist_that_were_added_are_removed_again(bench: Any) -> None:
    """The library is as it was, and no file is deleted."""
    delivered(bench, **REMOVE)
    assert (bench.service.shelf.albums, bench.service.shelf.artists) == ({}, {})
    (request,) = bench.asked("/artist/3", "DELETE")
    assert request.query == "deleteFiles=false&addImportListExclusion=false"
    assert len(list(bench.service.folder.rglob("*.flac"))) == 3


def test_what_was_removed_can_be_had_again_without_a_download(bench: Any) -> None:
    """Lidarr finds the files in the artist's folder when it is added again."""
    delivered(bench, **REMOVE)
    assert len(delivered(bench, **REMOVE).files) == 3
    assert len(bench.service.searches()) == 1
    assert bench.service.shelf.albums == {}


def test_an_artist_of_before_stays(bench: Any, second_album: str) -> None:
    """Only the album goes."""
    mine = bench.service.add(second_album, monitored=True)
    delivered(bench, **REMOVE)
    assert list(bench.service.shelf.albums.values()) == [mine]
    assert mine.monitored
    assert len(mine.files) == 2
    assert bench.asked("/artist/3", "DELETE") == []


def test_an_album_of_before_stays(bench: Any) -> None:
    """Complete or not, monitored or not: it is not this source's."""
    shelved = bench.service.add(ALBUM, tracks=1, monitored=True)
    delivered(bench, **REMOVE)
    assert list(bench.service.shelf.albums.values()) == [shelved]
    assert shelved.monitored
    assert len(shelved.files) == 3


def test_an_artist_that_somebody_has_come_to_use_stays(bench: Any, second_album: str) -> None:
    """Meanwhile a person has another album of the artist monitored."""
    service = bench.service
    service.work.hold = "downloading"

    async def use(engine: DownloadEngine) -> None:
        download_id = await bench.dispatch(engine)
        await bench.seen(engine, download_id, "downloading")
        other = service.shelf.shelved(service.foreign_id(second_album))
        other.monitored = True
        service.work.hold = ""
        assert (await engine.wait(download_id)).state is DownloadState.COMPLETED

    bench(use, **REMOVE)
    assert [one.known.album.title for one in service.shelf.albums.values()] == [second_album]


@pytest.mark.parametrize("came_along", [False, True])
def test_two_albums_of_an_artist_that_was_added(bench: Any, second_album: str, came_along: bool) -> None:
    """The artist goes with the last of them, also when both end at once.

    Lidarr adds an artist's other albums a moment after the artist: the second one may be there already.
    """
    service = bench.service
    service.work.hold = "downloading"

    async def use(engine: DownloadEngine) -> None:
        ids = [await bench.dispatch(engine)]
        if came_along:
            await bench.until(lambda: service.shelf.shelved(service.foreign_id(second_album)))
        ids.append(await bench.dispatch(engine, second_album))
        for each in ids:
            await bench.seen(engine, each, "downloading")
        service.fault("DELETE /api/v1/album/*", Fault(delay=0.7))
        service.work.hold = ""
        for each in ids:
            assert (await engine.wait(each)).state is DownloadState.COMPLETED
        await bench.until(lambda: not service.shelf.artists)

    bench(use, **REMOVE)


def test_a_job_that_brought_nothing_is_removed_as_well(bench: Any) -> None:
    """No indexer has it: the album that was added for it is not left behind."""
    bench.service.work.finds[ALBUM] = 0
    assert bench.download(settings=REMOVE).state is DownloadState.ERRORED
    assert bench.service.shelf.artists == {}


def test_a_cancelled_job_is_removed_as_well(bench: Any) -> None:
    """Queue, album and artist are as they were."""
    service = bench.service
    service.work.hold = "downloading"

    async def use(engine: DownloadEngine) -> None:
        download_id = await bench.dispatch(engine)
        await bench.seen(engine, download_id, "downloading")
        await engine.cancel_download(download_id)
        await bench.until(lambda: not service.shelf.artists)

    bench(use, **REMOVE)
    assert service.grabs() == []


def test_an_album_that_is_asked_for_again_while_its_search_cannot_be_stopped(bench: Any) -> None:
    """The search of before serves the new record, and the album is still known as one that was added."""
    service = bench.service
    service.work.hold = "search"

    async def use(engine: DownloadEngine) -> Download:
        download_id = await bench.dispatch(engine)
        await bench.seen(engine, download_id, "Lidarr searches its indexers")
        (search,) = (one for one in service.work.commands.values() if one.name == "AlbumSearch")
        await bench.until(lambda: search.status == "started")
        await engine.cancel_download(download_id)
        again = await bench.dispatch(engine)
        await bench.seen(engine, again, "Lidarr searches its indexers")
        service.work.hold = ""
        done: Download = await engine.wait(again)
        return done

    assert bench(use).state is DownloadState.COMPLETED
    assert len(service.searches()) == 1
    assert not service.shelf.albums[7].monitored


def test_what_was_added_is_known_after_a_restart(bench: Any) -> None:
    """The next engine removes what the first one has added."""
    bench.journal = bench.folder / "journal.db"
    service = bench.service
    service.work.hold = "downloading"

    async def first(engine: DownloadEngine) -> str:
        download_id: str = await bench.dispatch(engine)
        await bench.seen(engine, download_id, "downloading")
        return download_id

    download_id = bench(first, **REMOVE)
    service.work.hold = ""
    done = bench(lambda engine: engine.wait(download_id), **REMOVE)
    assert done.state is DownloadState.COMPLETED
    assert service.shelf.artists == {}


def test_nothing_is_remembered_of_what_is_over(bench: Any) -> None:
    """The source's own notes do not grow with every download."""
    bench.journal = bench.folder / "journal.db"
    delivered(bench, **REMOVE)
    (file,) = (bench.folder / "state").rglob("lidarr.json")
    assert bench.service.foreign_id(ALBUM) not in file.read_text(encoding="utf-8")
