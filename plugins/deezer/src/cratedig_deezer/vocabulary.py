"""What Deezer's own errors stand for. Most of them come with status 200."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cratedig import (
    AuthenticationFailed,
    NotEntitled,
    NotFound,
    RateLimited,
    SourceError,
    Unavailable,
    UnexpectedResponse,
)
from cratedig.reading import mapping, text, whole

_STALE = frozenset({"VALID_TOKEN_REQUIRED", "NEED_USER_AUTH_REQUIRED", "USER_AUTH_REQUIRED"})

_SLOW_DOWN = "Deezer's quota of requests is used up"

_API: Mapping[int | None, tuple[type[SourceError], str]] = {
    4: (RateLimited, _SLOW_DOWN),
    200: (NotEntitled, "the catalogue refuses it"),
    700: (Unavailable, "the catalogue is busy"),
    800: (NotFound, "the catalogue has no such entry"),
}

LICENSE_REFUSED = 1002
TOKEN_REFUSED = 2000
NO_RIGHTS = 2002


class StaleTrack(Unavailable):
    """A track's token is not accepted; a new look-up of the track has a new one."""


class LicenseRefused(NotEntitled):
    """The account's licence is not good for a format."""


def is_stale(error: Any) -> bool:
    """Whether the ``error`` of a gateway's answer says that the session is over, or its token."""
    said = mapping(error)
    return bool(_STALE & said.keys()) or "token" in text(said.get("GATEWAY_ERROR")).lower()


def raise_gateway_error(error: Any) -> None:
    """Raise what the ``error`` of a gateway's answer stands for; an empty one is none.

    :raises AuthenticationFailed: the session is over although it has just begun.
    :raises SourceError: whatever else it is.
    """
    if not error:
        return
    if is_stale(error):
        raise AuthenticationFailed(
            "Deezer does not accept the session, not even a new one", hint="set a new arl, out of a browser"
        )
    said = [text(code) for code in mapping(error)]
    if "DATA_ERROR" in said:
        raise NotFound("Deezer has no such track, or no longer")
    if "QUOTA_ERROR" in said:
        raise RateLimited(_SLOW_DOWN)
    raise UnexpectedResponse(f"the gateway answers {', '.join(said)[:200] or 'an error without a name'}")


def raise_api_error(error: Any) -> None:
    """Raise what the ``error`` of a catalogue's answer stands for; an empty one is none.

    :raises SourceError: always, if there is one.
    """
    if not error:
        return
    said = mapping(error)
    code = whole(said.get("code"))
    kind, message = _API.get(code, (UnexpectedResponse, "the catalogue does not understand the request"))
    raise kind(f"{message} ({text(said.get('type'))[:60]} {code}: {text(said.get('message'))[:120]})")


def raise_media_error(errors: Any) -> None:
    """Raise what the first of a media answer's ``errors`` stands for; none in an empty list.

    :raises StaleTrack: the track's token is not accepted.
    :raises LicenseRefused: the subscription does not include the format.
    :raises SourceError: whatever else it is.
    """
    if not errors:
        return
    first = mapping(errors[0] if isinstance(errors, list) else errors)
    code = whole(first.get("code"))
    if code == TOKEN_REFUSED:
        raise StaleTrack("Deezer does not accept the track's token")
    if code == LICENSE_REFUSED:
        raise LicenseRefused(
            "the account's subscription does not include the track in any of the formats asked for",
            hint="a lower quality may be included",
        )
    if code == NO_RIGHTS:
        raise NotEntitled(
            "the track is not released for the account's country or subscription",
            hint="another release of it may be",
        )
    raise UnexpectedResponse(f"the media service answers error {code}: {text(first.get('message'))[:120]}")
