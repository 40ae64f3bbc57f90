"""What the head of a response says about the bytes that follow."""

from __future__ import annotations

import re

import httpx
from attrs import frozen

from cratedig._errors import UnexpectedResponse
from cratedig._http.urls import shown_url
from cratedig._transfer.body import is_encoded

_CONTENT_RANGE = re.compile(r"bytes\s+(?:(\d+)-(\d+)|\*)/(\d+|\*)", re.IGNORECASE)


@frozen(kw_only=True)
class Answer:
    """A body from byte ``start`` of ``total``; ``validator`` is a strong ETag, else a date, else empty."""

    start: int
    total: int | None
    validator: str
    encoded: bool


def read_answer(response: httpx.Response) -> Answer | None:
    """Read the head of a 200 or 206; ``None`` when a partial answer does not say which part it is."""
    partial = response.status_code == httpx.codes.PARTIAL_CONTENT
    encoded = is_encoded(response)
    span = _CONTENT_RANGE.match(response.headers.get("Content-Range", "")) if partial else None
    if partial and (span is None or span[1] is None or encoded):
        return None
    total = span[3] if span else "" if encoded else response.headers.get("Content-Length", "")
    return Answer(
        start=int(span[1]) if span else 0,
        total=int(total) if total.isdecimal() else None,
        validator=_validator(response.headers),
        encoded=encoded,
    )


def unsatisfied_total(response: httpx.Response) -> int | None:
    """Return the length that a 416 tells, if it does."""
    span = _CONTENT_RANGE.match(response.headers.get("Content-Range", ""))
    return int(span[3]) if span and span[3].isdecimal() else None


def refuse_page(response: httpx.Response, name: str) -> None:
    """Refuse a web page where a file is due: a login form or an error page that came with status 200.

    :raises UnexpectedResponse: it is one.
    """
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind in {"text/html", "application/xhtml+xml"} and not name.lower().endswith((".html", ".htm")):
        raise UnexpectedResponse(f"{shown_url(response.request.url)} answered a web page, not a file")


def _validator(headers: httpx.Headers) -> str:
    etag: str = headers.get("ETag", "")
    date: str = headers.get("Last-Modified", "")
    return etag.strip() if etag.strip().startswith('"') else date.strip()
