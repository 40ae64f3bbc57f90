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
from cratedig.reading import mapping, number, text, whole
from cratedig_hifi.addresses import Instance

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
    instance: Instance,
    path: str,
    params: dict[str, Any] | None = None,
    *,
    timeout: float,
    method: str = "GET",
) -> Any:
    """Return the JSON of an answer.

    :raises SourceError: there is none, or another meaning in it.
    """
    import httpx  # noqa: PLC0415 - loaded when first used

    try:
        answer = await context.http.request(
            method, f"{instance.base}{path}", params=params, auth=instance.login, timeout=timeout
        )
    except httpx.HTTPError as error:
        raise context.meaning(error) from error
    if not answer.is_success or answer.status_code == httpx.codes.ACCEPTED:
        raise _refusal(context, instance, answer)
    if "html" in answer.headers.get("content-type", ""):
        raise Unavailable(f"{instance.label} answers with a page in place of data, as a parked address does")
    try:
        return answer.json()
    except (ValueError, RecursionError) as error:  # the latter for lists in lists in lists
        raise UnexpectedResponse(f"{instance.label} answers with something that is not JSON") from error


def _refusal(context: SourceContext, instance: Instance, answer: httpx.Response) -> SourceError:
    body = _body(answer)
    detail = text(body.get("detail"))[:200]
    if answer.status_code == 202:  # noqa: PLR2004 - a success that is none
        return _busy(instance, answer, body)
    said = f"{instance.label} answered {answer.status_code}{': ' if detail else ''}{detail}"
    special = _special(answer.status_code, detail, said)
    if special is not None:
        return special
    error = context.meaning(answer)
    error.message = said
    return error


def _special(status: int, detail: str, said: str) -> SourceError | None:
    """What the service means by a status where that differs from the usual."""
    if detail.startswith(("No Tidal", "Tidal Auth Error", "Token refresh failed")):
        return AuthenticationFailed(said, hint=_DEAD_LOGIN)
    special = _SPECIAL.get((status, detail)) or _SPECIAL.get((status, ANY))
    return special[0](said, hint=special[1]) if special else None


def _busy(instance: Instance, answer: httpx.Response, body: Any) -> Busy:
    place = whole(body.get("queuePosition")) or 1
    pause = number(answer.headers.get("retry-after")) or 1.0
    return Busy(
        f"{instance.label} is busy, number {place} in its queue",
        min(max(pause, 1.0) * place, _LONGEST_PAUSE),
        text(body.get("requestId")),
    )


def _body(answer: httpx.Response) -> Any:
    try:
        return mapping(answer.json())
    except (ValueError, RecursionError):
        return {}
