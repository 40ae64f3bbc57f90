"""The requests of one extraction, carried from yt-dlp's thread to the lane and back.

Nothing here imports yt-dlp: it is the side of the bridge that stands on the lane's loop.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import re
from email.message import Message
from http import HTTPStatus
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING
from urllib.request import Request as UrlRequest

import httpx
from attrs import evolve, frozen

from cratedig._errors import SourceBug, SourceError, UnexpectedResponse
from cratedig._http.errors import translate

if TYPE_CHECKING:
    from cratedig._plugins.context import SourceContext

MAX_BODY = 64 * 1024 * 1024
"""Bytes of one answer to an extractor; the largest real one, a player script, has about three million."""

MAX_REDIRECTS = 10

_NO_COOKIES = DefaultCookiePolicy(allowed_domains=[])
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Abandoned(BaseException):
    """The extraction is over. Outside ``Exception``, because extractors catch that and would go on."""


class Alarm(Abandoned):
    """The extraction is over because of a warning; ``error`` is what the warning stands for."""

    def __init__(self, error: SourceError) -> None:
        super().__init__(str(error))
        self.error = error


@frozen(kw_only=True)
class Call:
    """One request of yt-dlp's. ``jar`` is the cookie jar it wants used and filled."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None
    jar: CookieJar


@frozen(kw_only=True)
class Reply:
    """The whole answer to a :class:`Call`, after redirects; ``headers`` keep their repetitions."""

    status: int
    url: str
    headers: list[tuple[str, str]]
    body: bytes


class Traffic:
    """What one extraction asked for, and what came back.

    ``failure`` is the error to report when the extraction was abandoned; ``refusals`` are the answers with
    a status of 400 and more, which yt-dlp often turns into a mere warning; ``broken`` is the last
    connection that failed. Addresses that ``unneeded`` (a regular expression) fits are answered 404 here.
    """

    def __init__(self, context: SourceContext, unneeded: str | None = None) -> None:
        self._context = context
        self._unneeded = unneeded
        self.failure: SourceError | None = None
        self.refusals: list[Reply] = []
        self.broken: httpx.HTTPError | None = None

    def send(self, call: Call) -> Reply:
        """Perform ``call`` on the lane's loop; for yt-dlp's thread.

        Raises :class:`Abandoned` when it was cancelled, which the context also does to every later call, and
        httpx's errors for a connection that failed.
        """
        if self._unneeded and re.match(self._unneeded, call.url):
            return Reply(status=HTTPStatus.NOT_FOUND, url=call.url, headers=[], body=b"")
        try:
            reply = self._context.from_thread(self._follow, call)
        except (httpx.TimeoutException, httpx.InvalidURL) as error:
            # An extractor would ask two or three more addresses, each to its own time-out.
            self._abandon(translate(error), error)
        except httpx.HTTPError as error:
            self.broken = error
            raise
        except SourceError as error:
            self._abandon(error, error)
        except (asyncio.CancelledError, concurrent.futures.CancelledError) as error:
            raise Abandoned from error
        except Exception as error:  # noqa: BLE001 - whatever the lane raises
            # yt-dlp would try its next handler and end with a sentence that hides this.
            self._abandon(SourceBug(f"a request raised {type(error).__name__}: {error}"), error)
        if reply.status >= HTTPStatus.BAD_REQUEST:
            self.refusals.append(reply)
        return reply

    def _abandon(self, failure: SourceError, cause: Exception) -> None:
        self.failure = failure
        raise Abandoned from cause

    async def _follow(self, call: Call) -> Reply:
        """One call with its redirects. They are followed here because each hop has cookies of its own."""
        for _ in range(MAX_REDIRECTS):
            reply = await self._exchange(call)
            onward = _redirected(call, reply)
            if onward is None:
                return reply
            call = onward
        raise httpx.TooManyRedirects(f"more than {MAX_REDIRECTS} redirects")

    async def _exchange(self, call: Call) -> Reply:
        client = self._context.http
        # yt-dlp's jar is the only one: the lane's client would hand one login's cookies to the next.
        client.cookies.jar.set_policy(_NO_COOKIES)
        stream = client.stream(
            call.method, call.url, headers=_with_cookies(call), content=call.body, follow_redirects=False
        )
        async with stream as response:
            body = await _read(response)
        reply = Reply(
            status=response.status_code,
            url=str(response.url),
            headers=response.headers.multi_items(),
            body=body,
        )
        call.jar.extract_cookies(_CookieView(reply), UrlRequest(call.url))  # type: ignore[arg-type] # noqa: S310
        return reply


def _with_cookies(call: Call) -> dict[str, str]:
    request = UrlRequest(call.url)  # noqa: S310 - a carrier for the jar; nothing is opened
    call.jar.add_cookie_header(request)
    cookies = request.get_header("Cookie")
    return {**call.headers, "Cookie": cookies} if cookies else call.headers


async def _read(response: httpx.Response) -> bytes:
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > MAX_BODY:
            raise UnexpectedResponse(f"{response.url.host} sent more than {MAX_BODY} bytes to an extractor")
    return bytes(body)


def _redirected(call: Call, reply: Reply) -> Call | None:
    """Make the call that ``reply`` sends us on to, without the body where the method changes, or ``None``."""
    location = dict(reply.headers).get("location")
    if reply.status not in _REDIRECTS or not location:
        return None
    url = httpx.URL(call.url).join(location)
    headers = call.headers
    if url.host != httpx.URL(call.url).host:
        headers = {name: text for name, text in headers.items() if name.lower() != "authorization"}
    # Browsers, and every service that redirects a POST, treat 301 and 302 as 303.
    changed = reply.status == HTTPStatus.SEE_OTHER or (
        reply.status in (HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.FOUND) and call.method == "POST"
    )
    if changed and call.method != "HEAD":
        bare = {
            name: text
            for name, text in headers.items()
            if name.lower() not in ("content-type", "content-length")
        }
        return evolve(call, method="GET", url=str(url), headers=bare, body=None)
    return evolve(call, url=str(url), headers=headers)


class _CookieView:
    """As much of a urllib response as :meth:`CookieJar.extract_cookies` looks at."""

    def __init__(self, reply: Reply) -> None:
        self._headers = Message()
        for name, text in reply.headers:
            self._headers.add_header(name, text)

    def info(self) -> Message:
        """Headers of the answer."""
        return self._headers
