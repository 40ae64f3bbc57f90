"""The Archive's loose data is read into exact values, and rubbish into nothing but the documented errors."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cratedig import NotEntitled, NotFound, SourceError, Unavailable, UnexpectedResponse, Wanted
from cratedig_archive.files import File, read_file, seconds
from cratedig_archive.formats import PREFERRED, format_of
from cratedig_archive.items import read_item
from cratedig_archive.queries import read_hits, search_args
from cratedig_archive.settings import ArchiveSettings
from cratedig_archive.tracks import tracks

ROW = {
    "name": "a.flac",
    "source": "original",
    "format": "Flac",
    "size": "1000",
    "title": "A",
    "length": "100.0",
}
GOOD = {"metadata": {"title": "T", "creator": ["One", "Two"], "year": 2001}, "files": [ROW]}


def row(**fields: object) -> File:
    made = read_file({**ROW, **fields})
    assert made is not None
    return made


def names(*rows: File, formats: tuple[str, ...] = PREFERRED) -> list[str]:
    return [file.name for file in tracks(rows, formats)]


@pytest.mark.parametrize(
    ("value", "expected"),
    [("245.31", 245.31), ("04:05", 245), ("1:02:03", 3723), ("0:30.5", 30.5), ("", None), ("0", None),
     ("soon", None), (None, None), ("1:2:3:4", None), (245, 245), ("-5", None), ("nan", None)],
)  # fmt: skip
def test_three_shapes_of_length(value: object, expected: float | None) -> None:
    """Seconds, mm:ss and h:mm:ss are lengths; everything else is unknown."""
    assert seconds(value) == expected


@pytest.mark.parametrize(
    ("name", "stated", "known"),
    [
        ("a.flac", "24bit Flac", "24bit Flac"),
        ("a.mp3", "VBR MP3", "VBR MP3"),
        ("a.mp3", "Quantum MP3", "MP3"),
        ("a.ffp", "Flac FingerPrint", ""),
        ("a.m3u", "VBR M3U", ""),
        ("a.shn", "Shorten", ""),
        ("a_files.xml", "Metadata", ""),
        ("a", "Flac", ""),
    ],
)
def test_formats(name: str, stated: str, known: str) -> None:
    """What sounds like audio and is none is left out; an unknown name is judged by the extension."""
    assert format_of(name, stated) == known


@pytest.mark.parametrize(
    "name",
    [
        "../a.flac",
        "a/../../b.flac",
        "/etc/a.flac",
        "a\\b.flac",
        "history/a.flac",
        "a_sample.mp3",
        "a\n.flac",
        "a" * 5000 + ".flac",
        "",
    ],
)
def test_names_that_are_no_tracks(name: str) -> None:
    """Ways out of the item, old versions and samples are not read as audio files."""
    assert read_file({**ROW, "name": name}) is None


def test_row_is_read() -> None:
    """Numbers come out of strings, disc and track out of the name where there is nothing better."""
    file = row(name="x2001d2t05.flac", size="2000000", length="100", track=None, md5="A" * 32)
    assert (file.disc, file.track, file.size, file.digest) == (2, 5, 2000000, f"md5:{'a' * 32}")
    assert row(track="3/12").track == 3
    assert row(md5="short", sha1="b" * 40).digest == f"sha1:{'b' * 40}"
    lossy = row(name="a.mp3", format="VBR MP3", size="2000000", length="100")
    assert lossy.quality.bitrate == 160


def test_one_file_for_each_track() -> None:
    """Derivatives belong to their original, and a second original of the same name too."""
    flac = row(name="a.flac", track="1")
    vbr = row(name="a.mp3", format="VBR MP3", source="derivative", original="a.flac")
    small = row(name="a_64kb.mp3", format="64Kbps MP3", source="derivative", original="a.flac")
    own = row(name="a_vbr.mp3", format="VBR MP3")
    other = row(name="b.flac", title="B", track="2")
    assert names(vbr, small, own, flac, other) == ["a.flac", "b.flac"]
    assert names(vbr, small, flac, formats=("64Kbps MP3", "Flac")) == ["a_64kb.mp3"]
    assert names(small, flac, formats=("Ogg Vorbis",)) == []


def test_lossless_made_of_lossy_is_not_offered() -> None:
    """A FLAC that was derived from an MP3 is no better than the MP3."""
    mp3 = row(name="a.mp3", format="320Kbps MP3")
    flac = row(name="a.flac", source="derivative", original="a.mp3")
    assert names(mp3, flac) == ["a.mp3"]


def test_title_and_length_come_from_the_siblings() -> None:
    """What the chosen file lacks, another format of the same track knows; else the name is the title."""
    flac = row(name="05 Song.flac", title="", length="", track="5")
    mp3 = row(
        name="05 Song.mp3",
        format="VBR MP3",
        source="derivative",
        original="05 Song.flac",
        length="2:00",
        title="",
    )
    (track,) = tracks([flac, mp3], PREFERRED)
    assert (track.title, track.length) == ("Song", 120)


def test_number_in_front_of_the_title_goes_only_if_it_is_the_track_number() -> None:
    """A title loses the number of its track, and keeps any other."""
    assert [t.title for t in tracks([row(title="01. Title", track="1")], PREFERRED)] == ["Title"]
    assert [t.title for t in tracks([row(title="99 Balloons", track="1")], PREFERRED)] == ["99 Balloons"]


def test_order_and_copies() -> None:
    """Discs, tracks and numbers in names order the release; a copy in a sub-folder is dropped."""
    rows = [
        row(name="x10.flac", title="Ten", length="1"),
        row(name="x9.flac", title="Nine", length="2"),
        row(name="d2t01.flac", title="Second disc"),
        row(name="d1t01.flac", title="First"),
        row(name="copy/d1t01.flac", title="First"),
    ]
    assert names(*rows) == ["d1t01.flac", "x9.flac", "x10.flac", "d2t01.flac"]


def test_album_in_one_piece_is_no_track() -> None:
    """The only file of an item that plays for an hour is not offered; a single of four minutes is."""
    assert names(row(length="1:02:13")) == []
    assert names(row(length="4:02")) == ["a.flac"]


def test_item_in_each_state() -> None:
    """Unknown, dark, locked and unreachable items are told apart."""
    assert read_item("x", GOOD).creators == ("One", "Two")
    for answer in ({}, {"is_dark": True}, {"is_dark": "true", "metadata": {}}):
        with pytest.raises(NotFound):
            read_item("x", answer)
    for about in ({"access-restricted-item": "true"}, {"collection": ["a", "stream_only"]}):
        with pytest.raises(NotEntitled):
            read_item("x", {"metadata": about})
    with pytest.raises(NotEntitled):
        read_item("x", {**GOOD, "nodownload": True})
    with pytest.raises(Unavailable):
        read_item("x", {"servers_unavailable": True})
    rubbish: tuple[object, ...] = (None, [], "x", {"metadata": []})
    for one in rubbish:
        with pytest.raises(UnexpectedResponse):
            read_item("x", one)


def test_private_file_is_refused_before_it_is_asked_for() -> None:
    """The metadata is enough to say that a file may not be had, or is not there."""
    item = read_item("x", {**GOOD, "files": [{**ROW, "private": "true"}]})
    with pytest.raises(NotEntitled):
        item.file("a.flac")
    with pytest.raises(NotFound):
        item.file("b.flac")


def test_creator_of_any_shape() -> None:
    """A string and a list are both read; the first creator is the artist, all are kept."""
    (one,) = read_item("x", GOOD).results(list(PREFERRED))
    assert (one.artist, one.extra["creators"], one.year) == ("One", ["One", "Two"], 2001)
    single = {**GOOD, "metadata": {"title": "Kettle &amp; Moss", "creator": "Kettle &amp; Moss"}}
    (other,) = read_item("x", single).results(list(PREFERRED))
    assert (other.artist, other.album) == ("Kettle & Moss", "Kettle & Moss")


@given(st.text(max_size=200), st.text(max_size=50))
def test_query_holds_only_words(query: str, artist: str) -> None:
    """Nothing that a person types is an operator, a field or a bracket of the query."""
    args = search_args(query, Wanted(text="x", artist=artist), ArchiveSettings())
    free = args.get("q", "").partition(" AND mediatype:")[0]
    allowed = {"AND", "OR", "creator"}
    words = free.replace("(", " ").replace(")", " ").replace(":", " ").split()
    assert all(word in allowed or word == word.lower() for word in words)
    assert free.count("(") == free.count(")")
    assert not set(free) & set('"*?~^\\/[]{}+!&|')


def test_hits_with_the_most_words_come_first() -> None:
    """The order is by the words that title and creator share with what is looked for."""
    docs = [
        {"identifier": "noise", "title": "Tram"},
        {"identifier": "hit", "title": "Tram", "creator": ["Mira"]},
    ]
    hits = read_hits({"response": {"docs": docs}}, "mira tram", Wanted(text="mira tram"))
    assert [hit["identifier"] for hit in hits] == ["hit", "noise"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
LIKELY = JSON | st.sampled_from(["a.flac", "b.mp3", "Flac", "1:00", "true", "derivative", "7", "original"])
FIELDS = (
    "name",
    "source",
    "format",
    "size",
    "length",
    "track",
    "title",
    "original",
    "private",
    "md5",
    "disc",
    "bitrate",
)
ROWS = st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, LIKELY)), max_size=5)
ABOUT = JSON | st.fixed_dictionaries({"title": JSON, "creator": JSON})
ITEMS = JSON | st.fixed_dictionaries({"metadata": ABOUT}, optional={"files": ROWS | JSON, "is_dark": JSON})
DOCS = JSON | st.fixed_dictionaries({"identifier": JSON | st.just("ok"), "title": JSON, "creator": JSON})
SEARCHES = JSON | st.fixed_dictionaries(
    {"response": JSON | st.fixed_dictionaries({"docs": st.lists(DOCS, max_size=4)})}
)


@settings(max_examples=200)
@given(ITEMS)
def test_mutated_items_give_results_or_source_errors(answer: object) -> None:
    """Whatever stands in place of an item, results or a SourceError come out of it."""
    try:
        found = list(read_item("x", answer).results(list(PREFERRED), answer))
    except SourceError:
        return
    assert all(result.target_id.startswith("x/") for result in found)


@settings(max_examples=200)
@given(SEARCHES)
def test_mutated_searches_give_hits_or_source_errors(answer: object) -> None:
    """Whatever stands in place of a search's answer, hits or a SourceError come out of it."""
    try:
        hits = read_hits(answer, "x y", Wanted(text="x y"))
    except SourceError:
        return
    assert all("/" not in str(hit["identifier"]) for hit in hits)
