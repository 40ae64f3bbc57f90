"""The bytes of a response body, by the cheapest way that is right for it."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator

import httpx

from cratedig._errors import UnexpectedResponse
from cratedig._transfer.request import Bytes

PIECE = 512 * 1024
"""Bytes asked of the socket in one read."""

ENOUGH = 256 * 1024
"""Bytes that are worth a write."""

PATIENCE = 0.05
"""Seconds after which fewer are."""

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


def pieces(response: httpx.Response, timeout: float) -> Iterator[Bytes]:
    """Yield the body piece by piece; ``timeout`` is the longest wait for a byte, in seconds.

    A piece is good until the next one is asked for.

    :raises httpx.TransportError: it ended early or broke.
    """
    if is_encoded(response):
        yield from response.iter_bytes()
        return
    raw = response.iter_raw()
    first = next(raw, b"")
    yield first
    left = _direct_bytes(response, len(first))
    sock = _socket(response) if left else None
    if sock is None:
        yield from raw
    else:
        # h11 has handed out all it had read ahead, so the rest is still in the socket. Reading it there
        # spares the parser and two copies: half of the CPU time of a large file.
        sock.settimeout(timeout)
        yield from _direct(response, sock, left)


def _direct_bytes(response: httpx.Response, received: int) -> int:
    """How many bytes may be read straight from the connection, 0 when it has to be the parser's way."""
    length = response.headers.get("Content-Length", "")
    if response.http_version not in {"HTTP/1.1", "HTTP/1.0"} or not length.isdecimal():
        return 0
    if "Transfer-Encoding" in response.headers or "network_stream" not in response.extensions:
        return 0
    left = int(length) - received
    return left if left >= DIRECT_FROM else 0


def _socket(response: httpx.Response) -> socket.socket | None:
    """Return the socket that the body can be read from as it is; TLS within TLS has none."""
    sock = response.extensions["network_stream"].get_extra_info("socket")
    wanted = ssl.SSLSocket if response.url.scheme == "https" else socket.socket
    return sock if isinstance(sock, wanted) else None


def _direct(response: httpx.Response, sock: socket.socket, left: int) -> Iterator[memoryview]:
    buffer = memoryview(bytearray(PIECE))
    while left:
        filled, failure = _fill(sock, buffer[: min(PIECE, left)])
        if filled:
            left -= filled
            yield buffer[:filled]
        if failure is not None:
            raise _named(failure, response.request) from failure


def _fill(sock: socket.socket, buffer: memoryview) -> tuple[int, OSError | None]:
    """Read until a worthwhile piece is there, or it has taken long enough for one; say what ended it.

    TLS hands out 16 KiB at a time, which is little for a write and a report of progress each.
    """
    enough, filled = min(ENOUGH, len(buffer)), 0
    deadline = time.monotonic() + PATIENCE
    while filled < enough:
        try:
            received = sock.recv_into(buffer[filled:])
        except OSError as error:
            return filled, error
        if not received:
            return filled, ConnectionError("the body ended early")
        filled += received
        if time.monotonic() > deadline:
            break
    return filled, None


def _named(error: OSError, request: httpx.Request) -> httpx.TransportError:
    if isinstance(error, TimeoutError):
        return httpx.ReadTimeout("no byte in time", request=request)
    return httpx.ReadError("the connection broke", request=request)
