"""One request of yt-dlp's on the lane: redirects, cookies, limits, and errors of others."""

from __future__ import annotations

from collections.abc import Iterator
from http.cookiejar import CookieJar
from typing import Any

import httpx
import pytest

from cratedig._errors import RateLimited, SourceBug, UnexpectedResponse
from cratedig.ytdlp import _traffic
from cratedig.ytdlp._traffic import Abandoned, Call, Reply, Traffic
from cratedig_emulators.server import Request, Response, Service, json_response, redirect, route


class Hops(Service):
    """Redirects of every kind, and an echo at their end."""

    @route("/hop/{status}", methods=("GET", "POST"))
    def hop(self, request: Request) -> Response:
        answer = redirect("/echo", int(request.params["status"]))
        return answer.with_headers(Set_Cookie="hop=1; Path=/")

    @route("/away")
    def away(self, _request: Request) -> Response:
        return redirect(f"http://localhost:{self.port}/echo")

    @route("/loop")
    def loop(self, _request: Request) -> Response:
        return redirect("/loop")

    @route("/astray")
    def astray(self, _request: Request) -> Response:
        return redirect("ftp://127.0.0.1/")

    @route("/endless")
    def endless(self, _request: Request) -> Response:
        return Response(body=b"x" * 5000)

    @route("/echo", methods=("GET", "POST"))
    def echo(self, request: Request) -> Response:
        return json_response({"method": request.method, "headers": dict(request.headers)})


@pytest.fixture
def hops() -> Iterator[Hops]:
    with Hops() as service:
        yield service


def sent(direct: Any, url: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Reply:
    """Send one call from a thread of the lane."""

    async def use(ytdlp: Any, _lane: Any) -> Reply:
        context = ytdlp._context
        call = Call(method=method, url=url, headers=headers, body=body, jar=CookieJar())
        reply = await context.run_blocking(Traffic(context).send, call)
        assert isinstance(reply, Reply)
        return reply

    reply = direct(use)
    assert isinstance(reply, Reply)
    return reply


def seen(reply: Reply) -> dict[str, Any]:
    answer: dict[str, Any] = httpx.Response(200, content=reply.body).json()
    return answer


@pytest.mark.parametrize(
    ("status", "method"), [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")]
)
def test_a_redirected_post_becomes_what_browsers_make_of_it(
    direct: Any, hops: Hops, status: int, method: str
) -> None:
    """A GET without the body's headers, or the same POST."""
    url = f"{hops.base_url}/hop/{status}"
    reply = sent(direct, url, "POST", b"{}", **{"Content-Type": "application/json"})
    echo = seen(reply)
    assert echo["method"] == method
    assert ("content-type" in echo["headers"]) is (method == "POST")
    assert reply.url.endswith("/echo")


def test_each_hop_has_its_cookies(direct: Any, hops: Hops) -> None:
    """What the first answer sets goes with the second request."""
    assert seen(sent(direct, f"{hops.base_url}/hop/302"))["headers"]["cookie"] == "hop=1"


def test_a_login_stays_at_its_host(direct: Any, hops: Hops) -> None:
    """A redirect to another host takes the Authorization header off, to the same host it does not."""
    assert "authorization" not in seen(sent(direct, f"{hops.base_url}/away", Authorization="x"))["headers"]
    assert "authorization" in seen(sent(direct, f"{hops.base_url}/hop/302", Authorization="x"))["headers"]


def test_a_circle_ends(direct: Any, hops: Hops) -> None:
    """After ten redirects it is an error of the service."""
    with pytest.raises(httpx.TooManyRedirects):
        sent(direct, f"{hops.base_url}/loop")
    assert len(hops.requests) == _traffic.MAX_REDIRECTS


def test_only_the_web_is_asked(direct: Any, hops: Hops) -> None:
    """A redirect to another protocol is not followed."""
    with pytest.raises(httpx.UnsupportedProtocol):
        sent(direct, f"{hops.base_url}/astray")


def test_an_endless_body_is_cut(direct: Any, hops: Hops, monkeypatch: Any) -> None:
    """An extractor is never fed more than fits into memory."""
    monkeypatch.setattr(_traffic, "MAX_BODY", 4096)
    with pytest.raises(Abandoned) as caught:
        sent(direct, f"{hops.base_url}/endless")
    assert isinstance(caught.value.__cause__, UnexpectedResponse)


def test_an_address_that_is_none_is_the_services_fault() -> None:
    """Httpx refuses it before anything is sent."""

    class Lane:
        def from_thread(self, *_: Any) -> None:
            raise httpx.InvalidURL("no")

    traffic = Traffic(Lane())  # type: ignore[arg-type]
    with pytest.raises(Abandoned):
        traffic.send(Call(method="GET", url="http://a.invalid/", headers={}, body=None, jar=CookieJar()))
    assert isinstance(traffic.failure, UnexpectedResponse)


def test_a_bug_under_a_request_is_not_hidden(bench: Any, first: str) -> None:
    """yt-dlp would try its next handler; here the source is told what was raised."""

    async def use(ytdlp: Any, lane: Any) -> None:
        async def broken() -> None:
            raise ZeroDivisionError("planted")

        lane.permit = broken
        lane.client.event_hooks = {"request": [lambda _request: broken()]}
        with pytest.raises(SourceBug, match="ZeroDivisionError: planted"):
            await ytdlp.info(first)

    bench(use)


def test_an_error_of_the_engine_comes_through(bench: Any, first: str) -> None:
    """A permit that is refused ends the extraction as it is."""
    refused = RateLimited(retry_after=5)

    async def use(ytdlp: Any, lane: Any) -> None:
        async def refuse(_request: Any) -> None:
            raise refused

        lane.client.event_hooks = {"request": [refuse]}
        with pytest.raises(RateLimited) as caught:
            await ytdlp.info(first)
        assert caught.value is refused

    bench(use)
