"""What an answer, or the lack of one, means in the engine's own errors."""

from __future__ import annotations

import time

import httpx

from cratedig._errors import (
    AuthenticationFailed,
    NotConfigured,
    NotEntitled,
    NotFound,
    RateLimited,
    SourceBug,
    SourceError,
    Unavailable,
    UnexpectedResponse,
)
from cratedig._http.retry_after import retry_after
from cratedig._http.urls import shown_url

_MEANING: dict[int, tuple[type[SourceError], str]] = {
    401: (AuthenticationFailed, "log in again, or renew the token in the settings"),
    402: (NotEntitled, "the account's subscription does not include it"),
    403: (NotEntitled, "the account, or its region, may not have it"),
    404: (NotFound, ""),
    407: (NotConfigured, "the proxy asks for a login; put it into the proxy setting"),
    408: (Unavailable, ""),
    410: (NotFound, ""),
    425: (Unavailable, ""),
    451: (NotEntitled, "it is withheld for legal reasons"),
}

_UNTRUSTED = "install the issuer's certificate, or set verify_tls = false for this source"

_FAILURES: tuple[tuple[type[httpx.RequestError], tuple[type[SourceError], str, str]], ...] = (
    (httpx.ConnectTimeout, (Unavailable, "no connection in time", "")),
    (httpx.PoolTimeout, (Unavailable, "no connection in time", "")),
    (httpx.TimeoutException, (Unavailable, "no answer in time", "")),
    (httpx.TooManyRedirects, (UnexpectedResponse, "redirected too often", "")),
    (httpx.DecodingError, (UnexpectedResponse, "the body does not decode", "")),
    (httpx.UnsupportedProtocol, (UnexpectedResponse, "neither http nor https", "")),
    (httpx.ProxyError, (Unavailable, "the proxy refuses", "check the proxy setting")),
    (httpx.ConnectError, (Unavailable, "cannot connect", "")),
    (httpx.RequestError, (Unavailable, "the connection broke", "")),
)
"""The first type that fits; subclasses stand before their bases."""


def translate(problem: httpx.Response | BaseException) -> SourceError:
    """Say in the engine's own errors what an answer or an exception of httpx means.

    A message names the method, the address without query and user, and the status; never a header. An
    exception that has nothing to do with HTTP comes back as :class:`~cratedig.SourceBug`.
    """
    if isinstance(problem, SourceError):
        return problem
    if isinstance(problem, httpx.Response):
        return _from_response(problem)
    if isinstance(problem, httpx.HTTPStatusError):
        return _caused(_from_response(problem.response), problem)
    return _caused(_from_exception(problem), problem)


def _caused(error: SourceError, cause: BaseException) -> SourceError:
    error.__cause__ = cause
    return error


def _from_response(response: httpx.Response) -> SourceError:
    status = response.status_code
    message = f"{_where(response)} answered {status} {response.reason_phrase}".rstrip()
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return RateLimited(message, retry_after(response.headers, time.time()))
    if status in _MEANING:
        kind, hint = _MEANING[status]
        return kind(message, hint=hint or None)
    if status >= httpx.codes.INTERNAL_SERVER_ERROR:
        return Unavailable(message)
    return UnexpectedResponse(message)


def _where(holder: httpx.Response | httpx.RequestError) -> str:
    try:
        request = holder.request
    except RuntimeError:
        return "the service"
    return f"{request.method} {shown_url(request.url)}"


def _from_exception(problem: BaseException) -> SourceError:
    if isinstance(problem, httpx.RequestError):
        return _from_request_error(problem)
    if isinstance(problem, httpx.InvalidURL):
        return UnexpectedResponse("the service handed out an address that is none")
    return SourceBug(f"raised {type(problem).__name__}")


def _from_request_error(problem: httpx.RequestError) -> SourceError:
    kind: type[SourceError]
    if isinstance(problem, httpx.ConnectError) and "certificate" in str(problem).lower():
        kind, text, hint = Unavailable, "the TLS certificate is not trusted", _UNTRUSTED
    else:
        kind, text, hint = next(entry for type_, entry in _FAILURES if isinstance(problem, type_))
    return kind(f"{_where(problem)}: {text}", hint=hint or None)
