"""Searching at indexers: one's own ways of asking, one's own errors, several at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from plugins.usenet.tests.conftest import Bench, running

from cratedig import Kind, SearchStatus, Wanted
from cratedig_emulators.server import Fault
from cratedig_emulators.usenet import NewznabEmulator, NzbgetEmulator, ProwlarrEmulator, post


@pytest.fixture
def bench(newznab: NewznabEmulator, nzbget: NzbgetEmulator, tmp_path: Any) -> Bench:
    """Which client it is does not matter here."""
    return Bench(newznab, nzbget, tmp_path)


@pytest.fixture(scope="module")
def second() -> Iterator[NewznabEmulator]:
    """Another indexer with the same releases."""
    with running(NewznabEmulator(title="Second")) as service:
        yield service


def listed(*services: Any) -> list[dict[str, str]]:
    """The setting ``indexers`` for these services."""
    return [
        {"kind": service.name, "base_url": service.base_url, "api_key": service.api_key}
        for service in services
    ]


def functions(service: NewznabEmulator) -> list[str]:
    """What was asked of an indexer, in order."""
    return [parse_qs(one.query)["t"][0] for one in service.log.all("/api")]


def test_album_is_found_with_all_that_is_known_of_it(bench: Bench) -> None:
    """Artist, album, year, size, codec and the release's own name come out of one item."""
    best = bench.search().results[0]
    release = bench.indexer.release("glasshouse")
    assert (best.artist, best.title, best.year) == ("Mira Oldenburg", "Glasshouse Songs", 2019)
    assert (best.kind, best.size, best.popularity) == (Kind.ALBUM, release.size, 9)
    assert str(best.quality) == "FLAC"
    assert best.extra["release"] == release.title
    assert best.target_id == f"0:{bench.indexer.guid(release)}"


def test_indexer_that_can_is_asked_by_artist_and_album(bench: Bench) -> None:
    """Capabilities are asked for once; then one request finds it."""
    assert bench.search().results
    assert functions(bench.indexer) == ["caps", "music"]


def test_indexer_that_cannot_is_asked_by_words(bench: Bench) -> None:
    """Without a music search, the plain one is used."""
    bench.indexer.music_search = False
    assert bench.search().results
    assert functions(bench.indexer) == ["caps", "search"]


def test_free_words_are_searched_for_as_they_are(bench: Bench) -> None:
    """What is no artist and album is no music search."""
    assert bench.search(Wanted(text="glasshouse songs", album="Glasshouse Songs")).results
    assert functions(bench.indexer)[0] == "search"


def test_track_is_not_searched_for(bench: Bench) -> None:
    """It delivers albums only, and costs no indexer a request for a track."""
    outcome = bench.search(Wanted(artist="Mira Oldenburg", title="Glasshouse")).outcomes["usenet"]
    assert outcome.status is SearchStatus.SKIPPED
    assert not bench.indexer.requests


def test_two_formats_are_two_results(bench: Bench) -> None:
    """FLAC comes before MP3, each with what its name promises."""
    found = bench.search(Wanted(artist="The Brass Lanterns", album="Slow Tram Home")).results
    every = [one for best in found for one in (best, *best.alternates)]
    assert sorted(str(one.quality) for one in every) == ["FLAC", "MP3 320"]
    assert str(found[0].quality) == "FLAC"


def test_videos_and_spoken_books_are_left_out(bench: Bench) -> None:
    """They are audio to Newznab; nobody wants them as an album."""
    bench.indexer.offer(
        post("Mira Oldenburg - Glasshouse Songs Live Video", {"a.mkv": b"x"}, category=3020),
        post("Mira Oldenburg - Glasshouse Songs read aloud", {"a.mp3": b"x"}, category=3030),
    )
    every = [one for best in bench.search().results for one in (best, *best.alternates)]
    assert {one.extra["release"] for one in every} == {bench.indexer.release("glasshouse web").title}


def test_hyphen_in_an_artists_name_is_no_border(bench: Bench) -> None:
    """Who is looked for tells where the name ends."""
    bench.indexer.offer(post("Jay-Pea-The_Second_Draft-CD-FLAC-2001-GRP", {"a.flac": b"x"}))
    best = bench.search(Wanted(artist="Jay-Pea", album="The Second Draft")).results[0]
    assert (best.artist, best.title) == ("Jay-Pea", "The Second Draft")


def test_all_indexers_are_asked(bench: Bench, second: NewznabEmulator) -> None:
    """A target names its indexer by its place in the settings."""
    report = bench.search(indexers=listed(bench.indexer, second))
    every = [one for best in report.results for one in (best, *best.alternates)]
    assert {one.target_id.partition(":")[0] for one in every} == {"0", "1"}


