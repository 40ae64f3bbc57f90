"""What every client of a lane does, and what answers mean."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from uuid import uuid4

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cratedig._errors import (
    AuthenticationFailed,
    NotConfigured,
    NotEntitled,
    NotFound,
    RateLimited,
    SourceBug,
    SourceError,
    Unavailable,
    UnexpectedResponse,
)
from cratedig._http.clients import make_client, make_sync_client
from cratedig._http.errors import translate
from cratedig._http.options import HttpOptions
from cratedig._http.retry_after import retry_after
from cratedig._http.urls import shown_url

Handler = Callable[[httpx.Request], httpx.Response]
SECRET = f"planted-{uuid4()}"


def _get(
    handler: Handler, url: str = "http://a.test/x", **kwargs: object
) -> tuple[httpx.Response, list[float]]:
    """Ask through a client whose permit notes when it was taken."""
    permits: list[float] = []

    async def permit() -> None:
        permits.append(time.monotonic())

    async def main() -> httpx.Response:
        transport = httpx.MockTransport(handler)
        async with make_client(HttpOptions(), before_request=permit, transport=transport) as client:
            return await client.get(url, **kwargs)  # type: ignore[arg-type]

    return asyncio.run(main()), permits


def test_each_request_takes_a_permit() -> None:
    """Redirects are requests too."""

    def handler(request: httpx.Request) -> httpx.Response:
        path = request.url.path
        return httpx.Response(302, headers={"Location": "/y"}) if path == "/x" else httpx.Response(200)

    response, permits = _get(handler)
    assert response.url.path == "/y"
    assert len(permits) == 2


def test_names_itself() -> None:
    """The user agent has program and version."""
    response, _ = _get(lambda request: httpx.Response(200, text=request.headers["User-Agent"]))
    assert response.text.startswith("cratedig/")


@pytest.mark.parametrize("name", ["Authorization", "Cookie", "X-Api-Key", "X-User-Auth-Token", "apikey"])
@pytest.mark.parametrize(
    ("target", "kept"), [("http://b.test/", False), ("http://a.test:81/", False), ("/y", True)]
)
def test_secrets_stay_at_their_origin(name: str, target: str, kept: bool) -> None:
    """Credentials follow a redirect within the origin only; cookies of the caller's not even there."""
    seen: list[httpx.Headers] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers)
        return httpx.Response(302, headers={"Location": target}) if len(seen) == 1 else httpx.Response(200)

    _get(handler, headers={name: SECRET, "Accept": "audio/*"})
    assert seen[0][name] == SECRET
    assert (seen[1].get(name) == SECRET) == (kept and name != "Cookie")
    assert seen[1]["Accept"] == "audio/*"


def test_sync_client_has_the_same_settings() -> None:
    """Both worlds follow one set of options."""
    with make_sync_client(HttpOptions(connect_timeout=3, read_timeout=7, user_agent="x")) as client:
        assert client.timeout == httpx.Timeout(7, connect=3)
        assert client.headers["User-Agent"] == "x"
        assert client.follow_redirects


def _answer(status: int, headers: dict[str, str] | None = None) -> httpx.Response:
    request = httpx.Request("GET", f"https://me:{SECRET}@a.test:8443/x/y?token={SECRET}#f")
    return httpx.Response(status, headers=headers, request=request)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (200, UnexpectedResponse),
        (304, UnexpectedResponse),
        (400, UnexpectedResponse),
        (401, AuthenticationFailed),
        (402, NotEntitled),
        (403, NotEntitled),
        (404, NotFound),
        (407, NotConfigured),
        (408, Unavailable),
        (410, NotFound),
        (418, UnexpectedResponse),
        (429, RateLimited),
        (451, NotEntitled),
        (500, Unavailable),
        (599, Unavailable),
    ],
)
def test_every_status_has_a_meaning(status: int, error: type[SourceError]) -> None:
    """The message has method, address and status, and no secret."""
    found = translate(_answer(status, {"X-Secret": SECRET}))
    assert type(found) is error
    assert f"GET https://a.test:8443/x/y answered {status}" in str(found)
    assert SECRET not in str(found)


