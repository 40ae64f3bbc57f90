"""What Qobuz says when it says no, in the engine's errors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from cratedig import (
    AuthenticationFailed,
    NotConfigured,
    NotEntitled,
    NotFound,
    RateLimited,
    SourceError,
    UnexpectedResponse,
)
from cratedig.reading import json_of, mapping, text

if TYPE_CHECKING:
    import httpx

PAUSE = 60.0
"""Seconds to wait after a 429 that does not say for how long."""

_LOG_IN = "renew user_auth_token: log in with the same app_id and copy the token; or set email and password"

_RESTRICTIONS: tuple[tuple[str, type[SourceError], str, str], ...] = (
    (
        "UserUnauthenticated",
        AuthenticationFailed,
        "Qobuz does not take the login for one and offers a sample of 30 seconds",
        _LOG_IN,
    ),
    (
        "User",
        NotEntitled,
        "the account's subscription does not include whole tracks, only samples",
        "check the subscription at Qobuz",
    ),
    (
        "TrackRestrictedByPurchaseCredentials",
        NotEntitled,
        "Qobuz hands the track only to who has bought it or has another subscription",
        "check the subscription at Qobuz",
    ),
    (
        "TrackRestrictedByTerritorialAvailability",
        NotEntitled,
        "Qobuz does not offer the track in the account's region",
        "",
    ),
    ("TrackUnavailable", NotFound, "the track has been withdrawn from Qobuz", ""),
    ("AlbumUnavailable", NotFound, "the album has been withdrawn from Qobuz", ""),
    ("TrackRestricted", NotEntitled, "the track's rights holders do not let Qobuz stream it", ""),
    ("SampleRestricted", NotEntitled, "the track's rights holders do not let Qobuz stream it", ""),
)
"""Beginnings of codes. The first that one of the answer's codes has counts: the account's come first."""


def why_refused(codes: Sequence[str]) -> SourceError | None:
    """The error that a file's restrictions stand for; ``None`` when they are about the format only."""
    for beginning, kind, message, hint in _RESTRICTIONS:
        if any(code.startswith(beginning) for code in codes):
            return kind(message, hint=hint or None)
    unknown = [code for code in codes if code and not code.startswith("Format")]
    return NotEntitled(f"Qobuz refuses the track: {', '.join(unknown)[:200]}") if unknown else None


def says_sample(codes: Iterable[str]) -> bool:
    """Whether one of the restrictions comes with a sample in place of the file."""
    return any(code.startswith(("User", "TrackRestrictedByPurchaseCredentials")) for code in codes)


def about_the_format(codes: Sequence[str]) -> bool:
    """Whether there are restrictions, and all of them are about the format."""
    return bool(codes) and all(code.startswith("Format") for code in codes)


def refusal(answer: httpx.Response) -> SourceError | None:
    """The error behind a status; ``None`` where the status says it all, or nothing is wrong."""
    code, said = _told(answer)
    match answer.status_code:
        case 400:
            return _bad_request(said)
        case 401:
            expired = "Qobuz refuses the login: it has expired, or belongs to another app_id"
            return AuthenticationFailed(expired, hint=_LOG_IN)
        case 403:
            return _forbidden(code, said)
        case 404:
            return NotFound("Qobuz has no such track, or no longer")
        case 429 if "retry-after" not in answer.headers:
            return RateLimited(retry_after=PAUSE)
    return None


def _forbidden(code: str, said: str) -> SourceError | None:
    if code == "USER_BLOCKED" or "is blocked" in said:
        return AuthenticationFailed("Qobuz has blocked the account", hint="only Qobuz' support can help")
    # Too many requests are answered like this, too; the login is as good as before.
    return RateLimited(retry_after=PAUSE) if "rate limit" in said else None


def _bad_request(said: str) -> SourceError:
    if "request_sig" in said or "signature" in said:
        return NotConfigured(
            "Qobuz refuses the signature: app_secret is wrong, or belongs to another app_id",
            hint="set app_secret and app_id of one and the same application under [sources.qobuz]",
        )
    if "app_id" in said:
        return NotConfigured("Qobuz does not know the app_id", hint="set app_id under [sources.qobuz]")
    return UnexpectedResponse(f"Qobuz calls the request wrong: {said[:200] or 'without a reason'}")


def _told(answer: httpx.Response) -> tuple[str, str]:
    """``error_code``, and the message in lower case without the number of the request."""
    if answer.is_success:
        return "", ""
    body = mapping(json_of(answer))
    return text(body.get("error_code")), text(body.get("message")).partition("(Root=")[0].strip().lower()
