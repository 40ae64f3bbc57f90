"""The public catalogue: searches, tracks, albums."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from cratedig_emulators.messages import Response, json_response

_SCOPED = re.compile(r'\b(?:artist|track|album|dur_min|dur_max):"([^"]*)"')
_MOST = 100

QUOTA = {"type": "Exception", "message": "Quota limit exceeded", "code": 4}
BUSY = {"type": "Exception", "message": "Service busy", "code": 700}
NO_QUERY = {"type": "MissingParameterException", "message": "Missing parameters: q", "code": 501}
NO_DATA = {"type": "DataException", "message": "no data", "code": 800}


def api_error(error: Mapping[str, Any]) -> Response:
    """Answer with an error, that is with status 200."""
    return json_response({"error": dict(error)})


def words_of(query: str) -> str:
    """Return the words of a query, those of its scoped fields too."""
    return _SCOPED.sub(r" \1 ", query).replace('"', " ")


def page(base_url: str, path: str, args: Mapping[str, str], rows: Sequence[Any]) -> Response:
    """Answer with one page of rows; the last page has no ``next``."""
    start, limit = _count(args, "index", 0), _count(args, "limit", 25)
    if limit > _MOST:
        return api_error({"type": "ItemsLimitExceededException", "message": "limit", "code": 100})
    part = list(rows[start : start + limit])
    answer: dict[str, Any] = {"data": part, "total": len(rows)}
    if start + limit < len(rows):
        answer["next"] = f"{base_url}{path}?index={start + limit}"
    return json_response(answer)


def _count(args: Mapping[str, str], name: str, default: int) -> int:
    value = args.get(name, "")
    return int(value) if value.isdecimal() else default