def test_one_indexer_that_fails_hides_no_other(bench: Bench, second: NewznabEmulator, caplog: Any) -> None:
    """The others' releases are found, and the failure is in the log."""
    bench.indexer.error = (101, "Account suspended")
    report = bench.search(indexers=listed(bench.indexer, second))
    assert report.results
    assert "an indexer is left out" in caplog.text
    assert "Account suspended" in caplog.text


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        ((100, "Incorrect user credentials"), "authentication-failed", "Incorrect user credentials"),
        ((101, "Account suspended"), "authentication-failed", "suspended"),
        ((102, "Insufficient privileges"), "not-entitled", "Insufficient"),
        ((104, "Registrations are closed"), "not-entitled", "closed"),
        ((200, "Missing parameter"), "unexpected-response", "Missing"),
        ((203, "Function not available"), "unexpected-response", "not available"),
        ((500, "Request limit reached"), "not-entitled", "used up"),
        ((501, "Download limit reached"), "not-entitled", "used up"),
        ((900, "Unknown error"), "unavailable", "Unknown error"),
        ((910, "API disabled"), "unavailable", "API disabled"),
        ((4711, "Planted"), "unexpected-response", "Planted"),
    ],
)
def test_indexers_errors_are_told(bench: Bench, error: tuple[int, str], code: str, words: str) -> None:
    """Each number of Newznab's list, with status 200, is the error that it stands for."""
    bench.indexer.error = error
    outcome = bench.search().outcomes["usenet"]
    assert outcome.code == code, outcome
    assert words in outcome.reason


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault(status=503), "unavailable"),
        (Fault(status=401), "authentication-failed"),
        (Fault(status=429, retry_after=1), "rate-limited"),
        (Fault(html=True), "unexpected-response"),
        (Fault(body=b""), "unexpected-response"),
        (Fault(body=b"<rss><channel>"), "unexpected-response"),
        (Fault(body=b"<rss/>"), "unexpected-response"),
        (Fault(body=b'<!DOCTYPE a [<!ENTITY b "c">]><rss><channel/></rss>'), "unexpected-response"),
        (Fault(body=b"\xff\xfe\x00"), "unexpected-response"),
        (Fault(reset=True), "unavailable"),
    ],
)
def test_failed_search_says_why(bench: Bench, fault: Fault, code: str) -> None:
    """Outages, refusals and rubbish are told apart."""
    bench.indexer.fault("/api", fault)
    assert bench.search().outcomes["usenet"].code == code


def test_slow_down_is_waited_for(bench: Bench) -> None:
    """429 with Retry-After pauses, and then it is found."""
    bench.indexer.fault("/api", Fault(status=429, retry_after=1, times=1))
    assert bench.search(engine={"retries": 2}).results


def test_prowlarr_is_searched(nzbget: NzbgetEmulator, prowlarr: ProwlarrEmulator, tmp_path: Any) -> None:
    """Its usenet rows are albums; the torrents among them are not."""
    bench = Bench(prowlarr.indexer, nzbget, tmp_path)
    found = bench.search(indexers=listed(prowlarr)).results
    assert [one.extra["indexer"] for one in found] == ["Behind Prowlarr"]
    assert found[0].target_id == f"0:3:{prowlarr.indexer.guid(prowlarr.indexer.release('glasshouse'))}"
    (seen,) = prowlarr.log.all("/api/v1/search")
    assert "indexerIds=-1" in seen.query
    assert "categories=3000" in seen.query
    assert prowlarr.api_key not in seen.query


def test_prowlarr_with_one_indexer_down_finds_less(
    nzbget: NzbgetEmulator, prowlarr: ProwlarrEmulator, tmp_path: Any
) -> None:
    """Prowlarr says nothing of it: fewer rows, no error."""
    prowlarr.down = {3}
    bench = Bench(prowlarr.indexer, nzbget, tmp_path)
    outcome = bench.search(indexers=listed(prowlarr)).outcomes["usenet"]
    assert outcome.status is SearchStatus.EMPTY


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        (Fault(status=401), "authentication-failed", "401"),
        (Fault(status=400, body=b'{"message": "all are down"}'), "unavailable", "all are down"),
        (Fault(status=400, body=b"rubbish"), "unavailable", "bad request"),
        (Fault(body=b"{}"), "unexpected-response", "Prowlarr"),
        (Fault(html=True), "unexpected-response", "Prowlarr"),
        (Fault(status=429, retry_after=1), "rate-limited", "429"),
        (Fault(status=502), "unavailable", "502"),
    ],
)
def test_prowlarrs_errors_are_told(
    nzbget: NzbgetEmulator, prowlarr: ProwlarrEmulator, tmp_path: Any, fault: Fault, code: str, words: str
) -> None:
    """A refused key, all indexers down, something that is not Prowlarr."""
    prowlarr.fault("/api/v1/search", fault)
    bench = Bench(prowlarr.indexer, nzbget, tmp_path)
    outcome = bench.search(indexers=listed(prowlarr)).outcomes["usenet"]
    assert outcome.code == code, outcome
    assert words in outcome.reason


def test_prowlarr_without_a_usenet_indexer_is_told(
    nzbget: NzbgetEmulator, prowlarr: ProwlarrEmulator, tmp_path: Any
) -> None:
    """Doctor finds that nothing can be found there, and that the client is well."""
    prowlarr.fault("/api/v1/indexer", Fault(body=b"[]"))
    bench = Bench(prowlarr.indexer, nzbget, tmp_path)
    looks = bench(lambda engine: engine.examine(["usenet"]), indexers=listed(prowlarr))["usenet"]
    assert {look.name.partition(" ")[0]: look.ok for look in looks} == {
        "client": True,
        "path_map": True,
        "indexer": False,
    }
    assert "no usenet indexer" in looks[-1].detail


def test_release_whose_name_holds_the_key_is_left_out(bench: Bench) -> None:
    """A guid with the person's key in it must not become a target."""
    key = bench.indexer.api_key
    item = f"<item><title>Mira - Glasshouse</title><guid>https://x.example/{key}/1</guid></item>"
    bench.indexer.fault("/api", Fault(body=f"<rss><channel>{item}</channel></rss>".encode()))
    assert bench.search().outcomes["usenet"].status is SearchStatus.EMPTY
