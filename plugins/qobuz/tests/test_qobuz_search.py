"""A search finds Qobuz' tracks, in the quality that they will come in."""

from __future__ import annotations

from typing import Any

import pytest

from cratedig import Quality, QualityPreference, Wanted
from cratedig_emulators.server import Fault

COPPER = Wanted(artist="The Brass Lanterns", title="Copper Rain")


def test_track_is_found_with_all_that_is_known_of_it(bench: Any) -> None:
    """Title, artist, album, number, length, year, ISRC and the best quality come out of one request."""
    best = bench.search(COPPER).results[0]
    assert best.target_id == bench.id_of("Copper Rain")
    assert (best.title, best.artist, best.album) == ("Copper Rain", "The Brass Lanterns", "Slow Tram Home")
    assert (best.track_number, best.year, best.duration) == (2, 2021, 16.0)
    assert best.isrc == bench.service.song("Copper Rain").track.isrc
    assert str(best.quality) == "FLAC 24/96"
    assert len(bench.service.requests) == 1


@pytest.mark.parametrize(
    ("title", "setting", "quality"),
    [
        ("Nowhere, Part One", 27, "FLAC 24/192"),
        ("Nowhere, Part One", 7, "FLAC 24/96"),
        ("Nowhere, Part One", 6, "FLAC 16/44.1"),
        ("Nowhere, Part One", 5, "MP3 320"),
        ("Glasshouse", 27, "FLAC 16/44.1"),
        ("Prelude", 27, "FLAC 24/88.2"),
    ],
)
def test_offered_is_what_the_setting_allows(bench: Any, title: str, setting: int, quality: str) -> None:
    """A result's quality is the track's best, but not above the format that will be asked for."""
    found = {one.title: one for one in bench.search(title, quality=setting)}
    assert str(found[title].quality) == quality


def test_version_is_part_of_the_title(bench: Any) -> None:
    """The version stands in a field of its own and tells recordings apart; numbers may be texts."""
    (found,) = bench.search("Ada Quillfeather Again").results
    assert (found.title, found.extra["disc"]) == ("Again (Remastered)", 2)
    assert (found.target_id, found.duration) == (bench.id_of("Again"), 10.0)
    assert found.extra["album_id"] == "0601234567890"


def test_composer_is_the_artist_of_last_resort(bench: Any) -> None:
    """A track with neither performer nor album artist is by its composer."""
    (found,) = bench.search("Ada Quillfeather Prelude").results
    assert found.artist == "Ada Quillfeather"


def test_what_cannot_be_streamed_yet_is_left_out(bench: Any) -> None:
    """streamable: false is left out; a track that does not say is kept."""
    titles = {one.title for one in bench.search("Ada Quillfeather")}
    assert "Unmarked" in titles
    assert "Next Month" not in titles


def test_isrc_finds_the_recording(bench: Any) -> None:
    """An ISRC alone is a word to search for, as long as the service takes it for one."""
    wanted = Wanted(isrc=bench.service.song("Copper Rain").track.isrc)
    assert [one.title for one in bench.search(wanted)] == ["Copper Rain"]
    bench.service.finds_isrcs = False
    assert list(bench.search(wanted)) == []


def test_isrc_beside_words_is_found_by_the_words(bench: Any) -> None:
    """Where the service no longer knows ISRCs, the words find the recording and its ISRC confirms it."""
    bench.service.finds_isrcs = False
    isrc = bench.service.song("Copper Rain").track.isrc
    found = bench.search(Wanted(artist="The Brass Lanterns", title="Copper Rain", isrc=isrc)).results
    assert found[0].isrc == isrc


@pytest.mark.parametrize("query", ["\ud800", " ", "\x00"])
def test_query_without_words_asks_nobody(bench: Any, query: str) -> None:
    """What is left without words after cleaning finds nothing and costs no request."""
    assert list(bench.search(query + "\x01")) == []
    assert bench.service.requests == []


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault(status=503), "unavailable"),
        (Fault(html=True, status=502), "unavailable"),
        (Fault(html=True), "unexpected-response"),
        (Fault(status=429, retry_after=1), "rate-limited"),
        (Fault(status=429), "rate-limited"),
        (Fault(status=403, body=b'{"message": "Rate limited (Root=1-2-3)"}'), "rate-limited"),
        (Fault(status=403), "not-entitled"),
        (Fault(status=400, body=b'{"message": "Invalid or missing app_id parameter"}'), "not-configured"),
        (
            Fault(status=400, body=b'{"message": "INVALID Request Signature parameter (request_sig)"}'),
            "not-configured",
        ),
        (Fault(status=400, body=b"{"), "unexpected-response"),
        (Fault(body=b"{", content_type="application/json"), "unexpected-response"),
        (Fault(body=b"[]", content_type="application/json"), "unexpected-response"),
        (Fault(body=b"[" * 100_000, content_type="application/json"), "unexpected-response"),
        (Fault(status=400, body=b"[" * 100_000), "unexpected-response"),
        (Fault(body=b'{"tracks": null}', content_type="application/json"), "unexpected-response"),
        (Fault(reset=True), "unavailable"),
        (Fault(truncate_at=10), "unavailable"),
    ],
)
def test_failed_search_says_why(bench: Any, fault: Fault, code: str) -> None:
    """An outage, a refusal, a wrong setting and rubbish are told apart in the report."""
    bench.service.fault("/api.json/*", fault)
    outcome = bench.search(COPPER).outcomes["qobuz"]
    assert (outcome.code, bool(outcome.reason)) == (code, True)


def test_outage_that_passes_is_not_seen(bench: Any) -> None:
    """A 503 is tried again."""
    bench.service.fault("/api.json/*", Fault(status=503, times=1))
    assert bench.search(COPPER, retries=2).results


def test_results_know_their_quality_for_filters(bench: Any) -> None:
    """A floor above what Qobuz has leaves nothing, in the search already."""
    preference = QualityPreference(floor=Quality(codec="flac", bit_depth=24, sample_rate=192_000))
    wish = "The Brass Lanterns Copper Rain"
    assert list(bench(lambda engine: engine.search(wish, sources=["qobuz"], quality=preference))) == []
