"""Whatever goes wrong in yt-dlp comes out as the one error that says what to do."""

from __future__ import annotations

from email.utils import formatdate
from time import time
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from core.tests.fakes import until

from cratedig._errors import (
    AuthenticationFailed,
    NotConfigured,
    NotEntitled,
    NotFound,
    QualityUnavailable,
    RateLimited,
    SourceError,
    Unavailable,
    UnexpectedResponse,
)
from cratedig.ytdlp import Saying
from cratedig.ytdlp._sayings import COMMON
from cratedig.ytdlp._traffic import Reply
from cratedig.ytdlp._translation import plain, translated
from cratedig_emulators.server import Fault
from cratedig_emulators.youtube import Playability, YouTubeEmulator

EXTRACTED = "/youtubei/v1/player"


def failure(bench: Any, url: str, **more: Any) -> SourceError:
    """Catch what the extraction of ``url`` raises."""

    async def use(ytdlp: Any, _lane: Any) -> SourceError:
        with pytest.raises(SourceError) as caught:
            await ytdlp.info(url)
        return caught.value

    error = bench(use, **more)
    assert isinstance(error, SourceError)
    return error


def test_a_swallowed_429_is_a_rate_limit(bench: Any, yt: YouTubeEmulator, first: str) -> None:
    """yt-dlp makes a warning of it and complains of something else; Retry-After is not lost."""
    yt.fault(EXTRACTED, Fault(status=429, retry_after=77))
    error = failure(bench, first)
    assert isinstance(error, RateLimited)
    assert error.retry_after == 77


def test_a_429_may_name_a_date(bench: Any, yt: YouTubeEmulator, first: str) -> None:
    """Retry-After in its other form gives seconds as well."""
    asked_at = time()
    yt.fault(EXTRACTED, Fault(status=429, retry_after=formatdate(asked_at + 600, usegmt=True)))
    error = failure(bench, first)
    assert isinstance(error, RateLimited)
    assert error.retry_after is not None
    assert 599 - (time() - asked_at) <= error.retry_after <= 600


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        (401, AuthenticationFailed),
        (403, NotEntitled),
        (404, NotFound),
        (429, RateLimited),
        (500, Unavailable),
        (503, Unavailable),
    ],
)
def test_a_status_keeps_its_meaning(
    bench: Any, yt: YouTubeEmulator, status: int, meaning: type[SourceError]
) -> None:
    """A search that the service refuses raises what the status stands for."""
    yt.fault("/youtubei/v1/search", Fault(status=status))
    assert type(failure(bench, "ytsearch5:anything")) is meaning


def test_a_swallowed_denial_is_a_denial(bench: Any, yt: YouTubeEmulator, first: str) -> None:
    """A 403 everywhere ends in a sentence that does not say so."""
    yt.fault("*", Fault(status=403))
    assert isinstance(failure(bench, first), NotEntitled)


def test_a_service_that_hangs_up_is_unavailable(bench: Any, yt: YouTubeEmulator, first: str) -> None:
    """A connection that breaks is a matter of the network."""
    yt.fault("*", Fault(reset=True))
    assert isinstance(failure(bench, first), Unavailable)


def test_a_proxy_that_is_not_there_is_unavailable(bench: Any, yt: YouTubeEmulator, first: str) -> None:
    """Nothing listens."""
    yt.stop()
    assert isinstance(failure(bench, first), Unavailable)


def test_the_first_time_out_ends_the_extraction(bench: Any, yt: YouTubeEmulator, first: str) -> None:
    """A service that does not answer is asked once, and not once for each of yt-dlp's other ways."""

    async def use(ytdlp: Any, lane: Any) -> None:
        # On a connection that is open, nothing but the answer can be late.
        await lane.client.get(first)
        yt.freeze()
        lane.client.timeout = httpx.Timeout(60, read=0.3)
        with pytest.raises(Unavailable):
            await ytdlp.info(first)
        await until(lambda: len(yt.requests) > 1)

    bench(use)
    assert [seen.path for seen in yt.requests] == ["/watch", "/watch"]


def test_garbage_is_an_unexpected_response(bench: Any, yt: YouTubeEmulator) -> None:
    """An answer that is no JSON is neither a bug of the source nor a reason to try again."""
    yt.fault("/youtubei/v1/search", Fault(html=True))
    error = failure(bench, "ytsearch5:anything")
    assert isinstance(error, UnexpectedResponse)
    assert "pip install -U yt-dlp" in str(error)


def test_nothing_playable_is_a_matter_of_quality(bench: Any, yt: YouTubeEmulator, first: str) -> None:
    """A video without formats, and a format that the person asks for and the video has not."""
    assert isinstance(failure(bench, first, options={"format": "bestaudio[ext=flac]"}), QualityUnavailable)
    yt.change(next(iter(yt.videos)), playability=Playability.NO_FORMATS)
    assert isinstance(failure(bench, first), QualityUnavailable)


