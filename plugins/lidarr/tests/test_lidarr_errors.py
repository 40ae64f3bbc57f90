"""What Lidarr says when something is wrong, and which of the engine's errors it becomes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cratedig import Download, DownloadEngine, DownloadState, SearchStatus, Wanted
from cratedig_emulators.server import Fault

ALBUM = "Field Recordings of Nowhere"
QUICK = {"patience": 0.3}


def ended(done: Download) -> tuple[DownloadState, str]:
    return done.state, done.code


def test_no_indexer_has_it(bench: Any) -> None:
    """A search that downloads 0 reports is the only sign; it is one search, not many."""
    bench.service.work.finds[ALBUM] = 0
    done = bench.download()
    assert ended(done) == (DownloadState.ERRORED, "not-found")
    assert "none of Lidarr's indexers has the album" in done.detail
    assert len(bench.service.searches()) == 1


def test_a_search_that_fails(bench: Any) -> None:
    """The command's exception is told, and it may work later."""
    bench.service.work.indexers_gone = True
    done = bench.download()
    assert ended(done) == (DownloadState.ERRORED, "unavailable")
    assert "the indexers are gone" in done.detail


@pytest.mark.parametrize("course", ["failed", "failed-and-gone"])
def test_a_download_that_fails(bench: Any, course: str) -> None:
    """Another release is tried once; what the client said is told; nothing of it stays in the queue."""
    work = bench.service.work
    work.courses[ALBUM] = course

    async def use(engine: DownloadEngine) -> Download:
        done: Download = await engine.wait(await bench.dispatch(engine))
        await bench.until(lambda: not bench.service.grabs())
        return done

    done = bench(use)
    assert ended(done) == (DownloadState.ERRORED, "corrupt-download")
    assert "Repair failed, not enough repair blocks" in done.detail
    assert len(bench.service.searches()) == len(done.attempts) == 2


def test_another_release_after_a_failed_one(bench: Any) -> None:
    """The second attempt is not confused by what the first has left behind."""
    work = bench.service.work
    work.courses[ALBUM] = "failed"

    async def use(engine: DownloadEngine) -> Download:
        download_id = await bench.dispatch(engine)
        await bench.until(bench.service.grabs)
        work.courses[ALBUM] = "good"
        done: Download = await engine.wait(download_id)
        return done

    done = bench(use)
    assert done.state is DownloadState.COMPLETED
    assert [attempt.code for attempt in done.attempts] == ["corrupt-download", ""]


def test_an_import_that_waits_for_a_person(bench: Any) -> None:
    """It is given up after a while with Lidarr's words, and left for the person to import."""
    bench.service.work.courses[ALBUM] = "blocked"
    done = bench.download(settings=QUICK)
    assert ended(done) == (DownloadState.ERRORED, "not-found")
    assert "Artist name mismatch, automatic import is not possible" in done.detail
    assert "import it on Lidarr's page Activity" in done.detail
    assert bench.service.work.removed == []
    assert len(bench.service.grabs()) == 1


def test_what_a_person_has_imported_is_delivered_on_a_retry(bench: Any) -> None:
    """No second search."""
    work = bench.service.work
    work.courses[ALBUM] = "blocked"

    async def use(engine: DownloadEngine) -> Download:
        download_id = await bench.dispatch(engine)
        assert ended(await engine.wait(download_id))[1] == "not-found"
        (grab,) = bench.service.grabs()
        with bench.service.lock:
            work._import(grab)
            work.grabs.remove(grab)
        done: Download = await engine.wait(await engine.retry_download(download_id))
        return done

    assert bench(use, **QUICK).state is DownloadState.COMPLETED
    assert len(bench.service.searches()) == 1


def test_an_incomplete_album(bench: Any) -> None:
    """What is missing is named; by default that is a failure."""
    bench.service.work.courses[ALBUM] = "incomplete"
    done = bench.download(settings=QUICK)
    assert ended(done) == (DownloadState.ERRORED, "not-found")
    assert "2 of 3 tracks: 03 - A Map of the Fog missing" in done.detail
    assert bench.left() == []


