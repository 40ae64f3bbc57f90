"""The plain way, and every way in which an answer can be wrong."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from cratedig._errors import (
    AuthenticationFailed,
    CorruptDownload,
    NotEntitled,
    NotFound,
    RateLimited,
    SourceError,
    Unavailable,
    UnexpectedResponse,
)
from cratedig._transfer.abort import Abort
from cratedig._transfer.body import DIRECT_FROM

Get = Callable[..., Path]
BODY = os.urandom(300_000)


def test_fetches_a_file(server: Any, get: Get) -> None:
    """The bytes arrive as they are, and nothing else stays in the folder."""
    server.put("/a", BODY)
    path = get(server.url("/a"))
    assert path.read_bytes() == BODY
    assert list(path.parent.iterdir()) == [path]


def test_reads_large_bodies_directly(server: Any, get: Get) -> None:
    """A body that is read past the parser is the same, byte for byte."""
    body = os.urandom(1024) * ((DIRECT_FROM + 3_000_000) // 1024) + b"end"
    server.put("/a", body)
    assert get(server.url("/a")).read_bytes() == body


@pytest.mark.parametrize(
    "way", [{"length": False}, {"length": False, "close_delimited": True}, {"gzip": True}]
)
def test_takes_any_framing(server: Any, get: Get, way: dict[str, bool]) -> None:
    """Chunked, ended by closing, or compressed against our wish: the content is the same."""
    server.put("/a", BODY, **way)
    assert get(server.url("/a")).read_bytes() == BODY


def test_asks_for_the_bytes_as_they_are(server: Any, get: Get) -> None:
    """No content coding is asked for, and the user agent names the program."""
    server.put("/a", BODY)
    get(server.url("/a"), headers={"X-Mine": "1"})
    headers = server.requests[0][1]
    assert headers["accept-encoding"] == "identity"
    assert headers["user-agent"].startswith("cratedig/")
    assert headers["x-mine"] == "1"


def test_an_empty_body_is_a_file(server: Any, get: Get) -> None:
    """Whether an empty file is welcome is for verification to say."""
    server.put("/a", b"")
    assert get(server.url("/a")).read_bytes() == b""


def test_reports_progress(server: Any, get: Get) -> None:
    """Progress rises to the whole, and the total is known from the start."""
    server.put("/a", BODY)
    seen: list[tuple[int, int | None]] = []
    get(server.url("/a"), progress=lambda done, total: seen.append((done, total)))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1] == (len(BODY), len(BODY))
    assert {total for _, total in seen} == {len(BODY)}


def test_progress_may_end_the_transfer(server: Any, get: Get) -> None:
    """What progress raises comes out as it is."""

    def stop(*_: object) -> None:
        raise KeyError("stop")

    server.put("/a", BODY)
    with pytest.raises(KeyError):
        get(server.url("/a"), progress=stop)


def test_ranges_of_a_given_size(server: Any, get: Get) -> None:
    """With a range size the body comes in successive ranges that do not overlap."""
    server.put("/a", BODY)
    assert get(server.url("/a"), range_size=100_000).read_bytes() == BODY
    asked = [headers["range"] for _, headers in server.requests]
    assert asked == ["bytes=0-99999", "bytes=100000-199999", "bytes=200000-299999"]
    assert server.body_bytes == len(BODY)


def test_ranges_that_are_ignored(server: Any, get: Get) -> None:
    """A server without ranges sends the whole at once, and that is taken."""
    server.put("/a", BODY, ranges=False)
    assert get(server.url("/a"), range_size=100_000).read_bytes() == BODY
    assert len(server.requests) == 1


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256", "sha512"])
def test_digest_holds(server: Any, get: Get, algorithm: str) -> None:
    """The right digest lets the file pass."""
    server.put("/a", BODY, drops=[100_000])
    digest = f"{algorithm}:{hashlib.new(algorithm, BODY).hexdigest().upper()}"
    assert get(server.url("/a"), digest=digest).read_bytes() == BODY


def test_digest_fails(server: Any, get: Get, staging: Path) -> None:
    """The wrong digest is a corrupt download, of which nothing is used again."""
    server.put("/a", BODY)
    with pytest.raises(CorruptDownload, match="promised was 00"):
        get(server.url("/a"), digest="md5:00")
    assert not (staging / "song.flac").exists()
    assert get(server.url("/a"), digest=f"md5:{hashlib.md5(BODY).hexdigest()}").read_bytes() == BODY


def test_unknown_digest_is_refused(server: Any, get: Get) -> None:
    """A digest that cannot be checked is not ignored."""
    server.put("/a", BODY)
    with pytest.raises(ValueError, match="md5"):
        get(server.url("/a"), digest="crc32:00")


@pytest.mark.parametrize("size", [1, len(BODY) - 1, len(BODY) + 1])
def test_another_length_than_promised(server: Any, get: Get, size: int) -> None:
    """A service that announces another length than was promised is not downloaded from."""
    server.put("/a", BODY)
    with pytest.raises(CorruptDownload, match=str(size)):
        get(server.url("/a"), size=size)


@pytest.mark.parametrize("size", [len(BODY) - 1, len(BODY) + 1])
def test_another_length_than_promised_without_announcement(server: Any, get: Get, size: int) -> None:
    """The same holds where no length is announced, after a few more tries for a longer one."""
    server.put("/a", BODY, length=False, ranges=False)
    with pytest.raises(CorruptDownload, match=str(size)):
        get(server.url("/a"), size=size)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, UnexpectedResponse),
        (401, AuthenticationFailed),
        (403, NotEntitled),
        (404, NotFound),
        (410, NotFound),
        (451, NotEntitled),
        (500, Unavailable),
        (503, Unavailable),
    ],
)
def test_status_becomes_an_error(server: Any, get: Get, status: int, error: type[SourceError]) -> None:
    """A refusal is the error that it means, and shows neither query nor user."""
    server.put("/a", BODY, answers=[(status, {})])
    address = server.url("/a?token=planted").replace("://", "://me:planted@")
    with pytest.raises(error) as caught:
        get(address)
    assert "planted" not in str(caught.value)
    assert str(status) in str(caught.value)


def test_too_many_requests_in_seconds(server: Any, get: Get) -> None:
    """A 429 tells for how many seconds to pause."""
    server.put("/a", BODY, answers=[(429, {"Retry-After": "17"})])
    with pytest.raises(RateLimited) as caught:
        get(server.url("/a"))
    assert caught.value.retry_after == 17


def test_too_many_requests_as_a_date(server: Any, get: Get) -> None:
    """A date in a 429 becomes seconds from now."""
    asked_at = time.time()
    later = formatdate(asked_at + 30, usegmt=True)
    server.put("/a", BODY, answers=[(429, {"Retry-After": later})])
    with pytest.raises(RateLimited) as caught:
        get(server.url("/a"))
    took = time.time() - asked_at
    assert caught.value.retry_after is not None
    assert 29 - took <= caught.value.retry_after <= 30


def test_a_web_page_is_no_song(server: Any, get: Get) -> None:
    """HTML with status 200 is recognised before it is written, unless HTML was asked for."""
    server.put("/a", b"<html>log in</html>", content_type="text/html; charset=utf-8")
    with pytest.raises(UnexpectedResponse, match="web page"):
        get(server.url("/a"))
    assert get(server.url("/a"), "booklet.html").read_bytes() == b"<html>log in</html>"


def test_an_unknown_coding_is_refused(server: Any, get: Get) -> None:
    """A body in a coding that nobody decodes is not saved as if it were the file."""
    server.put("/a", BODY, answers=[(200, {"Content-Encoding": "br"})])
    with pytest.raises(UnexpectedResponse, match="br"):
        get(server.url("/a"))


def test_nobody_listens(get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused connection is Unavailable at once; the engine knows how long to back off."""

    def paused(_abort: Abort, seconds: float) -> None:
        raise AssertionError(f"it pauses for {seconds} s")

    monkeypatch.setattr(Abort, "wait", paused)
    with pytest.raises(Unavailable, match="cannot connect"):
        get("http://127.0.0.1:9/a")


def test_a_redirect_carries_no_secrets_abroad(server: Any, get: Get) -> None:
    """Another origin gets none of the caller's credentials, whatever their header is called."""
    abroad = server.url("/b").replace("127.0.0.1", "localhost")
    server.put("/a", BODY, answers=[(302, {"Location": abroad})])
    server.put("/b", BODY)
    secrets = {"Authorization": "planted", "Cookie": "s=planted", "X-Api-Key": "planted", "Accept": "audio/*"}
    assert get(server.url("/a"), headers=secrets).read_bytes() == BODY
    (_, first), (_, second) = server.requests
    assert list(first.values()).count("planted") == 2
    assert "planted" not in str(second)
    assert second["accept"] == "audio/*"


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1/a", "no address", "http://[::1/a", "http://127.0.0.1:99999999/"]
)
def test_addresses_that_are_none(get: Get, url: str) -> None:
    """A service that hands out nonsense in place of an address is told so."""
    with pytest.raises(SourceError):
        get(url)
