"""Whatever indexers and clients answer: what comes out is a result or a SourceError."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cratedig import Kind, NotFound, RawSearchResult, SourceError, Wanted
from cratedig_contracts import mutated
from cratedig_emulators.catalogue import Catalogue
from cratedig_emulators.usenet import NewznabEmulator, Spool, post
from cratedig_usenet import nzbget, prowlarr, sabnzbd
from cratedig_usenet.answers import has_music_search, read_releases
from cratedig_usenet.jobs import Job, job_name, latest, mark, mark_in, target_mark
from cratedig_usenet.nzb import id_of
from cratedig_usenet.releases import read_target
from cratedig_usenet.titles import read_name

INDEXER = NewznabEmulator(catalogue=Catalogue(()), spool=Spool())
INDEXER.offer(post("Mira_Oldenburg-Glasshouse_Songs-WEB-FLAC-2019-GRP", {"a.flac": b"x"}, spool=Spool()))
ITEMS: Any = INDEXER._found({}, "").body
SLOT = {
    "nzo_id": "SABnzbd_nzo_1",
    "filename": "x cratedig-00000000-11111111",
    "name": "x",
    "status": "Completed",
    "mb": "300.00",
    "mbleft": "120.00",
    "labels": [],
    "storage": "/complete/x",
    "path": "/incomplete/x",
    "fail_message": "",
    "loaded": False,
    "bytes": 12,
    "action_line": "",
    "stage_log": [{"name": "Download", "actions": ["3 articles were missing"]}],
}
GROUP = {
    "NZBID": 5,
    "NZBName": "x",
    "DupeKey": "cratedig-00000000-11111111",
    "Status": "DOWNLOADING",
    "DestDir": "/inter/x",
    "FinalDir": "",
    "FileSizeLo": 5,
    "FileSizeHi": 1,
    "RemainingSizeLo": 3,
    "RemainingSizeHi": 0,
    "ParStatus": "NONE",
}
ROW = {
    "guid": "https://idx.example/details/abc",
    "indexerId": 3,
    "title": "x - y",
    "size": 3,
    "grabs": 1,
    "protocol": "usenet",
    "downloadUrl": "http://127.0.0.1/3/download?apikey=x",
    "categories": [{"id": 3040}],
}
MARK = st.builds(mark, st.text(), st.text())


@st.composite
def spoilt_xml(draw: st.DrawFn) -> bytes:
    """A search's answer with pieces cut out, doubled or replaced."""
    body = bytearray(ITEMS)
    for _ in range(draw(st.integers(0, 5))):
        at, length = draw(st.integers(0, len(body))), draw(st.integers(0, 60))
        body[at : at + length] = draw(
            st.binary(max_size=20)
            | st.sampled_from([b"", b'"', b"<", b"&amp;", b"</item>", b"<item>", b"\xff", b"9" * 400, b"-1"])
        )
    return bytes(body)


@settings(max_examples=150)
@given(spoilt_xml())
def test_spoilt_search_gives_results_or_source_errors(body: bytes) -> None:
    """Missing, doubled and strange pieces of an indexer's XML."""
    with suppress(SourceError):
        for release in (one for one in read_releases(body, "idx") if one.is_music):
            result = release.result("0:x", Wanted(artist="Mira Oldenburg", album="Glasshouse Songs"))
            assert isinstance(result, RawSearchResult)
            assert result.kind is Kind.ALBUM
    with suppress(SourceError):
        assert has_music_search(body) in (True, False)


def test_whole_search_is_read() -> None:
    """The answer that the spoilt ones are made of has the release."""
    (release,) = read_releases(ITEMS, "idx")
    assert release.title == "Mira_Oldenburg-Glasshouse_Songs-WEB-FLAC-2019-GRP"
    assert release.categories == {3000, 3040}
    assert INDEXER.rss_key not in repr(release)


@settings(max_examples=80)
@given(mutated(SLOT))
def test_spoilt_slots_give_jobs_or_nothing(slot: object) -> None:
    """Whatever stands in place of a slot of SABnzbd's."""
    for read in (sabnzbd._queued, sabnzbd._processed):
        job = read(slot) if isinstance(slot, dict) else None
        assert job is None or (job.size or 0) >= 0


@settings(max_examples=80)
@given(mutated(GROUP))
def test_spoilt_groups_give_jobs_or_nothing(group: Any) -> None:
    """Whatever stands in place of a group or an item of NZBGet's."""
    for read in (nzbget._queued, nzbget._ended):
        job = read(group) if isinstance(group, dict) else None
        assert job is None or (job.transferred or 0) >= 0


