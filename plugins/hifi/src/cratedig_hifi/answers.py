"""One request to one instance, and what its answer means (FastAPI: errors are ``{"detail": …}``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cratedig import (
    AuthenticationFailed,
    NotEntitled,
    NotFound,
    RateLimited,
    SourceContext,
    SourceError,
    Unavailable,
    UnexpectedResponse,
)
from cratedig.failover import Server
from cratedig.reading import json_of, mapping, number, text, whole

if TYPE_CHECKING:
    import httpx

UPSTREAM = "Upstream API error"
_LONGEST_PAUSE = 30.0
_DEAD_LOGIN = "the instance's operator has to log in to Tidal again; put another instance into the settings"


class NotReady(AuthenticationFailed):
    """401 without a reason: a login that is refused, or a tier that the track does not have."""


class RouteMissing(UnexpectedResponse):
    """The instance's version has no such address."""


class BadRequest(UnexpectedResponse):
    """The request itself is refused, as every instance would."""


class Busy(RateLimited):
    """The instance lets the request wait; ``ticket`` is what to ask for, in ``retry_after`` seconds."""

    def __init__(self, message: str, retry_after: float, ticket: str = "") -> None:
        super().__init__(message, retry_after)
        self.ticket = ticket


ANY = "*"
_SPECIAL: dict[tuple[int, str], tuple[type[SourceError], str]] = {
    (400, ANY): (BadRequest, "the instance speaks another version of the protocol"),
    (401, UPSTREAM): (NotReady, "Tidal refuses the instance's login, or has the track in no such quality"),
    (401, ANY): (AuthenticationFailed, "check user and password in the instance's address"),
    (403, ANY): (NotEntitled, "the account behind the instance, or its country, may not have it"),
    (404, "Not Found"): (RouteMissing, "the instance is older than what is asked of it, or is none"),
    (404, ANY): (NotFound, "the account behind the instance knows no such track"),
    (410, ANY): (NotFound, "the instance has given the request up"),
    (422, ANY): (BadRequest, "the instance speaks another version of the protocol"),
    (429, "Upstream timeout"): (Unavailable, "Tidal did not answer the instance in time"),
    (451, ANY): (NotEntitled, "the account behind the instance, or its country, may not have it"),
}
"""By status and ``detail``, the exact word before any other."""


async def ask(
    context: SourceContext,
    instance: Server,
    path: str,
    params: dict[str, Any] | None = None,
    *,
    timeout: float | None = None,
    method: str = "GET",
) -> Any:
    """Return the JSON of an answer; ``timeout`` in seconds is the setting's where it is left out.

    :raises SourceError: there is none, or another meaning in it.
    """
    import httpx  # noqa: PLC0415 - loaded when first used

    limit = timeout or context.settings.instance_timeout
    answer = await context.request(
        method, f"{instance.base}{path}", params=params, auth=instance.login, timeout=limit
    )
    if not answer.is_success or answer.status_code == httpx.codes.ACCEPTED:
        raise _refusal(context, instance, answer)
    if "html" in answer.headers.get("content-type", ""):
        raise Unavailable(f"{instance.label} answers with a page in place of data, as a parked address does")
    if (found := json_of(answer)) is None:
        raise UnexpectedResponse(f"{instance.label} answers with something that is not JSON")
    return found


def _refusal(context: SourceContext, instance: Server, answer: httpx.Response) -> SourceError:
    """What the service means, where that differs from the usual meaning of the status."""
    body = mapping(json_of(answer))
    if answer.is_success:
        return _busy(instance, answer, body)
    detail = text(body.get("detail"))[:200]
    said = f"{instance.label} answered {answer.status_code}{': ' if detail else ''}{detail}"
    if detail.startswith(("No Tidal", "Tidal Auth Error", "Token refresh failed")):
        return AuthenticationFailed(said, hint=_DEAD_LOGIN)
    special = _SPECIAL.get((answer.status_code, detail)) or _SPECIAL.get((answer.status_code, ANY))
    if special is not None:
        return special[0](said, hint=special[1])
    error = context.meaning(answer)
    error.message = said
    return error


def _busy(instance: Server, answer: httpx.Response, body: Any) -> Busy:
    place = whole(body.get("queuePosition")) or 1
    pause = number(answer.headers.get("retry-after")) or 1.0
    return Busy(
        f"{instance.label} is busy, number {place} in its queue",
        min(max(pause, 1.0) * place, _LONGEST_PAUSE),
        text(body.get("requestId")),
    )
