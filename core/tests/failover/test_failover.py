"""Servers that stand in for each other."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from cratedig import (
    AuthenticationFailed,
    NotEntitled,
    NotFound,
    QualityUnavailable,
    RateLimited,
    SourceError,
    Unavailable,
    UnexpectedResponse,
)
from cratedig.failover import Server, Servers, server_of

ADDRESSES = ["http://a", "http://me:secret@b", "http://c"]


class Kept(dict[str, Any]):
    """A source's state."""

    def set(self, key: str, value: Any) -> None:
        self[key] = value


class Lent:
    """As much of a source's context as is needed."""

    def __init__(self) -> None:
        self.state = Kept()
        self.log = logging.getLogger("cratedig.test")


class Ring:
    """Three servers, each with what it does when it is asked, and who was asked."""

    def __init__(self, lent: Any = None, **errors: SourceError) -> None:
        context: Any = lent or Lent()
        self.lent = context
        self.errors = errors
        self.servers = Servers(ADDRESSES, context, final=(UnexpectedResponse,))
        self.asked = ""

    async def _ask(self, server: Server) -> str:
        self.asked += server.label
        if error := self.errors.get(server.label):
            raise error
        return server.label

    def first(self, preferred: str = "") -> str:
        return asyncio.run(self.servers.first(self._ask, self.servers.labelled(preferred)))


@pytest.mark.parametrize(
    "error", [Unavailable("down"), RateLimited(), AuthenticationFailed("out"), NotEntitled("no")]
)
def test_the_next_one_answers(error: SourceError) -> None:
    """And stays first, while the one that failed goes to the end."""
    ring = Ring(a=error)
    assert [ring.first(), ring.first()] == ["b", "b"]
    assert ring.asked == "abb"


def test_order_outlives_a_restart() -> None:
    """Only of what is in the settings, whatever was kept."""
    ring = Ring(a=Unavailable("down"))
    ring.first()
    ring.lent.state.set("order", ["gone", *ring.lent.state["order"]])
    assert Ring(ring.lent).first() == "b"


@pytest.mark.parametrize("error", [NotFound("gone"), UnexpectedResponse("bad")])
def test_what_all_would_say_is_final(error: SourceError) -> None:
    """Nobody else is asked."""
    ring = Ring(a=error)
    with pytest.raises(type(error)):
        ring.first()
    assert ring.asked == "a"


def test_another_one_may_have_the_quality() -> None:
    """That says nothing against the first, so the order stays."""
    ring = Ring(a=QualityUnavailable("lossy only"))
    assert [ring.first(), ring.first()] == ["b", "b"]
    assert ring.asked == "abab"


def test_preferred_one_is_asked_first() -> None:
    """As where a place in a queue is kept."""
    assert Ring().first("c") == "c"


def test_of_several_reasons_the_most_hopeful_is_told() -> None:
    """With all of them in its text."""
    ring = Ring(a=NotEntitled("region"), b=Unavailable("down"), c=AuthenticationFailed("out"))
    with pytest.raises(Unavailable, match="a: region; b: down; c: out"):
        ring.first()


def test_one_that_is_long_down_gives_no_hope() -> None:
    """Where the others have answered, their answer counts."""
    ring = Ring(a=Unavailable("down"))
    ring.first()
    ring.errors.update(b=NotEntitled("region"), c=NotEntitled("region"))
    with pytest.raises(NotEntitled):
        ring.first()


def test_one_that_has_come_back_counts_again() -> None:
    """Its next failure is as good a reason for another try as the first was."""
    ring = Ring(a=Unavailable("down"))
    ring.first()
    ring.errors.clear()
    assert ring.first("a") == "a"
    ring.errors.update(a=Unavailable("down"), b=NotEntitled("region"), c=NotEntitled("region"))
    with pytest.raises(Unavailable):
        ring.first()


def test_no_server_is_an_error_too() -> None:
    """Of the kind that the engine knows."""
    lent: Any = Lent()
    with pytest.raises(Unavailable):
        asyncio.run(Servers([], lent).first(Ring()._ask))


@pytest.mark.parametrize(
    ("address", "base", "login"),
    [
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000", None),
        ("https://h.example/hifi/", "https://h.example/hifi", None),
        ("http://me:p%40ss%3A@h:1", "http://h:1", ("me", "p@ss:")),
        ("http://only@[::1]:80", "http://[::1]:80", ("only", "")),
    ],
)
def test_credentials_are_taken_out_of_an_address(
    address: str, base: str, login: tuple[str, str] | None
) -> None:
    """Decoded, and in no representation."""
    found = server_of(address)
    assert found is not None
    assert (found.base, found.login) == (base, login)
    assert "p@ss" not in repr(found)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "music",
        "ftp://h",
        "http://",
        "http://h?x=1",
        "http://h#x",
        "http://h:port",
        "http://a:b@c@d",
        "http://h h",
    ],
)
def test_what_is_no_address_is_none(address: str) -> None:
    """Nor is one with a query."""
    assert server_of(address) is None
