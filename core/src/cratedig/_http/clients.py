"""Ready httpx clients: time-outs, TLS, proxy, user agent, and redirects that carry no secrets away."""

from __future__ import annotations

import re
import ssl
from collections.abc import Awaitable, Callable, Collection
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

import httpx

from cratedig._errors import UnexpectedResponse
from cratedig._http.options import HttpOptions

_ORIGIN = "cratedig.origin"
_SECRET_NAME = re.compile(r"auth|cookie|token|secret|session|api-?key", re.IGNORECASE)


def make_client(
    options: HttpOptions,
    *,
    before_request: Callable[[], Awaitable[None]] | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> httpx.AsyncClient:
    """Build an asynchronous client; it awaits ``before_request`` ahead of every request and redirect."""

    async def hook(request: httpx.Request) -> None:
        _drop_secrets_abroad(request)
        if before_request is not None:
            await before_request()

    return httpx.AsyncClient(**_common(options), event_hooks={"request": [hook]}, transport=transport)


def make_sync_client(
    options: HttpOptions,
    *,
    before_request: Callable[[], None] | None = None,
    hosts: Collection[str] | None = None,
) -> httpx.Client:
    """Build the blocking twin, for bodies that are read on a thread; it costs less than a millisecond.

    With ``hosts``, patterns like ``*.example.org``, a request or redirect to any other host is refused.
    """

    def hook(request: httpx.Request) -> None:
        if hosts is not None and not any(fnmatchcase(request.url.host, pattern) for pattern in hosts):
            raise UnexpectedResponse(
                f"redirected to {request.url.host}, which is not one of the service's hosts"
            )
        _drop_secrets_abroad(request)
        if before_request is not None:
            before_request()

    return httpx.Client(**_common(options), event_hooks={"request": [hook]})


def _common(options: HttpOptions) -> dict[str, Any]:
    return {
        "proxy": options.proxy or None,
        "verify": _tls(options.verify_tls, options.trust_env),
        "headers": {"User-Agent": options.user_agent},
        "timeout": httpx.Timeout(options.read_timeout, connect=options.connect_timeout),
        "limits": httpx.Limits(max_connections=options.max_connections),
        "trust_env": options.trust_env,
        "follow_redirects": True,
        "max_redirects": 5,
    }


@lru_cache(maxsize=4)
def _tls(verify: bool, trust_env: bool) -> ssl.SSLContext:
    # Reading the certificate store takes 20 ms, so all clients of a process share a context.
    return httpx.create_ssl_context(verify=verify, trust_env=trust_env)


def _drop_secrets_abroad(request: httpx.Request) -> None:
    """Keep custom credentials (X-Api-Key and the like) at the host that they were meant for.

    httpx itself drops ``Authorization`` and ``Cookie`` when a redirect leaves the origin; services have
    invented others. A redirected request inherits the extensions of the one before it.
    """
    here = (request.url.host, request.url.port)
    if request.extensions.setdefault(_ORIGIN, here) == here:
        return
    for name in [name for name in request.headers if _SECRET_NAME.search(name)]:
        del request.headers[name]
