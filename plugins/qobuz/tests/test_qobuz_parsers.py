"""Whatever stands in the place of an answer, valid values come out of it, or one of the documented errors."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cratedig import (
    AuthenticationFailed,
    NotConfigured,
    NotEntitled,
    NotFound,
    Quality,
    QualityPreference,
    SourceError,
    UnexpectedResponse,
)
from cratedig_contracts import hostile_json, mutated
from cratedig_emulators.qobuz import QobuzEmulator
from cratedig_qobuz.client import Client, signature
from cratedig_qobuz.files import File, read_file
from cratedig_qobuz.refusals import refusal
from cratedig_qobuz.settings import QobuzSettings
from cratedig_qobuz.tiers import choices, offer
from cratedig_qobuz.tracks import bits, hertz, read_search, read_track, seconds

JSON = hostile_json("audio/mp4", [{"code": ["User"]}, {"code": 7}, 3])


def answered(path: str, **params: str) -> Any:
    """What the emulator really answers."""
    with QobuzEmulator() as service:
        headers = {"X-App-Id": service.app_id, "X-User-Auth-Token": service.token}
        params = {
            name: str(service.song(value).id) if name == "track_id" else value
            for name, value in params.items()
        }
        if path.endswith("login"):
            params = {"email": service.email, "app_id": service.app_id, "user_auth_token": service.token}
        return httpx.get(
            f"{service.api_base}/{path}", params=params, headers=headers, trust_env=False, timeout=30
        ).json()


def file_answer(title: str) -> Any:
    """A file's address, as the emulator makes it."""
    with QobuzEmulator() as service:
        params = {"track_id": str(service.song(title).id), "format_id": "27", "intent": "stream"}
        signed = {
            "request_ts": "1",
            "request_sig": signature("track/getFileUrl", params, "1", service.app_secret),
        }
        headers = {"X-App-Id": service.app_id, "X-User-Auth-Token": service.token}
        url = f"{service.api_base}/track/getFileUrl"
        return httpx.get(
            url, params={**params, **signed}, headers=headers, trust_env=False, timeout=30
        ).json()


SEARCH = answered("track/search", query="Ada Quillfeather")
TRACK = answered("track/get", track_id="Prelude")
LOGIN = answered("user/login")
FILES = [file_answer(title) for title in ("Copper Rain", "Half a Minute", "Elsewhere", "Less Than Told")]
EXAMPLES = settings(max_examples=300, deadline=None)


def test_answers_that_are_mutated_are_good_ones() -> None:
    """What the mutations start from is read whole."""
    assert len(read_search(SEARCH, 27)) > 15
    assert read_track(TRACK, 27).title == "Prelude"
    assert isinstance(read_file(FILES[0], 16.0), File)
    assert LOGIN["user_auth_token"]


@EXAMPLES
@given(mutated(SEARCH))
def test_mutated_searches(answer: Any) -> None:
    """Results or a SourceError come out of any search."""
    try:
        found = read_search(answer, 27)
    except SourceError:
        return
    assert all(one.target_id.isdecimal() for one in found)
    assert all(len(json.dumps(dict(one.extra))) < 16_384 for one in found)


@EXAMPLES
@given(mutated(TRACK))
def test_mutated_tracks(answer: Any) -> None:
    """A track or a SourceError comes out of any track."""
    try:
        track = read_track(answer, 7)
    except SourceError:
        return
    assert track.quality is not None
    assert track.quality <= offer(7, None)


@EXAMPLES
@given(st.sampled_from(FILES).flatmap(mutated), st.none() | st.floats(1, 10_000))
def test_mutated_file_addresses(answer: Any, duration: float | None) -> None:
    """An address, "not in this format" or a SourceError comes out of any answer."""
    try:
        file = read_file(answer, duration)
    except SourceError:
        return
    if file is not None:
        assert file.url.startswith(("http://", "https://"))
        assert file.name in {f"{number}.{codec}" for number in (27, 7, 6, 5) for codec in ("flac", "mp3")}
        assert file.expired in {True, False}


