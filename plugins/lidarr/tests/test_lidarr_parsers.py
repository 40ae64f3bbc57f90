"""Whatever Lidarr answers is read, or refused with an error that says so."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cratedig import (
    AuthenticationFailed,
    Kind,
    NotConfigured,
    NotFound,
    RawSearchResult,
    SourceError,
    Unavailable,
    UnexpectedResponse,
)
from cratedig_contracts.hostile import hostile_json, mutated
from cratedig_emulators.catalogue import DEFAULT
from cratedig_emulators.lidarr import COURSES, answers
from cratedig_emulators.lidarr.shelf import Artist, Known, Shelved
from cratedig_emulators.lidarr.work import Command, Grab
from cratedig_lidarr import albums, commands, files, history, library, queue
from cratedig_lidarr.api import Rejected, refusal
from cratedig_lidarr.jobs import Job

KNOWN = Known(DEFAULT.albums[2])
ARTIST = Artist(3, KNOWN.artist_id, KNOWN.album.artist, "/music", 0.0, "none", ())
SHELVED = Shelved(7, ARTIST, KNOWN, True, 0.0, True)
GRAB = Grab(901, "SABnzbd_nzo_1", "A-B-FLAC", SHELVED, COURSES["good"], 0.0, 1000)
SEARCH = Command(
    55, "AlbumSearch", {"albumIds": [7]}, 0.0, message="Album search completed. 2 reports downloaded."
)
LOOK_UP = [answers.album(KNOWN, None, None)]
LIBRARY = [answers.album(KNOWN, SHELVED, ARTIST)]
QUEUE = [answers.queued(evolve(GRAB, at=number)) for number in range(5)]
COMMANDS = [answers.command(SEARCH), {"id": 56, "name": "RefreshArtist", "body": {"artistId": 3}}]
TRACKS = [
    {**answers.track(SHELVED, one), "hasFile": True, "trackFileId": 30 + one.number}
    for one in KNOWN.album.tracks
]
FILES = [
    {
        "id": 30 + one.number,
        "path": f"/music/A/{one.title}.flac",
        "size": 1000 + one.number,
    }
    for one in KNOWN.album.tracks
]
HISTORY = {
    "records": [
        {"id": 9, "eventType": "downloadImported", "downloadId": "a", "data": {}},
        {"id": 8, "eventType": "grabbed", "downloadId": "a"},
        {"id": 7, "eventType": "downloadFailed", "downloadId": "b", "data": {"message": "Repair failed"}},
        {"id": 6, "eventType": "grabbed", "downloadId": "b"},
    ]
}
often = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@often
@given(answer=mutated(LOOK_UP))
def test_a_look_up_is_read_or_refused(answer: Any) -> None:
    """Every result has an id of MusicBrainz and a title, and is an album."""
    with contextlib.suppress(SourceError):
        for one in albums.results(answer):
            assert isinstance(one, RawSearchResult)
            assert (one.kind, albums.mbid(one.target_id)) == (Kind.ALBUM, one.target_id)
            assert one.title


@often
@given(answer=mutated(LIBRARY))
def test_the_library_is_read_or_refused(answer: Any) -> None:
    """Every album has a number, and how complete it is is no guess."""
    with contextlib.suppress(SourceError):
        for number, one in albums.entries(answer).items():
            assert number == one.id > 0
            assert one.complete is (0 < one.tracks <= one.there)


@often
@given(answer=mutated(QUEUE, "importBlocked", "downloadFailed", "ignored", "failed"))
def test_the_queue_is_read_or_refused(answer: Any) -> None:
    """Whatever is in it, it comes to bytes that make sense, or to an error."""
    with contextlib.suppress(SourceError):
        if several := queue.records(answer):
            now = queue.standing(several)
            assert 0 <= now.transferred <= now.size
            assert now.detail
            assert len(now.detail) < 10_000


@often
@given(answer=mutated(HISTORY), after=st.integers(0, 10))
def test_the_history_is_read(answer: Any, after: int) -> None:
    """What runs was grabbed; no answer is refused, for a missing row means nothing."""
    past = history.history(answer, after)
    assert past.running <= past.grabbed
    assert past.last >= 0


@often
@given(answer=mutated(COMMANDS, "completed", "failed", "started"))
def test_commands_are_read_or_refused(answer: Any) -> None:
    """A search that has ended has a reason why nothing came of it, or it took something."""
    with contextlib.suppress(SourceError):
        known = commands.commands(answer)
        search = known.search(7, 0)
        assert search is None or isinstance(search.problem(), SourceError | None)


@often
@given(found=mutated(FILES), tracks=mutated(TRACKS))
def test_files_are_read_or_refused(found: Any, tracks: Any) -> None:
    """Every file has a path and a name; every track without a file is missing."""
    with contextlib.suppress(SourceError):
        imported, missing = files.album_files(found, tracks, Path)
        assert all("\0" not in str(one.path) for one in imported)
        assert all(one.name.count("/") <= 1 for one in imported if one.name)
        assert all(missing)


@often
@given(
    answer=hostile_json({"path": "/music"}, {"id": 7, "name": "Any"}),
    wanted=st.sampled_from(["", "x", "any"]),
)
def test_folders_and_profiles_are_read_or_refused(answer: Any, wanted: str) -> None:
    """Something that Lidarr has, or an error that says which setting is wrong."""
    with contextlib.suppress(SourceError):
        library.chosen_root(answer, wanted)
    with contextlib.suppress(SourceError):
        assert library.chosen_profile(answer, "quality", wanted) >= 0


@often
@given(body=hostile_json([{"errorCode": "AlbumExistsValidator"}], {"message": "gone"}))
def test_every_refusal_is_an_error(body: Any) -> None:
    """Whatever stands in the body."""
    for meant in (
        UnexpectedResponse("400"),
        Unavailable("503"),
        AuthenticationFailed("401"),
        NotFound("404"),
    ):
        assert isinstance(refusal(body, meant), type(meant))


@often
@given(text=st.text(max_size=60))
def test_a_transfers_id_is_read_or_none_of_ours(text: str) -> None:
    """Only what was made here is taken for a job."""
    job = Job.read(text)
    assert job is None or Job.read(job.id) == job


def test_a_job_is_all_in_its_id() -> None:
    """Album, history, commands, whether it was complete, and the record's id."""
    job = Job(7, 120, 55, True, "5b0f-…\n x.y")
    assert Job.read(job.id) == job


