"""Byte ranges, as RFC 9110 has them: one range at a time, and only while the validator still holds."""

from __future__ import annotations

import re

from attrs import evolve

from cratedig_emulators.messages import Request, Response

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def apply_range(request: Request, answer: Response) -> Response:
    """Cut the answer to what was asked for (206, or 416 for nothing), or leave it whole."""
    asked = _RANGE.fullmatch(request.headers.get("range", ""))
    body = answer.body
    if not (answer.ranged and asked and answer.status == 200 and isinstance(body, bytes)):  # noqa: PLR2004
        return answer
    if not _still_the_same(request, answer):
        return answer
    first, last = _bounds(asked[1], asked[2], len(body))
    if first > last or first >= len(body):
        return evolve(answer, status=416, body=b"").with_headers(Content_Range=f"bytes */{len(body)}")
    part = evolve(answer, status=206, body=body[first : last + 1])
    return part.with_headers(Content_Range=f"bytes {first}-{last}/{len(body)}")


def _still_the_same(request: Request, answer: Response) -> bool:
    condition = request.headers.get("if-range")
    return condition is None or condition in {answer.headers.get("ETag"), answer.headers.get("Last-Modified")}


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    if not first:
        return max(0, size - int(last or 0)), size - 1
    return int(first), min(int(last), size - 1) if last else size - 1
