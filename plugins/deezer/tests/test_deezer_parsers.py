"""Answers of any shape are read into exact values, or into one of the documented errors."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cratedig import Quality, SourceError
from cratedig_contracts import hostile_json, mutated
from cratedig_deezer.account import Account, read_account
from cratedig_deezer.catalogue import read_found
from cratedig_deezer.media import read_media
from cratedig_deezer.songs import NUMBER, Song, read_song
from cratedig_deezer.tiers import TIERS, allowed
from cratedig_deezer.vocabulary import is_stale, raise_api_error, raise_gateway_error, raise_media_error
from cratedig_emulators.catalogue import Track
from cratedig_emulators.deezer import DeezerEmulator

OF_DEEZER = (1002, 2000, 2002, "PREVIEW", "NONE")
JSON = hostile_json(*OF_DEEZER)
EXAMPLES = settings(max_examples=300, deadline=None)
BEST = Quality(codec="flac", bit_depth=16, sample_rate=44_100)


def answers() -> dict[str, Any]:
    """What the emulator really answers to a whole download and a search."""
    with (
        DeezerEmulator() as service,
        httpx.Client(base_url=service.base_url, trust_env=False, timeout=30) as client,
    ):
        first = service.plant(Track(artist="A", title="First", seconds=2))
        second = service.plant(Track(artist="A", title="Second", seconds=2), fallback=first.number)
        client.cookies.set("arl", service.account.arl)

        def ask(method: str, token: str, **arguments: Any) -> Any:
            args = {"method": method, "api_token": token, "api_version": "1.0"}
            return client.post("/ajax/gw-light.php", params=args, json=arguments).json()["results"]

        login = ask("deezer.getUserData", "null")
        song = ask("song.getData", login["checkForm"], SNG_ID=str(second.number))
        wish = {
            "license_token": login["USER"]["OPTIONS"]["license_token"],
            "media": [{"type": "FULL", "formats": [{"cipher": "BF_CBC_STRIPE", "format": "FLAC"}]}],
            "track_tokens": [song["TRACK_TOKEN"]],
        }
        return {
            "login": login,
            "song": song,
            "media": client.post("/v1/get_url", json=wish).json(),
            "search": client.get("/search/track", params={"q": "brass"}).json(),
            "track": client.get("/track/isrc:QZCD12100002").json(),
        }


GOOD = answers()


def test_answers_that_are_mutated_are_good_ones() -> None:
    """What the mutations start from is read whole."""
    account = read_account(GOOD["login"], {"sid": "x"})
    assert (account.high, account.lossless, account.is_fresh) == (True, True, True)
    song = read_song(GOOD["song"])
    assert song is not None
    assert song.fallback is not None
    assert (song.name, song.fallback.name, song.duration) == ("A - Second", "A - First", 2)
    assert set(song.sizes) == {"FLAC", "MP3_320", "MP3_128"}
    stream = read_media(GOOD["media"], song, TIERS)
    assert (stream.tier.name, stream.encrypted, len(stream.addresses)) == ("FLAC", True, 2)
    assert len(list(read_found(GOOD["search"], BEST))) == 8
    (track,) = read_found({"data": [GOOD["track"]]}, BEST)
    assert track.track_number == 2


@EXAMPLES
@given(mutated(GOOD["login"], *OF_DEEZER))
def test_mutated_logins(answer: Any) -> None:
    """An account with tokens that fit into a request, or a SourceError, comes out of any login."""
    try:
        account = read_account(answer, {})
    except SourceError:
        return
    # Letters that Unicode has not given out yet are not printable, and go into a query string all the same.
    assert quote(account.api_token)
    assert account.license_token.encode()
    assert account.is_fresh in {True, False}


@EXAMPLES
@given(mutated(GOOD["song"], *OF_DEEZER))
def test_mutated_songs(answer: Any) -> None:
    """A track, none, or a SourceError comes out of any look-up."""
    try:
        song = read_song(answer)
    except SourceError:
        return
    if song is not None:
        assert NUMBER.fullmatch(song.number)
        assert len(song.name) < 20_000
        assert song.fallback is None or song.fallback.fallback is None
        assert all(song.has(tier) in {True, False} for tier in TIERS)


@EXAMPLES
@given(mutated(GOOD["media"], *OF_DEEZER), st.sampled_from(["FLAC", "MP3_320", "MP3_128"]))
def test_mutated_media(answer: Any, quality: str) -> None:
    """Addresses in a tier that was asked for, or a SourceError, come out of any media answer."""
    song = read_song(GOOD["song"])
    assert song is not None
    try:
        stream = read_media(answer, song, allowed(quality, None))
    except SourceError:
        return
    assert stream.tier in allowed(quality, None)
    assert 1 <= len(stream.addresses) <= 3
    assert all(url.startswith(("http://", "https://")) for url in stream.addresses)


@EXAMPLES
@given(mutated(GOOD["search"], *OF_DEEZER) | mutated({"data": [GOOD["track"]]}, *OF_DEEZER))
def test_mutated_searches(answer: Any) -> None:
    """Results or a SourceError come out of any search."""
    try:
        found = list(read_found(answer, BEST))
    except SourceError:
        return
    assert all(NUMBER.fullmatch(one.target_id) for one in found)
    assert all(len(json.dumps(dict(one.extra))) < 30_000 for one in found)


def outcome(read: Callable[[Any], None], error: Any) -> str:
    """What is raised, in words; "" for nothing."""
    try:
        read(error)
    except SourceError as raised:
        return str(raised)
    return ""


@EXAMPLES
@given(JSON)
def test_any_error(error: Any) -> None:
    """Whatever stands where errors stand is no error or one of ours, and its text is short."""
    told = {read: outcome(read, error) for read in (raise_gateway_error, raise_api_error, raise_media_error)}
    assert all(bool(text) == bool(error) for text in told.values())
    assert all(len(text) < 1000 for text in told.values())
    assert is_stale(error) in {True, False}


@pytest.mark.parametrize(
    ("expires_in", "age", "fresh"),
    [
        (7200, 0, True),
        (1800, 0, True),
        (1800, 61, False),
        (-5, 30, True),
        (-5, 61, False),
        (None, 10**7, True),
    ],
)
def test_when_a_login_is_renewed(expires_in: float | None, age: float, fresh: bool) -> None:
    """An hour before its end, but never within its first minute; for ever where it tells no end."""
    now = time.time()
    account = Account(
        api_token="a",
        license_token="b",
        cookies={},
        high=True,
        lossless=True,
        expires_at=None if expires_in is None else now + expires_in,
        since=now - age,
    )
    assert account.is_fresh is fresh


def test_tokens_are_in_no_repr() -> None:
    """Accounts, tracks and streams can be printed."""
    account, song = read_account(GOOD["login"], {"sid": "planted-sid"}), read_song(GOOD["song"])
    assert isinstance(song, Song)
    shown = f"{account!r} {song!r} {read_media(GOOD['media'], song, TIERS)!r}"
    assert "planted-sid" not in shown
    for secret in (account.api_token, account.license_token, song.token, "hmac"):
        assert secret not in shown
