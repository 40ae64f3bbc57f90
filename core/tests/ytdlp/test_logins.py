"""A login is one extraction's own, and a refused one ends it; seen with an extractor that does neither."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from cratedig._errors import AuthenticationFailed, NotEntitled, RateLimited, SourceError, Unavailable
from cratedig.ytdlp import Saying
from cratedig_emulators.server import Fault
from cratedig_emulators.soundcloud import SoundCloudEmulator

SEARCH = "scsearch5:brass lanterns"
REFUSED = Saying(r"token is invalid", AuthenticationFailed, "log in again", at_once=True)
ARTWORK = r"https?://i1\.sndcdn\.com/"


@pytest.fixture
def sc() -> Iterator[SoundCloudEmulator]:
    with SoundCloudEmulator() as emulator:
        yield emulator
        assert emulator.errors == []
        assert emulator.strays == []


@pytest.fixture
def to_sc(bench: Any, sc: SoundCloudEmulator) -> Any:
    """yt-dlp on a lane to the emulated SoundCloud."""
    bench.proxy = sc.proxy_url
    return bench


def as_account(token: str) -> dict[str, Any]:
    return {
        "allowed_extractors": ["soundcloud", "soundcloud:search"],
        "username": "oauth",
        "password": token,
    }


async def search(ytdlp: Any, _lane: Any) -> Any:
    return await ytdlp.entries(SEARCH)


def failure(to_sc: Any, token: str) -> SourceError:
    """What a search with ``token`` raises."""

    async def use(ytdlp: Any, _lane: Any) -> SourceError:
        with pytest.raises(SourceError) as caught:
            await ytdlp.entries(SEARCH)
        return caught.value

    error = to_sc(use, params=as_account(token), sayings=[REFUSED])
    assert isinstance(error, SourceError)
    return error


def test_a_warning_can_end_an_extraction(to_sc: Any, sc: SoundCloudEmulator) -> None:
    """yt-dlp would go on as a guest; nothing more is asked, and the saying's hint is told."""
    error = failure(to_sc, "planted")
    assert isinstance(error, AuthenticationFailed)
    assert error.hint == "log in again"
    assert not sc.log.all("/search/*")


def test_the_warning_of_a_service_that_is_down_is_not_believed(to_sc: Any, sc: SoundCloudEmulator) -> None:
    """yt-dlp says the same of a token that nobody looked at."""
    sc.fault("/connect/session", Fault(status=503))
    assert isinstance(failure(to_sc, sc.oauth_token), Unavailable)
    sc.heal()
    sc.fault("/connect/session", Fault(reset=True))
    assert isinstance(failure(to_sc, sc.oauth_token), Unavailable)


def test_the_warning_of_a_busy_service_is_a_rate_limit(to_sc: Any, sc: SoundCloudEmulator) -> None:
    """With the time that it asks for."""
    sc.fault("/connect/session", Fault(status=429, retry_after=44))
    error = failure(to_sc, sc.oauth_token)
    assert isinstance(error, RateLimited)
    assert error.retry_after == 44


def test_a_login_ends_with_its_extraction(to_sc: Any, sc: SoundCloudEmulator) -> None:
    """yt-dlp keeps it on a class of its own; here the next one is a guest, or another account."""
    to_sc(search, params=as_account(sc.oauth_token))
    sc.log.clear()
    to_sc(search, params={"allowed_extractors": ["soundcloud:search"]})
    assert not [seen for seen in sc.requests if "authorization" in seen.headers]
    sc.expire_login()
    to_sc(search, params=as_account(sc.oauth_token))
    assert sc.requests[-1].headers["user-agent"]
    assert [seen.headers.get("authorization") for seen in sc.log.all("/search/*")][-1] == (
        f"OAuth {sc.oauth_token}"
    )


def test_what_nobody_needs_is_not_asked_for(to_sc: Any, sc: SoundCloudEmulator) -> None:
    """A search is one request, and not one more for each hit's picture."""

    async def use(ytdlp: Any, lane: Any) -> int:
        assert len(await ytdlp.entries(SEARCH)) == 5
        return int(lane.permits)

    permits = to_sc(use, params={"allowed_extractors": ["soundcloud:search"]}, unneeded=ARTWORK)
    assert permits == len(sc.requests)
    assert [seen.method for seen in sc.requests] == ["GET"] * 4


def test_a_function_can_choose_the_format(to_sc: Any, sc: SoundCloudEmulator) -> None:
    """It sees them all, the best last; what it raises comes out as it is."""
    known: list[str] = []
    number = next(iter(sc.sounds))
    url = f"https://api.soundcloud.com/tracks/{number}"

    def smallest(formats: Any) -> Any:
        known.extend(one["format_id"] for one in formats)
        return formats[0]

    def refuse(_formats: Any) -> Any:
        raise NotEntitled(f"planted {uuid4()}")

    async def use(ytdlp: Any, _lane: Any) -> str:
        info = await ytdlp.info(url, formats=smallest)
        with pytest.raises(NotEntitled, match="planted"):
            await ytdlp.info(url, formats=refuse)
        return str(info["format_id"])

    chosen = to_sc(use, params={"allowed_extractors": ["soundcloud"]})
    assert chosen == known[0]
    assert set(known) == {"hls_aac_160k", "hls_mp3_0_1", "http_mp3_0_1"}


def test_entries_can_be_looked_up(to_sc: Any, sc: SoundCloudEmulator) -> None:
    """For lists whose members say nothing of themselves."""

    async def use(ytdlp: Any, _lane: Any) -> list[Any]:
        return [len(entry.get("formats") or ()) for entry in await ytdlp.entries(SEARCH, flat=False)]

    params = {"allowed_extractors": ["soundcloud", "soundcloud:search"], "playlistend": 2}
    assert to_sc(use, params=params) == [3, 3]