@settings(max_examples=80)
@given(mutated(ROW))
def test_spoilt_rows_give_releases_or_nothing(row: Any) -> None:
    """Whatever stands in place of a row of Prowlarr's."""
    release = prowlarr._release(row) if isinstance(row, dict) else None
    if release is not None and release.is_music:
        assert isinstance(release.result("1:x", Wanted(text="x")), RawSearchResult)


@pytest.mark.parametrize(
    ("slot", "done", "failed"),
    [
        ({}, True, False),
        ({"storage": ""}, False, False),
        ({"loaded": True}, False, False),
        ({"status": "Moving"}, False, False),
        ({"status": "Failed"}, False, True),
    ],
)
def test_completed_is_only_what_is_moved(slot: dict[str, Any], done: bool, failed: bool) -> None:
    """SABnzbd says Completed, without a folder, while it still moves the files."""
    job = sabnzbd._processed({**SLOT, **slot})
    assert job is not None
    assert (job.done, job.error is not None) == (done, failed)


LANTERNS = ("The Brass Lanterns", "Slow Tram Home", 2021, "FLAC")
NAMES = {
    "The_Brass_Lanterns-Slow_Tram_Home-CD-FLAC-2021-GRP": LANTERNS,
    "The.Brass.Lanterns-Slow.Tram.Home-2021-FLAC-X": LANTERNS,
    "The Brass Lanterns - Slow Tram Home (2021) [FLAC]": LANTERNS,
    "Mira O - 25 (Deluxe Edition) (2015) MP3 320": ("Mira O", "25 (Deluxe Edition)", 2015, "MP3 320"),
    "Kettle & Moss - 1989": ("Kettle & Moss", "1989", 1989, "None"),
    "Kettle & Moss-A Map of the Fog-WEB-V0-2016-G": ("Kettle & Moss", "A Map of the Fog", 2016, "MP3"),
    "unsayable": ("", "unsayable", None, "None"),
    "": ("", "", None, "None"),
}


@pytest.mark.parametrize("name", NAMES)
def test_names_of_releases_are_read(name: str) -> None:
    """Scene names, names with blanks, and names that say nothing."""
    named = read_name(name)
    assert (named.artist, named.album, named.year, str(named.quality)) == NAMES[name]


def test_depth_and_category_are_read() -> None:
    """24 bits in the name; lossless or MP3 by the category where the name says nothing."""
    deep = read_name("A-B-WEB-24BIT-44KHZ-FLAC-2001-G").quality
    assert deep is not None
    assert (deep.codec, deep.bit_depth) == ("flac", 24)
    lossless, lossy = (read_name("A - B", frozenset({n})).quality for n in (3040, 3010))
    assert lossless is not None
    assert lossy is not None
    assert lossless.is_lossless
    assert lossy.codec == "mp3"


@given(st.text(max_size=200), st.text(max_size=30))
def test_any_name_is_read(name: str, artist: str) -> None:
    """No name makes it fail, and one with words has an album."""
    named = read_name(name, frozenset(), artist)
    assert named.album or not any(c.isalnum() for c in name)


@given(st.text(max_size=300), MARK)
def test_mark_is_found_in_any_jobs_name(release: str, own: str) -> None:
    """Whatever a release is called, its job is found by the mark, and its name is fit for a folder."""
    name = job_name(release, own)
    assert mark_in(name) == own
    assert not set(name) & set('/\\:*?"<>|{}\0\n')
    assert len(name) < 200


@given(st.text(min_size=1), st.text(), st.text())
def test_marks_tell_targets_and_records_apart(target: str, one: str, other: str) -> None:
    """Two records of one target share the head of the mark and nothing else."""
    assert mark(target, one).startswith(target_mark(target))
    assert (mark(target, one) == mark(target, other)) == (one == other)


def test_ended_wins_where_a_job_is_in_two_places() -> None:
    """NZBGet lists a job in queue and history for a moment, SABnzbd in the history twice."""
    going, done = Job(id="1", detail="finishing"), Job(id="1", done=True)
    assert latest([going], [done])["1"] is done
    assert latest([done], [going])["1"] is done


@pytest.mark.parametrize(
    ("guid", "number"),
    [
        ("abc", "abc"),
        ("https://idx.example/details/abc", "abc"),
        ("https://idx.example/details/a%20c/", "a c"),
        ("https://idx.example/geekseek.php?guid=abc", "abc"),
        ("https://idx.example/api?t=details&id=abc&x=1", "abc"),
    ],
)
def test_number_of_a_guid(guid: str, number: str) -> None:
    """What t=get asks for."""
    assert id_of(guid) == number


@given(st.text(max_size=2000))
def test_any_target_is_read_or_not_found(target: str) -> None:
    """A target is a number of an indexer and a guid, or NotFound."""
    with suppress(NotFound):
        number, guid = read_target(target, 2)
        assert number in (0, 1)
        assert target.endswith(guid)
