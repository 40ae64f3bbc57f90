"""A search finds what can be had, with all that the catalogue tells of it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

import pytest

from cratedig import SearchStatus, Wanted
from cratedig_emulators.catalogue import Track
from cratedig_emulators.server import Fault

COPPER = Wanted(artist="The Brass Lanterns", title="Copper Rain")


def api_error(code: int) -> Fault:
    error = {"error": {"type": "Exception", "message": "said so", "code": code}}
    return Fault(body=json.dumps(error).encode(), content_type="application/json")


def test_results_have_what_the_catalogue_knows(bench: Any) -> None:
    """Names, album, seconds, ISRC and a quality that the account gets; ids of either type are text."""
    (found,) = bench.search(COPPER)
    assert (found.artist, found.title, found.album) == ("The Brass Lanterns", "Copper Rain", "Slow Tram Home")
    assert (found.duration, found.isrc, str(found.quality)) == (16, "QZCD12100002", "FLAC 16/44.1")
    assert found.popularity > 0
    album = bench.search("brass lanterns").results
    assert len(album) == 8
    assert all(one.target_id.isdecimal() for one in album)


@pytest.mark.parametrize("wish", [COPPER, "Copper Rain"])
def test_one_request_for_a_search_and_one_login(bench: Any, wish: Any) -> None:
    """The login comes once and stays; the catalogue is asked without any cookie."""

    async def use(engine: Any) -> None:
        await engine.search(wish, sources=["deezer"])
        await engine.search(f"{wish if isinstance(wish, str) else wish.title} rain", sources=["deezer"])

    bench(use)
    assert len(bench.calls("deezer.getUserData")) == 1
    searches = bench.service.log.all("/search/*")
    assert len(searches) == 2
    assert not [seen for seen in searches if "cookie" in seen.headers]


def test_isrc_is_looked_up(bench: Any) -> None:
    """A known ISRC is one look-up, no search, and tells place and year besides; its spelling is free."""
    for code in ("QZCD12100002", "qz-cd1-21-00002"):
        (found,) = bench.search(Wanted(title="Copper Rain", isrc=code))
        assert (found.title, found.track_number, found.year) == ("Copper Rain", 2, 2021)
    (found,) = bench.search(Wanted(isrc="QZCD12100002"))
    assert found.isrc == "QZCD12100002"
    assert not bench.service.log.all("/search/*")
    assert len(bench.service.log.all("/track/isrc:*")) == 3


def test_unknown_isrc_leaves_the_words(bench: Any) -> None:
    """An ISRC that the catalogue lacks is no failure: the words are searched for, if there are any."""
    (found,) = bench.search(Wanted(artist="Brass Lanterns", title="Copper Rain", isrc="QZXXX9999999"))
    assert found.title == "Copper Rain"
    assert bench.search(Wanted(isrc="QZXXX9999999")).outcomes["deezer"].status is SearchStatus.EMPTY
    assert bench.search(Wanted(isrc="no ISRC")).outcomes["deezer"].status is SearchStatus.EMPTY


def test_what_cannot_be_streamed_here_is_left_out(bench: Any) -> None:
    """The catalogue marks it as not readable."""
    bench.service.plant(Track(artist="Zed Quill", title="Far Away"), readable=False)
    assert bench.search("zed quill far away").outcomes["deezer"].status is SearchStatus.EMPTY


@pytest.mark.parametrize(
    ("high", "lossless", "setting", "shown"),
    [
        (True, True, "flac", "FLAC 16/44.1"),
        (True, True, "MP3_320", "MP3 320"),
        (True, False, "FLAC", "MP3 320"),
        (False, False, "FLAC", "MP3 128"),
    ],
)
def test_quality_is_what_the_account_gets(
    bench: Any, high: bool, lossless: bool, setting: str, shown: str
) -> None:
    """A search promises nothing that the subscription or the setting rules out."""
    bench.service.account.high, bench.service.account.lossless = high, lossless
    assert str(bench.search(COPPER, quality=setting).results[0].quality) == shown


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (4, "rate-limited"),
        (200, "not-entitled"),
        (700, "unavailable"),
        (800, "not-found"),
        (300, "unexpected-response"),
        (500, "unexpected-response"),
        (501, "unexpected-response"),
        (600, "unexpected-response"),
        (100, "unexpected-response"),
    ],
)
def test_errors_with_status_200(bench: Any, code: int, expected: str) -> None:
    """Each of the catalogue's own error codes is one of the engine's errors."""
    bench.service.fault("/search/*", api_error(code))
    outcome = bench.search(COPPER).outcomes["deezer"]
    assert (outcome.status, outcome.code) == (SearchStatus.FAILED, expected)
    assert str(code) in outcome.reason


def test_words_go_out_as_they_are(bench: Any) -> None:
    """Signs that mean something in an address arrive; endless words are cut."""
    bench.search("a&b=c #1 100% ü")
    bench.search("x" * 3000)
    first, *_, last = bench.service.log.all("/search/track")
    assert parse_qs(first.query)["q"] == ["a&b=c #1 100% ü"]
    assert len(parse_qs(last.query)["q"][0]) == 300


@pytest.mark.parametrize(
    ("media_base", "hosts"),
    [
        (None, ("*.dzcdn.net", "*.deezer.com")),
        ("https://media.deezer.com.example.org", None),
        ("http://127.0.0.1:1", None),
    ],
)
def test_hosts_of_the_bytes(bench: Any, media_base: str | None, hosts: tuple[str, ...] | None) -> None:
    """Deezer's own media service is trusted with Deezer's hosts only; another instance has its own."""

    async def use(engine: Any) -> Any:
        return engine.client("deezer")._hosts()

    assert bench(use, media_base=media_base) == hosts
