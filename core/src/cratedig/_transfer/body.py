"""The bytes of a response body, by the cheapest way that is right for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpcore
import httpx

from cratedig._errors import UnexpectedResponse

PIECE = 512 * 1024
"""Bytes asked of the socket in one read."""

DIRECT_FROM = 8 * 1024 * 1024
"""Bytes from which a body is worth its connection: one that was read directly cannot be used again."""

_DECODABLE = frozenset({"gzip", "x-gzip", "deflate"})


def is_encoded(response: httpx.Response) -> bool:
    """Whether the body is compressed although it was asked for as it is.

    :raises UnexpectedResponse: in a way that httpx might hand through undecoded.
    """
    coding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if coding in {"", "identity"}:
        return False
    if coding not in _DECODABLE:
        raise UnexpectedResponse(f"the body is encoded as {coding[:40]!r}, which was not asked for")
    return True


def pieces(response: httpx.Response, timeout: float) -> Iterator[bytes]:
    """Yield the body piece by piece; ``timeout`` is the longest wait for one, in seconds.

    :raises httpx.TransportError: it ended early or broke.
    """
    if is_encoded(response):
        yield from response.iter_bytes()
        return
    raw = response.iter_raw()
    first = next(raw, b"")
    yield first
    left = _direct_bytes(response, len(first))
    if left:
        # h11 has handed out all it had read ahead, so the rest is still in the socket. Reading it there
        # spares the parser and two copies: half of the CPU time of a large file.
        yield from _direct(response, left, timeout)
    else:
        yield from raw


def _direct_bytes(response: httpx.Response, received: int) -> int:
    """How many bytes may be read straight from the connection, 0 when it has to be the parser's way."""
    length = response.headers.get("Content-Length", "")
    if response.http_version not in {"HTTP/1.1", "HTTP/1.0"} or not length.isdecimal():
        return 0
    if "Transfer-Encoding" in response.headers or "network_stream" not in response.extensions:
        return 0
    left = int(length) - received
    return left if left >= DIRECT_FROM else 0


def _direct(response: httpx.Response, left: int, timeout: float) -> Iterator[bytes]:
    stream: Any = response.extensions["network_stream"]
    while left:
        try:
            data = stream.read(min(PIECE, left), timeout)
        except httpcore.TimeoutException as error:
            raise httpx.ReadTimeout("no byte in time", request=response.request) from error
        except httpcore.NetworkError as error:
            raise httpx.ReadError("the connection broke", request=response.request) from error
        if not data:
            raise httpx.RemoteProtocolError("the body ended early", request=response.request)
        left -= len(data)
        yield data