def test_an_incomplete_album_for_who_wants_that(bench: Any) -> None:
    """The record has the exact list."""
    bench.service.work.courses[ALBUM] = "incomplete"
    done = bench.download(settings=QUICK, partial=True)
    assert done.state is DownloadState.COMPLETED
    assert done.missing == ("03 - A Map of the Fog",)
    assert len(done.files) == 2


def test_a_download_that_somebody_removes(bench: Any) -> None:
    """It is gone from the queue and nothing was imported: not for ever "downloading"."""
    bench.service.work.courses[ALBUM] = "removed"
    done = bench.download(settings=QUICK)
    assert ended(done) == (DownloadState.ERRORED, "not-found")
    assert "gone from Lidarr's queue" in done.detail


def test_a_download_that_somebody_ignores(bench: Any) -> None:
    """Lidarr was told to leave it alone."""
    bench.service.work.courses[ALBUM] = "ignored"
    done = bench.download()
    assert ended(done) == (DownloadState.ERRORED, "not-found")
    assert "ignore" in done.detail


def test_an_album_that_somebody_removes(bench: Any) -> None:
    """The other albums that are waited for do not suffer: Lidarr refuses the question for all of them."""
    service = bench.service
    service.work.hold = "metadata"

    async def use(engine: DownloadEngine) -> tuple[Download, Download]:
        one = await bench.dispatch(engine)
        other = await bench.dispatch(engine, "Slow Tram Home")
        for each in (one, other):
            await bench.seen(engine, each, "Lidarr reads")
        with service.lock:
            del service.shelf.albums[7]
        gone: Download = await engine.wait(one)
        service.work.hold = ""
        return gone, await engine.wait(other)

    gone, other = bench(use)
    assert ended(gone) == (DownloadState.ERRORED, "not-found")
    assert "removed the album from Lidarr" in gone.detail
    assert other.state is DownloadState.COMPLETED


def test_tracks_that_never_become_known(bench: Any) -> None:
    """A search before that would find nothing; the wait for it has an end."""
    bench.service.work.hold = "metadata"
    done = bench.download(settings=QUICK)
    assert ended(done) == (DownloadState.ERRORED, "unavailable")
    assert "does not get to know the album's tracks" in done.detail
    assert bench.service.searches() == []


def test_the_metadata_server_is_down(bench: Any) -> None:
    """Lidarr's sentence is told; the search is no bug and no empty answer."""
    bench.service.metadata_down = True
    outcome = bench.search(Wanted(album=ALBUM)).outcomes["lidarr"]
    assert (outcome.status, outcome.code) == (SearchStatus.FAILED, "unavailable")
    assert "LidarrAPI Temporarily Unavailable" in outcome.reason


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"root_folder": "/elsewhere"}, "root_folder: Lidarr has no '/elsewhere' (it has: /music)"),
        ({"quality_profile": "Best"}, "quality_profile: Lidarr has no 'Best' (it has: Any, Lossless)"),
        ({"metadata_profile": "9"}, "metadata_profile: Lidarr has no '9' (it has: Standard)"),
    ],
)
def test_a_setting_that_lidarr_does_not_know(bench: Any, settings: dict[str, str], words: str) -> None:
    """What there is to choose from is told."""
    done = bench.download(settings=settings)
    assert ended(done) == (DownloadState.ERRORED, "not-configured")
    assert words in done.detail


def test_a_refusal_names_the_setting(bench: Any) -> None:
    """A list of wrong values with status 400 is read."""
    bench.service._wrong = lambda given: bench.service.__class__._wrong(
        bench.service, {**given, "rootFolderPath": "/gone"}
    )
    done = bench.download()
    assert ended(done) == (DownloadState.ERRORED, "not-configured")
    assert "Root folder does not exist" in done.detail
    assert "root_folder" in done.detail