def test_a_country_is_not_entitled(bench: Any, yt: YouTubeEmulator, first: str) -> None:
    """Only the first line of yt-dlp's advice is passed on."""
    yt.change(next(iter(yt.videos)), playability=Playability.COUNTRY)
    error = failure(bench, first)
    assert isinstance(error, NotEntitled)
    assert error.message == "The uploader has not made this video available in your country"


@pytest.mark.parametrize("choice", ["bestaudio[", "140+251"])
def test_a_wrong_format_names_the_option(bench: Any, first: str, choice: str) -> None:
    """A selection that cannot be parsed, or that stands for two streams, is a matter of settings."""
    error = failure(bench, first, options={"format": choice, "allow_multiple_audio_streams": True})
    assert isinstance(error, NotConfigured)
    assert "options" in str(error)
    assert "format" in str(error)


def test_a_foreign_address_is_not_found(bench: Any) -> None:
    """Extractors that the source did not allow are not tried."""

    async def use(ytdlp: Any, _lane: Any) -> None:
        with pytest.raises(NotFound):
            await ytdlp.info("https://vimeo.com/1")

    bench(use, params={"allowed_extractors": ["youtube"]})


class Odd(Exception):
    """An error as yt-dlp nests them."""

    def __init__(self, text: str, **attributes: Any) -> None:
        super().__init__(text)
        self.__dict__.update(attributes)


def meaning(error: BaseException, warnings: tuple[str, ...] = (), **traffic: Any) -> SourceError:
    seen = SimpleNamespace(**{"failure": None, "refusals": [], "broken": None, **traffic})
    return translated(error, traffic=seen, warnings=warnings, sayings=COMMON)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "error",
    [
        Odd("HTTP Error 429", status=429),
        Odd("ERROR: x", exc_info=(None, Odd("cause", status=429))),
        Odd("ERROR: x", exc_info=(None, Odd("x", cause=Odd("cause", status=429)))),
    ],
    ids=["raw", "exc_info", "cause"],
)
def test_a_status_is_found_at_the_end_of_the_chain(error: Exception) -> None:
    """Raw HTTP errors escape; others are wrapped once or twice."""
    assert isinstance(meaning(error), RateLimited)


def test_a_chain_that_bites_its_tail_ends() -> None:
    """An error that is its own cause is read once."""
    error = Odd("round and round")
    error.__dict__["cause"] = error
    assert isinstance(meaning(error), UnexpectedResponse)


def test_a_warning_speaks_when_the_error_says_nothing() -> None:
    """The cause may be in a warning alone."""
    assert isinstance(meaning(KeyError("x"), ("This one is DRM protected",)), NotEntitled)


@pytest.mark.parametrize("apostrophe", ["'", "\u2019"])
def test_both_apostrophes_are_read(apostrophe: str) -> None:
    """A saying is written with the straight one."""
    error = Odd(f"ERROR: [youtube] abcdefghijk: You{apostrophe}re a bot")
    found = translated(
        error,
        traffic=SimpleNamespace(failure=None, refusals=[], broken=None),  # type: ignore[arg-type]
        warnings=(),
        sayings=(Saying("you're a bot", RateLimited, retry_after=3600),),
    )
    assert isinstance(found, RateLimited)
    assert (found.retry_after, found.message) == (3600, "You're a bot")


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("ERROR: [youtube] abcdefghijk: Private video. Sign in", "Private video. Sign in"),
        ("\x1b[0;31mERROR:\x1b[0m [soundcloud] gone", "gone"),
        ("Sign in to do it. Use --cookies-from-browser for it", "Sign in to do it"),
        ("Odd; please report this issue on https://example.invalid", "Odd"),
        ("Unable to download (caused by <HTTPError 404: Not Found>)", "Unable to download"),
        ("Not here\nYou might want to use a VPN", "Not here"),
    ],
)
def test_messages_are_for_people(said: str, left: str) -> None:
    """Colours, prefixes and advice for a command line are left out."""
    assert plain(said) == left


@pytest.mark.parametrize(("headers", "pause"), [([], 600), ([("retry-after", "7")], 7)])
def test_a_pause_that_was_told_replaces_the_guess(headers: list[tuple[str, str]], pause: float) -> None:
    """A source may know how long a service pouts; the service knows better."""
    refusal = Reply(status=429, url="https://a.invalid/", headers=headers, body=b"")
    found = translated(
        Odd("HTTP Error 429: Too Many Requests", status=429),
        traffic=SimpleNamespace(failure=None, refusals=[refusal], broken=None),  # type: ignore[arg-type]
        warnings=(),
        sayings=(Saying("HTTP Error 429", RateLimited, retry_after=600),),
    )
    assert isinstance(found, RateLimited)
    assert found.retry_after == pause
