"""Tidal's ways to say no, in the engine's words."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from cratedig import (
    AuthenticationFailed,
    NotEntitled,
    NotFound,
    QualityUnavailable,
    RateLimited,
    SourceError,
    UnexpectedResponse,
)
from cratedig.reading import items, mapping, text, whole

LOG_IN = "log in again: cratedig login tidal"
_UNAUTHORIZED, _FORBIDDEN = 401, 403
_RENEWABLE = frozenset({None, 6001, 11002, 11003})


class NotPlayable(NotEntitled):
    """Not in this tier, for this account; another tier may play."""


class Protected(QualityUnavailable):
    """The tier comes encrypted, which is not supported; another may not."""


class Unreadable(UnexpectedResponse):
    """The manifest of this tier cannot be read; that of another may."""


OF_THE_TIER: tuple[type[SourceError], ...] = (NotPlayable, Protected, Unreadable)
"""Refusals after which a lower tier is worth a try."""

_BLOCKED = partial(RateLimited, "Tidal takes this for a robot and blocks it", 900.0)
_QUOTA = partial(RateLimited, retry_after=3600.0)
_NOT_READY = "it is not to be played with this account: region, subscription or tier"
_PAID = "it may be had with another subscription, or be bought"
_SAYINGS: tuple[tuple[str, Callable[..., SourceError], str, str | None], ...] = (
    ("2001 CONTENT_NOT_FOUND 404 410", NotFound, "there is no such track, or no longer", None),
    ("4005", NotPlayable, _NOT_READY, None),
    ("4006 CONCURRENCY_LIMIT CONCURRENT_PLAYBACK", RateLimited, "the account plays on another device", None),
    ("4010", _QUOTA, "the account's quota of streams for this month is used up", None),
    ("4030 4031 4034", NotEntitled, "this client may not play it", None),
    ("CLIENT_NOT_ENTITLED PREREQUISITE_MISSING", NotEntitled, "this client may not play it", None),
    ("4032 4035 GEO_RESTRICTED", NotEntitled, "it is not available in the account's region", None),
    ("4033 PURCHASE_REQUIRED", NotEntitled, "the subscription does not include it", _PAID),
    ("401", AuthenticationFailed, "the login is refused", LOG_IN),
    ("403", NotEntitled, "this account may not have it", None),
)
"""Codes of the API's first version (numbers) and its second (words), and statuses for when it says none."""
_MEANING = {word: saying[1:] for saying in _SAYINGS for word in saying[0].split()}
_OTHER = (UnexpectedResponse, "nobody here knows this answer", None)


def renewable(status: int, body: Any) -> bool:
    """Whether a fresh access token may help; a 401 is also how assets are refused."""
    return status == _UNAUTHORIZED and whole(mapping(body).get("subStatus")) in _RENEWABLE


def refusal(status: int, body: Any, *, page: bool) -> SourceError:
    """What an answer other than 2xx, 429 and 5xx stands for; ``page`` says that it is HTML."""
    if page and status in {_UNAUTHORIZED, _FORBIDDEN}:
        return _BLOCKED(hint="open Tidal in a browser, wait")
    code = _code(body)
    kind, message, hint = _MEANING.get(code) or _MEANING.get(str(status), _OTHER)
    return kind(f"{message} (Tidal answers {status}{', code ' if code else ''}{code})", hint=hint)


def _code(body: Any) -> str:
    told = mapping(body)
    first = mapping(next(iter(items(told.get("errors"))), {}))
    return (text(told.get("subStatus")) or text(first.get("code")))[:40]