@EXAMPLES
@given(st.sampled_from([200, 400, 401, 403, 404, 418, 429, 500]), JSON | st.binary(max_size=40))
def test_any_refusal(status: int, body: Any) -> None:
    """A status with any body is an error of ours, or left to what the status says."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode("utf-8", "surrogatepass")
    error = refusal(httpx.Response(status, content=content))
    assert error is None or isinstance(error, SourceError)
    assert len(str(error)) < 1000
    assert (error is None) <= (status in {200, 403, 418, 429, 500})


class Lent:
    """As much of a context as a login needs."""

    def __init__(self, answer: Any) -> None:
        content = json.dumps(answer).encode("utf-8", "surrogatepass")
        reply = httpx.MockTransport(lambda _request: httpx.Response(200, content=content))
        self.settings = QobuzSettings(app_id="1", email="a@b", password="p")  # type: ignore[arg-type]
        self.http = httpx.AsyncClient(transport=reply)
        self.state = self
        self.kept: dict[str, Any] = {}
        self.get = self.kept.get
        self.set = self.kept.__setitem__


@EXAMPLES
@given(mutated(LOGIN))
def test_mutated_logins(answer: Any) -> None:
    """A token that fits into a header, or a SourceError, comes out of any login."""
    lent = Lent(answer)
    try:
        asyncio.run(Client(lent).ask("user/get"))  # type: ignore[arg-type]
    except SourceError:
        assert lent.kept == {}
    else:
        assert lent.kept["login"]["token"].isprintable()


@pytest.mark.parametrize(
    ("read", "value", "expected"),
    [
        (hertz, 44.1, 44_100), (hertz, "96", 96_000), (hertz, 1e308, None), (hertz, 0, None),
        (bits, "24", 24), (bits, 10**30, None), (bits, 65, None), (bits, -1, None),
        (seconds, "150", 150.0), (seconds, 0, None), (seconds, 1e300, None), (seconds, [7], 7.0),
    ],
)  # fmt: skip
def test_numbers_that_can_be(read: Any, value: Any, expected: Any) -> None:
    """Rates come in kHz, numbers as texts at times, and what cannot be is unknown."""
    assert read(value) == expected


@pytest.mark.parametrize(
    ("codes", "error"),
    [
        (["FormatRestrictedByFormatAvailability"], None),
        (["FormatRestrictedByFormatAvailability", "UserUncredentialed"], NotEntitled),
        (["TrackRestrictedByRightHolders", "UserUnauthenticated"], AuthenticationFailed),
        (["TrackUnavailable", "FormatRestrictedByFormatAvailability"], NotFound),
        ([], UnexpectedResponse),
    ],
)
def test_account_comes_before_track_before_format(codes: list[str], error: type[SourceError] | None) -> None:
    """Of several codes, the account's counts first; only the format's lead to another format."""
    answer = {"restrictions": [{"code": code} for code in codes]}
    if error is None:
        assert read_file(answer, None) is None
    else:
        with pytest.raises(error):
            read_file(answer, None)


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ("Invalid Request Signature parameter (request_sig) (Root=1-a-b)", NotConfigured),
        ("INVALID OR MISSING APP_ID parameter", NotConfigured),
        ("Something else", UnexpectedResponse),
    ],
)
def test_bad_requests(message: str, error: type[SourceError]) -> None:
    """What is wrong with a request is read in any case of letters."""
    assert isinstance(refusal(httpx.Response(400, json={"message": message})), error)


@pytest.mark.parametrize(
    ("preference", "maximum", "expected"),
    [
        (None, None, [27, 7, 6, 5]),
        (QualityPreference(accept_lower=False), None, [27]),
        (QualityPreference(codecs=("mp3",)), None, [5]),
        (QualityPreference(floor=Quality(codec="flac", bit_depth=16, sample_rate=44_100)), None, [27, 7, 6]),
        (QualityPreference(floor=Quality(codec="flac", bit_depth=24, sample_rate=176_400)), None, [27]),
        (QualityPreference(ceiling=Quality(codec="mp3", bitrate=320)), None, [5]),
        (
            QualityPreference(ceiling=Quality(codec="flac", bit_depth=24, sample_rate=48_000)),
            Quality(codec="flac", bit_depth=24, sample_rate=48_000),
            [27, 7, 6, 5],
        ),
    ],
)
def test_formats_to_ask_for(
    preference: QualityPreference | None, maximum: Quality | None, expected: list[int]
) -> None:
    """The wish chooses among the formats, knowing what a track comes in at best."""
    assert choices(27, maximum, preference) == expected


def test_setting_is_where_the_formats_begin() -> None:
    """Nothing above the setting is ever asked for."""
    assert [choices(highest, None, None) for highest in (7, 6, 5)] == [[7, 6, 5], [6, 5], [5]]
