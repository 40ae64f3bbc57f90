"""A source that looks at answers itself names them as the engine does."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, cast

import httpx
import pytest
from core.tests.fakes import Fake, running, serving

from cratedig import RateLimited, RawSearchResult, SourceContext, Unavailable, UnexpectedResponse, hookimpl


def test_context_says_what_an_answer_means() -> None:
    """Status, Retry-After and a broken connection become the errors that the engine would make of them."""
    context = SourceContext("planted", logging.getLogger("planted"), cast("Any", None), cast("Any", None))
    request = httpx.Request("GET", "http://somebody:planted@127.0.0.1/x?token=planted")
    limited = context.meaning(httpx.Response(429, headers={"Retry-After": "7"}, request=request))
    assert isinstance(limited, RateLimited)
    assert limited.retry_after == 7
    broken = context.meaning(httpx.ConnectError("planted", request=request))
    assert isinstance(broken, Unavailable)
    assert "planted" not in f"{limited}{broken}"


class Asking(Fake):
    """A source that notes how it is answered, and goes on after a request that failed."""

    addresses: tuple[str, ...] = ()

    def __init__(self, context: SourceContext) -> None:
        super().__init__()
        self.context = context

    @hookimpl
    async def search_raw(self, query: str, wanted: object) -> list[RawSearchResult]:
        with pytest.raises(Unavailable, match="connect"):
            await self.context.request("GET", self.addresses[0])
        with pytest.raises(Unavailable, match="connect"):
            await self.context.request_json("GET", self.addresses[0])
        answer = await self.context.request("GET", self.addresses[1])
        return [RawSearchResult(target_id="1", title=str(answer.status_code))]


def test_no_answer_is_the_engines_error_at_once() -> None:
    """A source with several servers need not know what the HTTP library raises; a status is an answer."""

    async def main() -> list[str]:
        async with running() as engine:
            engine.register_plugin(Asking, name="fake")
            return [result.title for result in await engine.search("song")]

    with serving(lambda _path, _headers: (503, {}, b"")) as address:
        Asking.addresses = ("http://127.0.0.1:9/x", address)
        assert asyncio.run(main()) == ["503"]


class Reading(Fake):
    """A source that wants JSON."""

    address = ""

    def __init__(self, context: SourceContext) -> None:
        super().__init__()
        self.context = context

    @hookimpl
    async def search_raw(self, query: str, wanted: object) -> list[RawSearchResult]:
        with pytest.raises(UnexpectedResponse, match="in place of JSON"):
            await self.context.request_json("GET", self.address)
        return [RawSearchResult(target_id="1", title="read")]


@pytest.mark.parametrize(
    "body", [b"<html>", b"", b"\xff", b"[" * 100_000], ids=["page", "none", "bytes", "depth"]
)
def test_what_is_no_json_is_said_to_be_none(body: bytes) -> None:
    """A page, nothing, other bytes, or lists in lists in lists: none of them is a bug of the source."""

    async def main() -> list[str]:
        async with running() as engine:
            engine.register_plugin(Reading, name="fake")
            return [result.title for result in await engine.search("song")]

    with serving(lambda _path, _headers: (200, {}, body)) as Reading.address:
        assert asyncio.run(main()) == ["read"]