def test_a_path_that_is_not_here(bench: Any) -> None:
    """Both paths and the setting are named, and the library keeps the album."""
    done = bench.download(settings={"path_map": {"/music": "/nowhere"}})
    assert ended(done) == (DownloadState.ERRORED, "not-found")
    assert "/music/Kettle & Moss" in done.detail
    assert "/nowhere/Kettle & Moss" in done.detail
    assert "path_map" in done.detail
    assert len(bench.service.shelf.albums[7].files) == 3


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault(status=401), "authentication-failed"),
        (Fault(status=403), "not-entitled"),
        (Fault(status=500), "unavailable"),
        (Fault(status=503, body=b'{"message": "starting up"}'), "unavailable"),
        (Fault(reset=True), "unavailable"),
        (Fault(html=True), "unexpected-response"),
        (Fault(body=b"[" * 100_000), "unexpected-response"),
        (Fault(body=b"7"), "unexpected-response"),
    ],
    ids=lambda value: "" if isinstance(value, Fault) else value,
)
def test_an_answer_that_is_none(bench: Any, fault: Fault, code: str) -> None:
    """Each kind of bad answer is the error that it stands for, in searches and downloads."""
    bench.service.fault("/api/v1/album*", fault)
    assert bench.search(Wanted(album=ALBUM)).outcomes["lidarr"].code == code

    async def use(engine: DownloadEngine) -> Download:
        target = ("lidarr", bench.service.foreign_id(ALBUM))
        done: Download = await engine.wait(await engine.dispatch_download(target, dest_dir=bench.music))
        return done

    assert ended(bench(use)) == (DownloadState.ERRORED, code)


def test_a_wrong_key(bench: Any) -> None:
    """It is the login that is refused, and where the right one stands is told."""
    outcome = bench.search(Wanted(album=ALBUM), api_key="planted-wrong").outcomes["lidarr"]
    assert outcome.code == "authentication-failed"
    assert "Settings, General" in outcome.hint


def test_slow_down(bench: Any) -> None:
    """429 from a proxy in front of it: the lane pauses for as long as it says, then goes on."""
    bench.service.fault("/api/v1/album/lookup", Fault(status=429, retry_after=1, times=1))
    assert bench.search(Wanted(album=ALBUM), retries=1).results
    first, second = bench.asked("/album/lookup")
    assert second.at - first.at >= 1


@pytest.mark.parametrize("target", ["", "../../etc/passwd", "7", "1fae74be-fa6f-5f27-bab4-61b5e482ec2Z"])
def test_a_target_that_is_none(bench: Any, target: str) -> None:
    """It is refused before Lidarr is asked."""

    async def use(engine: DownloadEngine) -> Download:
        wish = ("lidarr", target or "x")
        done: Download = await engine.wait(await engine.dispatch_download(wish, dest_dir=bench.music))
        return done

    assert ended(bench(use)) == (DownloadState.ERRORED, "not-found")
    assert bench.service.requests == []


def test_a_release_group_that_is_gone(bench: Any) -> None:
    """MusicBrainz merges and removes."""

    async def use(engine: DownloadEngine) -> Download:
        wish = ("lidarr", "00000000-0000-4000-8000-000000000000")
        done: Download = await engine.wait(await engine.dispatch_download(wish, dest_dir=bench.music))
        return done

    done = bench(use)
    assert ended(done) == (DownloadState.ERRORED, "not-found")
    assert "no such release group" in done.detail


def test_a_file_that_has_been_changed_on_the_disk(bench: Any) -> None:
    """It has other bytes than Lidarr says: damaged, and the next attempt looks again."""
    shelved = bench.service.add(ALBUM)
    path: Path = shelved.files[2]
    path.write_bytes(path.read_bytes()[:-1000])
    done = bench.download()
    assert done.state is DownloadState.ERRORED
    assert "02 - Nowhere, Part Two" in done.detail
