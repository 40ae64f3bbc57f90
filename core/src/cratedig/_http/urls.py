"""URLs as they may be shown to people."""

from __future__ import annotations

from urllib.parse import urlsplit

_LONGEST = 200


def shown_url(url: object) -> str:
    """``scheme://host:port/path``: no user, password, query or fragment, where services put their secrets."""
    try:
        parts = urlsplit(str(url))
    except ValueError:
        return "an unreadable address"
    host = parts.netloc.rpartition("@")[2]
    shown = f"{parts.scheme}://{host}{parts.path}" if host else parts.path
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"