def test_a_status_error_is_its_response() -> None:
    """What ``raise_for_status`` raised is translated by its status, and stays as the cause."""
    with pytest.raises(httpx.HTTPStatusError) as caught:
        _answer(404).raise_for_status()
    found = translate(caught.value)
    assert isinstance(found, NotFound)
    assert found.__cause__ is caught.value


@pytest.mark.parametrize(
    ("problem", "error", "text"),
    [
        (httpx.ConnectTimeout(SECRET), Unavailable, "no connection in time"),
        (httpx.ReadTimeout(SECRET), Unavailable, "no answer in time"),
        (httpx.ConnectError(SECRET), Unavailable, "cannot connect"),
        (httpx.ConnectError("CERTIFICATE_VERIFY_FAILED certificate"), Unavailable, "verify_tls"),
        (httpx.ReadError(SECRET), Unavailable, "broke"),
        (httpx.RemoteProtocolError(SECRET), Unavailable, "broke"),
        (httpx.ProxyError(SECRET), Unavailable, "proxy"),
        (httpx.TooManyRedirects(SECRET), UnexpectedResponse, "redirected"),
        (httpx.DecodingError(SECRET), UnexpectedResponse, "decode"),
        (httpx.UnsupportedProtocol(SECRET), UnexpectedResponse, "http"),
        (httpx.InvalidURL(SECRET), UnexpectedResponse, "address"),
        (KeyError(SECRET), SourceBug, "KeyError"),
    ],
)
def test_every_exception_has_a_meaning(problem: Exception, error: type[SourceError], text: str) -> None:
    """The cause is kept, its text is not repeated: it may hold an address with a token."""
    found = translate(problem)
    assert type(found) is error
    assert text in str(found)
    assert SECRET not in str(found)
    assert found.__cause__ is problem


def test_a_source_error_is_left_alone() -> None:
    """What is translated already comes back as it is."""
    error = NotFound("gone")
    assert translate(error) is error


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://u:p@a.test:1/x?y=z#f", "https://a.test:1/x"),
        ("http://[::1]:80/x?y", "http://[::1]:80/x"),
        ("http://a@b@c.test/", "http://c.test/"),
        ("http://[bad", "an unreadable address"),
        ("/path?y", "/path"),
    ],
)
def test_shown_addresses(url: str, shown: str) -> None:
    """Addresses are shown without user, query and fragment."""
    assert shown_url(url) == shown


@given(st.text(max_size=50), st.text("?#@:/a", max_size=20))
def test_no_query_is_ever_shown(user: str, rest: str) -> None:
    """Whatever the address is, nothing behind a question mark is shown."""
    assert SECRET not in shown_url(
        f"https://{user}@a.test/{rest.partition('?')[0].partition('#')[0]}?{SECRET}"
    )


NOW = 1_795_000_000.0
LATER = datetime.fromtimestamp(NOW, UTC) + timedelta(seconds=90)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("1.5", 1.5),
        ("-5", None),
        ("nan", None),
        ("9" * 400, None),
        ("", None),
        ("soon", None),
        ("Wed, 99 Nov 2026 00:00:00 GMT", None),
        (format_datetime(LATER, usegmt=True), 90),
        (format_datetime(LATER.astimezone(timezone(timedelta(hours=5)))), 90),
        (format_datetime(LATER.replace(tzinfo=None)), 90),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 0),
    ],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    """Seconds and dates are read, the past is now, nonsense is nothing."""
    assert retry_after({"Retry-After": value}, NOW) == seconds
    assert retry_after({"retry-after": value}, NOW) == seconds


@given(st.text(max_size=60))
def test_retry_after_takes_any_text(value: str) -> None:
    """No header breaks the reader."""
    found = retry_after({"Retry-After": value}, NOW)
    assert found is None or found >= 0


def test_a_host_that_is_not_listed_is_refused_before_anything_is_sent() -> None:
    """A blocking client with ``hosts`` raises for any other one."""
    with make_sync_client(HttpOptions(), hosts=("*.example.org",)) as client:  # noqa: SIM117
        with pytest.raises(UnexpectedResponse, match=r"127\.0\.0\.1"):
            client.get("http://127.0.0.1:9/")
