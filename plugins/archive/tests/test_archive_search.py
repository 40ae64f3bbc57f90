"""A search finds the Archive's tracks and leaves out what cannot be had."""

from __future__ import annotations

from typing import Any

import pytest

from cratedig import Wanted
from cratedig_emulators.server import Fault

COPPER = Wanted(artist="The Brass Lanterns", title="Copper Rain")


def test_track_is_found_with_all_that_is_known_of_it(bench: Any) -> None:
    """Title, artist, album, number, length, size, quality and the licence come out of the metadata."""
    best = bench.search(COPPER).results[0]
    assert best.target_id == "the-brass-lanterns-slow-tram-home/02 - Copper Rain.flac"
    assert (best.title, best.artist, best.album) == ("Copper Rain", "The Brass Lanterns", "Slow Tram Home")
    assert (best.track_number, best.year, best.duration) == (2, 2021, 16.0)
    assert str(best.quality) == "FLAC"
    assert best.size is not None
    assert "creativecommons" in best.extra["license"]


def test_tracks_are_found_by_the_artist_where_the_item_does_not_name_them(bench: Any) -> None:
    """An item whose own words lack the title is opened because its artist is looked for."""
    found = bench.search(Wanted(artist="Mira Oldenburg", title="Glasshouse unheard of"))
    assert {result.artist for result in found} == {"Mira Oldenburg"}


def test_live_music_is_searched_too(bench: Any) -> None:
    """Concerts are of another media type, and their untitled files take the name's track number."""
    found = bench.search("Mira Oldenburg").results
    assert {result.target_id.partition("/")[0] for result in found} == {"mira-oldenburg2019-02-02.flac16"}
    assert sorted(result.track_number for result in found) == [1, 2]


def test_preferred_format_wins(bench: Any) -> None:
    """The first of the preferred formats that a track has is offered."""
    found = bench.search(COPPER, formats=["VBR MP3", "Flac"]).results
    assert found[0].target_id.endswith("02 - Copper Rain.mp3")
    assert found[0].quality.bitrate == 192


def test_hit_without_rights_is_left_out(bench: Any) -> None:
    """Private files, items for lending, whole albums in one piece and names that lead out are no results."""
    targets = {result.target_id for result in bench.search("Brass Lanterns", lookups=20)}
    for result in bench.search("Brass Lanterns", lookups=20):
        targets |= {result.target_id, *(other.target_id for other in result.alternates)}
    assert any(target.startswith("lanterns-mp3-rip/") for target in targets)
    assert not any("locked" in target or "climbed" in target or "whole album" in target for target in targets)
    assert not any("history/" in target for target in targets)


def test_manners(bench: Any) -> None:
    """One request at a time, with a contact, and no more items opened than is set."""
    bench.search(COPPER, contact="collector@example.org", lookups=2)
    seen = bench.service.requests
    assert all("(collector@example.org)" in one.headers["user-agent"] for one in seen)
    assert all(one.headers["user-agent"].startswith("cratedig/") for one in seen)
    assert max(one.concurrency for one in seen) == 1
    assert len(bench.service.log.all("/metadata/*")) == 2


def test_collections_are_chosen(bench: Any) -> None:
    """Collections are asked for and left out by name; brackets in the settings are not."""
    found = bench.search("Slow Tram Home", collections=["opensource_audio", ") OR title:(x"], lookups=20)
    assert {result.target_id.partition("/")[0] for result in found} == {"lanterns-mp3-rip"}
    assert list(bench.search("Slow Tram Home", exclude_collections=["audio", "opensource_audio"])) == []


@pytest.mark.parametrize(
    "query", ['title:(x" AND', "((((", "AND OR NOT", "* ? ~ ^ \\ /", "-", "a\0b", "[1 TO"]
)
def test_words_of_the_query_language_are_only_words(bench: Any, query: str) -> None:
    """Whatever people type, the Archive can read the query."""
    outcome = bench.search(query).outcomes["archive"]
    assert outcome.reason == ""


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault(status=503), "unavailable"),
        (Fault(html=True), "unavailable"),
        (Fault(status=429, retry_after=1), "rate-limited"),
        (Fault(status=403), "not-entitled"),
        (Fault(body=b"{", content_type="application/json"), "unexpected-response"),
        (Fault(body=b"[]", content_type="application/json"), "unexpected-response"),
        (Fault(body=b"[" * 100_000, content_type="application/json"), "unexpected-response"),
        (Fault(body=b'{"error": "parse"}', content_type="application/json"), "unexpected-response"),
        (Fault(reset=True), "unavailable"),
        (Fault(truncate_at=10), "unavailable"),
    ],
)
def test_failed_search_says_why(bench: Any, fault: Fault, code: str) -> None:
    """An outage, a refusal and rubbish are told apart in the report."""
    bench.service.fault("/advancedsearch.php", fault)
    assert bench.search("Brass Lanterns").outcomes["archive"].code == code


def test_outage_that_passes_is_not_seen(bench: Any) -> None:
    """A 503 and an HTML page are tried again."""
    bench.service.fault("/advancedsearch.php", Fault(status=503, times=1))
    bench.service.fault("/metadata/*", Fault(html=True, times=1))
    assert bench.search(COPPER, retries=3).results


def test_one_strange_item_does_not_spoil_the_others(bench: Any) -> None:
    """An item whose metadata is rubbish is left out and the rest is found."""
    bench.service.fault("/metadata/lanterns-mp3-rip", Fault(body=b"[7]", content_type="application/json"))
    assert bench.search(COPPER).results[0].title == "Copper Rain"
