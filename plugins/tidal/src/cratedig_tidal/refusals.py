"""Tidal's ways to say no, in the engine's words."""

from __future__ import annotations

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
_BLOCKED_FOR, _QUOTA_FOR = 900.0, 3600.0
_UNAUTHORIZED, _FORBIDDEN = 401, 403
_RENEWABLE = frozenset({None, 6001, 11002, 11003})


class NotPlayable(NotEntitled):
    """Not in this tier, for this account; another tier may play."""


class Protected(QualityUnavailable):
    """The tier comes encrypted, which is not supported; another may not."""


class Unreadable(UnexpectedResponse):
    """The manifest of this tier cannot be read; that of another may."""


_OF_THE_TIER = (NotPlayable, Protected, Unreadable)
OF_THE_TIER: tuple[type[SourceError], ...] = _OF_THE_TIER
"""Refusals after which a lower tier is worth a try."""

_REGION = "it is not available in the account's region"
_PAID = "the subscription does not include it"
_CLIENT = "this client may not play it"
_NOT_READY = "it is not to be played with this account: region, subscription or tier"
_BUSY = "the account is playing on another device"

_MEANING: dict[str, tuple[type[SourceError], str, str]] = {
    "2001": (NotFound, "there is no such track, or no longer", ""),
    "CONTENT_NOT_FOUND": (NotFound, "there is no such track, or no longer", ""),
    "4005": (NotPlayable, _NOT_READY, ""),
    "4030": (NotEntitled, _CLIENT, ""),
    "4031": (NotEntitled, _CLIENT, ""),
    "4034": (NotEntitled, _CLIENT, ""),
    "CLIENT_NOT_ENTITLED": (NotEntitled, _CLIENT, ""),
    "PREREQUISITE_MISSING": (NotEntitled, _CLIENT, ""),
    "4032": (NotEntitled, _REGION, ""),
    "4035": (NotEntitled, _REGION, ""),
    "GEO_RESTRICTED": (NotEntitled, _REGION, ""),
    "4033": (NotEntitled, _PAID, "it may be had with another subscription, or be bought"),
    "PURCHASE_REQUIRED": (NotEntitled, _PAID, "it may be had with another subscription, or be bought"),
}
_SLOW_DOWN: dict[str, tuple[str, float | None]] = {
    "4006": (_BUSY, None),
    "CONCURRENCY_LIMIT": (_BUSY, None),
    "CONCURRENT_PLAYBACK": (_BUSY, None),
    "4010": ("the account's quota of streams for this month is used up", _QUOTA_FOR),
}


def renewable(status: int, body: Any) -> bool:
    """Whether a fresh access token may help; a 401 is also how assets are refused."""
    return status == _UNAUTHORIZED and whole(mapping(body).get("subStatus")) in _RENEWABLE


def refusal(status: int, body: Any, *, page: bool) -> SourceError:
    """What an answer other than 2xx, 429 and 5xx stands for; ``page`` says that it is HTML."""
    if page and status in {_UNAUTHORIZED, _FORBIDDEN}:
        return RateLimited(
            "Tidal takes this for a robot and blocks it", _BLOCKED_FOR, hint="open Tidal in a browser, wait"
        )
    code = _code(body)
    if code in _SLOW_DOWN:
        message, seconds = _SLOW_DOWN[code]
        return RateLimited(message, seconds)
    if code in _MEANING:
        kind, message, hint = _MEANING[code]
        return kind(f"{message} (Tidal's code {code})", hint=hint or None)
    return _by_status(status, f", code {code}" if code else "")


def _by_status(status: int, code: str) -> SourceError:
    said = f"Tidal answers {status}{code}"
    if status == _UNAUTHORIZED:
        return AuthenticationFailed(f"the login is refused: {said}", hint=LOG_IN)
    if status == _FORBIDDEN:
        return NotEntitled(f"this account may not have it: {said}")
    if status in {404, 410}:
        return NotFound(f"there is no such thing at Tidal: {said}")
    return UnexpectedResponse(said)


def _code(body: Any) -> str:
    """The number of the first version of the API, or the word of the second."""
    told = mapping(body)
    errors = items(told.get("errors"))
    first = mapping(errors[0]) if errors else {}
    return (text(told.get("subStatus")) or text(first.get("code")))[:40]
