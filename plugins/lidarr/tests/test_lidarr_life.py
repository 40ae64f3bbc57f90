"""From a search to an album's files, and what Lidarr is asked on the way."""

from __future__ import annotations

import asyncio
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from cratedig import Download, DownloadEngine, DownloadState, Kind, SearchStatus, Wanted
from cratedig_emulators.playing import play

ALBUM = "Field Recordings of Nowhere"
OTHER = "Slow Tram Home"
TITLES = ["01 - Nowhere, Part One.flac", "02 - Nowhere, Part Two.flac", "03 - A Map of the Fog.flac"]


def test_an_album_is_found_added_fetched_and_delivered(bench: Any) -> None:
    """Search, download, completion: every file plays for as long as the catalogue says, and is FLAC."""
    done = bench.download()
    assert (done.state, done.kind, done.missing) == (DownloadState.COMPLETED, Kind.ALBUM, ())
    assert done.file_path == bench.music / f"Kettle & Moss - {ALBUM}"
    assert [file.path.name for file in done.files] == TITLES
    for file, track in zip(done.files, bench.service.shelf.known[done.target_id].album.tracks, strict=True):
        heard = play(file.path)
        assert heard.codec == "flac"
        assert heard.seconds == pytest.approx(track.seconds, abs=0.1)
        assert file.path.stat().st_size == file.size
    assert str(done.quality_got) == "FLAC 16/44.1"


def test_a_search_finds_albums_with_what_is_known_of_them(bench: Any) -> None:
    """Artist, year, number of tracks and length; the quality is not known before the files are there."""
    (found,) = bench.search(Wanted(artist="Kettle & Moss", album=ALBUM))
    assert (found.kind, found.title, found.album, found.artist) == (Kind.ALBUM, ALBUM, ALBUM, "Kettle & Moss")
    assert (found.year, found.track_count, found.duration, found.quality) == (2016, 3, 41.0, None)
    assert found.extra["in_library"] is False


def test_an_id_of_musicbrainz_finds_its_album(bench: Any) -> None:
    """A release group's id in the album's place is an exact look-up."""
    target = bench.service.foreign_id(ALBUM)
    (found,) = bench.search(Wanted(album=target))
    assert found.target_id == target
    assert bench.asked("/album/lookup")[0].query == f"term=lidarr%3A{target}"


def test_brackets_are_left_out_of_a_second_query(bench: Any) -> None:
    """Editions in brackets, which the metadata server does not know, cost one more look-up and no third."""
    found = bench.search(Wanted(artist="Kettle & Moss", album=f"{ALBUM} (Deluxe Edition)"))
    assert [one.title for one in found] == [ALBUM]
    assert not bench.search(Wanted(album="Nothing Like It (Live) [2020]"))
    assert len(bench.asked("/album/lookup")) == 4


def test_a_track_is_never_searched_for_at_lidarr(bench: Any) -> None:
    """Free text, an artist's track, an ISRC: not one request reaches it, not even of a chain."""
    wishes = (
        "Kettle & Moss - Nowhere",
        Wanted(artist="Kettle & Moss", title="A Map of the Fog", album=ALBUM),
        Wanted(isrc="QZCD31600003"),
    )

    async def use(engine: DownloadEngine) -> list[Download]:
        for wish in wishes:
            report = await engine.search(wish, sources=["lidarr"])
            assert report.outcomes["lidarr"].status is SearchStatus.SKIPPED
            assert not (await engine.search_with_fallback(wish, ["lidarr"]))
        ids = [await engine.download_with_fallback(wish, ["lidarr"], dest_dir=bench.music) for wish in wishes]
        return [await engine.wait(one) for one in ids]

    assert {done.state for done in bench(use)} == {DownloadState.ERRORED}
    assert bench.service.requests == []


def test_only_the_album_is_monitored_and_nothing_else_searched_for(bench: Any) -> None:
    """The artist is new: no other album of theirs is wanted, and the one that is is named."""
    bench.download()
    (posted,) = bench.asked("/album", "POST")
    body = json.loads(posted.body)
    target = bench.service.foreign_id(ALBUM)
    assert body["addOptions"] == {"searchForNewAlbum": False}
    assert body["artist"]["addOptions"] == {
        "monitor": "none",
        "albumsToMonitor": [target],
        "searchForMissingAlbums": False,
    }
    assert (body["artist"]["rootFolderPath"], body["artist"]["monitorNewItems"]) == ("/music", "none")
    assert (body["artist"]["qualityProfileId"], body["artist"]["metadataProfileId"]) == (4, 2)
    assert len(bench.service.searches()) == 1


def test_profiles_are_taken_by_name(bench: Any) -> None:
    """A setting names them as Lidarr shows them."""
    wish = {"quality_profile": "lossless", "metadata_profile": "2", "root_folder": "/music/"}
    assert bench.download(settings=wish).state is DownloadState.COMPLETED
    artist = json.loads(bench.asked("/album", "POST")[0].body)["artist"]
    assert (artist["qualityProfileId"], artist["metadataProfileId"]) == (6, 2)


def test_an_album_that_is_there_is_delivered_at_once(bench: Any) -> None:
    """Nothing is added, nothing searched for, and the library's files stay where they are."""
    shelved = bench.service.add(ALBUM, monitored=True)
    done = bench.download()
    assert done.state is DownloadState.COMPLETED
    assert [file.path.name for file in done.files] == TITLES
    assert bench.service.searches() == bench.asked("/album", "POST") == []
    assert all(path.is_file() for path in shelved.files.values())
    assert shelved.monitored


