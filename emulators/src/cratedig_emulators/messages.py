"""What an emulator's handlers receive and what they answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qs, parse_qsl

from attrs import evolve, field, frozen

EPOCH = 1_700_000_000
"""When everything on the emulated services was last changed, so that dates never wander."""


@frozen(kw_only=True)
class Request:
    """One request as it came in. ``path`` is decoded, ``raw_path`` is not; header names are lower case."""

    method: str
    path: str
    raw_path: str
    query: str
    headers: Mapping[str, str]
    body: bytes = b""
    host: str = ""
    params: Mapping[str, str] = field(factory=dict)

    @property
    def args(self) -> dict[str, str]:
        """The query's last value of each key."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    @property
    def multi(self) -> dict[str, list[str]]:
        """The query with every value of each key."""
        return parse_qs(self.query, keep_blank_values=True)

    @property
    def form(self) -> dict[str, str]:
        """A urlencoded body's last value of each key."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    def json(self) -> Any:
        """Return the body as JSON, ``None`` when it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


@frozen(kw_only=True)
class Response:
    """One answer. A ``ranged`` body can be asked for in parts; an iterator is sent in chunks."""

    status: int = 200
    headers: Mapping[str, str] = field(factory=dict)
    body: bytes | Iterator[bytes] = b""
    content_type: str = "text/plain; charset=utf-8"
    ranged: bool = False

    def with_headers(self, **headers: str) -> Response:
        """Return the same with headers besides; ``_`` in a name stands for ``-``."""
        added = {name.replace("_", "-"): value for name, value in headers.items()}
        return evolve(self, headers={**self.headers, **added})


def json_response(value: Any, status: int = 200, **headers: str) -> Response:
    """``value`` as a JSON body."""
    body = json.dumps(value, ensure_ascii=False).encode()
    return Response(status=status, body=body, content_type="application/json").with_headers(**headers)


def html_response(
    body: str = "<html><body>We are down for maintenance.</body></html>", status: int = 200
) -> Response:
    """Return an HTML page, by default the kind that services send in place of an answer."""
    return Response(status=status, body=body.encode(), content_type="text/html; charset=utf-8")


def redirect(location: str, status: int = 302) -> Response:
    """Send the client elsewhere."""
    return Response(status=status, headers={"Location": location})


def file_response(
    data: bytes, content_type: str = "application/octet-stream", *, etag: bool = True
) -> Response:
    """Return a file: ranges, ``Last-Modified`` and, unless the service has none, a strong ``ETag``."""
    headers = {"Last-Modified": formatdate(EPOCH, usegmt=True), "Accept-Ranges": "bytes"}
    if etag:
        headers["ETag"] = f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'
    return Response(body=data, content_type=content_type, headers=headers, ranged=True)