def test_two_discs_are_two_folders() -> None:
    """Tracks of the same number do not get into each other's way."""
    tracks = [{**track, "mediumNumber": disc} for disc, track in enumerate(TRACKS[:2], 1)]
    imported, missing = files.album_files(FILES[:2], tracks, Path)
    assert [one.name for one in imported] == ["CD 1/01 - Nowhere, Part One", "CD 2/02 - Nowhere, Part Two"]
    assert missing == ()


def test_an_image_with_a_cue_sheet_keeps_its_name() -> None:
    """One file that every track points at is one file, and nothing is missing."""
    tracks = [{**track, "trackFileId": 31} for track in TRACKS]
    imported, missing = files.album_files([{**FILES[0], "path": "C:\\Music\\A\\Whole.flac"}], tracks, Path)
    assert [(str(one.path), one.name) for one in imported] == [("C:\\Music\\A\\Whole.flac", "Whole")]
    assert missing == ()


def test_a_track_without_a_file_is_missing() -> None:
    """By its number and its title; also where Lidarr has forgotten the file."""
    tracks = [TRACKS[0], {**TRACKS[1], "hasFile": False, "trackFileId": 0}, TRACKS[2]]
    assert files.album_files(FILES[:1], tracks, Path)[1] == (
        "02 - Nowhere, Part Two",
        "03 - A Map of the Fog",
    )


def test_several_downloads_of_one_album_count_once_each() -> None:
    """Records of the same download are one; those that have failed do not count beside one that goes on."""
    rows = [
        {**QUEUE[1], "id": 1, "downloadId": "a", "size": 100.0, "sizeleft": 40.0},
        {**QUEUE[1], "id": 2, "downloadId": "a", "size": 100.0, "sizeleft": 40.0},
        {**QUEUE[1], "id": 3, "downloadId": "b", "trackedDownloadState": "downloadFailed"},
    ]
    now = queue.standing(queue.records(rows))
    assert (now.transferred, now.size, now.problem) == (60, 100, None)


def test_all_are_wrong_when_the_album_exists() -> None:
    """Lidarr's validators are known by their codes, wrong settings by their properties."""
    known = [{"propertyName": "ForeignAlbumId", "errorCode": "AlbumExistsValidator", "errorMessage": "There"}]
    error = refusal(known, UnexpectedResponse("400"))
    assert isinstance(error, Rejected)
    assert error.exists
    wrong = [
        {"propertyName": "Artist.Value.QualityProfileId", "errorMessage": "Quality Profile does not exist"}
    ]
    other = refusal(wrong, UnexpectedResponse("400"))
    assert isinstance(other, Rejected)
    assert isinstance(other.meaning(), NotConfigured)
    assert "quality_profile" in str(other.meaning())


def test_an_album_that_is_not_monitored_is_not_complete_with_one_file() -> None:
    """Its trackCount counts only tracks that have a file; all of them are what counts."""
    row = {**LIBRARY[0], "statistics": {"trackFileCount": 1, "trackCount": 1, "totalTrackCount": 3}}
    found = albums.entry(row)
    assert found is not None
    assert not found.complete