def test_what_an_unmonitored_album_lacks_is_searched_for(bench: Any) -> None:
    """Lidarr calls such an album complete when it has one file; the tracks tell otherwise."""
    shelved = bench.service.add(ALBUM, tracks=1)
    assert bench.download().state is DownloadState.COMPLETED
    assert len(bench.service.searches()) == 1
    assert not shelved.monitored


def test_the_library_keeps_its_files(bench: Any) -> None:
    """They are copied, not moved and not linked: Lidarr may rewrite its own."""
    done = bench.download()
    for path in bench.service.shelf.albums[7].files.values():
        assert path.is_file()
        assert path.stat().st_nlink == 1
    assert len(done.files) == 3


def test_what_is_going_on_can_be_read_in_the_record(bench: Any) -> None:
    """Every stage says what is waited for, and bytes are counted while they come in."""
    work = bench.service.work
    stages = {
        "metadata": "Lidarr reads the album's tracks",
        "search": "Lidarr searches its indexers",
        "queued": "queued",
        "downloading": "downloading",
        "pending": "waiting for Lidarr to import it",
        "importing": "importing",
    }

    async def use(engine: DownloadEngine) -> Download:
        work.hold = "metadata"
        download_id = await bench.dispatch(engine)
        for stage, words in stages.items():
            work.hold = stage
            record = await bench.seen(engine, download_id, words)
            assert record.state is DownloadState.IN_PROGRESS
            assert (record.transferred > 0) is (stage in {"downloading", "pending", "importing"})
        assert record.size == bench.service.shelf.known[record.target_id].size
        work.hold = ""
        return await engine.wait(download_id)

    assert bench(use).state is DownloadState.COMPLETED


def test_a_warning_is_no_failure(bench: Any) -> None:
    """A download that has stalled says so, and goes on when it does."""
    work = bench.service.work
    work.courses[ALBUM], work.hold = "stalled", "stalled"

    async def use(engine: DownloadEngine) -> Download:
        download_id = await bench.dispatch(engine)
        await bench.seen(engine, download_id, "warning: stalled")
        work.hold = ""
        return await engine.wait(download_id)

    assert bench(use).state is DownloadState.COMPLETED


def test_two_records_of_one_album_are_one_job_at_lidarr(bench: Any) -> None:
    """One search, one release, and an album in each of two folders."""

    async def use(engine: DownloadEngine) -> list[Download]:
        (found,) = await engine.search(Wanted(album=ALBUM), sources=["lidarr"])
        folders = (bench.music / "one", bench.music / "other")
        ids = [await engine.dispatch_download(found, dest_dir=folder, force=True) for folder in folders]
        return list(await asyncio.gather(*map(engine.wait, ids)))

    records = bench(use)
    assert [record.state for record in records] == [DownloadState.COMPLETED] * 2
    assert len(bench.left()) == 6
    assert len(bench.service.searches()) == 1


def test_another_album_of_an_artist_who_is_being_added(bench: Any, second_album: str) -> None:
    """The artist's scan adds it while this source does; that is no error, and each is searched for once."""

    async def use(engine: DownloadEngine) -> list[Download]:
        ids = [await bench.dispatch(engine, title) for title in (ALBUM, second_album)]
        return list(await asyncio.gather(*map(engine.wait, ids)))

    assert [record.state for record in bench(use)] == [DownloadState.COMPLETED] * 2
    assert len(bench.service.searches()) == 2


def test_an_album_that_lidarr_has_got_meanwhile_is_no_error(bench: Any) -> None:
    """It is added between the look and the addition: 400, "already been added"."""
    service = bench.service
    finding = service.shelf.lookup

    def lookup(term: str) -> Any:
        if term.startswith("lidarr:") and not service.shelf.albums:
            service.add(ALBUM, tracks=0)
        return finding(term)

    service.shelf.lookup = lookup
    done = bench.download()
    assert done.state is DownloadState.COMPLETED
    assert bench.asked("/album", "POST")[0].status == 400


def test_one_status_request_in_each_interval(bench: Any, second_album: str) -> None:
    """While albums are in the queue, one request asks for all of them; no page hides them."""
    service = bench.service
    service.work.hold = "downloading"

    async def use(engine: DownloadEngine) -> list[Download]:
        ids = [await bench.dispatch(engine, title) for title in (ALBUM, OTHER, second_album)]
        for one in ids:
            await bench.seen(engine, one, "downloading")
        service.log.clear()
        await bench.until(lambda: len(service.requests) > 8)
        asked = list(service.requests)
        assert {seen.path for seen in asked} == {"/api/v1/queue/details"}
        assert min(late.at - early.at for early, late in pairwise(asked)) >= 0.1
        assert all("albumIds=7&albumIds=8&albumIds=9" in seen.query for seen in asked)
        service.work.hold = ""
        return list(await asyncio.gather(*map(engine.wait, ids)))

    assert {record.state for record in bench(use)} == {DownloadState.COMPLETED}


def test_a_url_base_belongs_to_the_address(tmp_path: Path, bench_of: Any) -> None:
    """Behind a proxy Lidarr lives below a path."""
    with bench_of(url_base="/lidarr") as bench:
        assert bench.download().state is DownloadState.COMPLETED
        assert {seen.path.split("/")[1] for seen in bench.service.requests} == {"lidarr"}
