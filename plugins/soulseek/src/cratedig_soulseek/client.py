"""Requests to slskd, with the login that is set."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from cratedig import (
    AuthenticationFailed,
    RateLimited,
    Secret,
    SourceContext,
    SourceError,
    Unavailable,
    UnexpectedResponse,
)
from cratedig.reading import json_of, mapping, text
from cratedig_soulseek.settings import SoulseekSettings
from cratedig_soulseek.vocabulary import meant

if TYPE_CHECKING:
    import httpx

PATIENCE = 90.0
"""Seconds that enqueuing may take: slskd answers when it has reached the peer."""
_BUSY = 1.0
_REFUSED, _DENIED, _CONFLICT, _FAILED = 401, 403, 409, 500
_LOGIN = "set api_key to one of slskd's keys that this address may use, or username and password"


class Slskd:
    """slskd's API. A token is kept in memory only, and asked for again when it has expired."""

    def __init__(self, context: SourceContext) -> None:
        self._context = context
        self._token: Secret | None = None

    def forget(self) -> None:
        """Log in anew when a login is next needed."""
        self._token = None

    async def json(self, method: str, path: str, **options: Any) -> Any:
        """Ask, and read the answer's JSON.

        :raises SourceError: what the answer stands for.
        """
        return read(await self.ask(method, path, **options))

    async def ask(
        self, method: str, path: str, *, passes: Collection[int] = (), **options: Any
    ) -> httpx.Response:
        """Ask; statuses in ``passes`` are the caller's business.

        :raises SourceError: what any other failure stands for, with slskd's own sentence.
        """
        answer = await self._send(method, path, options)
        if answer.status_code == _REFUSED and self._token:
            self.forget()
            answer = await self._send(method, path, options)
        if answer.is_success or answer.status_code in passes:
            return answer
        raise self.meaning(answer)

    async def _send(self, method: str, path: str, options: dict[str, Any]) -> httpx.Response:
        headers = await self._login()
        return await self._context.request(method, self._address(path), headers=headers, **options)

    async def _login(self) -> dict[str, str]:
        settings: SoulseekSettings = self._context.settings
        if settings.api_key:
            return {"X-API-Key": str(settings.api_key).strip()}
        if not (settings.username and settings.password):
            return {}
        if not self._token:
            given = {"username": settings.username, "password": str(settings.password)}
            answer = await self._context.request("POST", self._address("/session"), json=given)
            if not answer.is_success:
                raise self.meaning(answer)
            token = text(mapping(read(answer)).get("token"))
            if not token:
                raise UnexpectedResponse("slskd takes the login and hands out no token")
            self._context.conceal(token)
            self._token = Secret(token)
        return {"Authorization": f"Bearer {self._token}"}

    def _address(self, path: str) -> str:
        return f"{self._context.settings.base_url}/api/v0{path}"

    def meaning(self, answer: httpx.Response) -> SourceError:
        """Return the error that an answer stands for, with slskd's own sentence."""
        error = self._context.meaning(answer)
        if isinstance(error, RateLimited) and error.retry_after is None:
            error.retry_after = _BUSY  # one that runs is in the way; slskd names no time
        if answer.status_code == _CONFLICT:
            error = Unavailable("slskd is not connected to Soulseek", hint="look at its own page")
        if isinstance(error, AuthenticationFailed):
            error = AuthenticationFailed("slskd refuses the login", hint=_LOGIN)
        if answer.status_code == _DENIED:
            error.hint = "give the key the role readwrite in slskd's configuration"
        if said := sentence(answer):
            if answer.status_code == _FAILED:
                error = meant(said, Unavailable)(error.message)
            error.message = f"{error.message}: {said}"
        return error


def read(answer: httpx.Response) -> Any:
    """Return the body as JSON.

    :raises UnexpectedResponse: it is none.
    """
    found = json_of(answer)
    if found is None:
        kind = answer.headers.get("content-type", "no content type")
        raise UnexpectedResponse(
            f"slskd answers with {kind} in place of JSON",
            hint="look at base_url: another program may listen there, or slskd has a url_base",
        )
    return found


def sentence(answer: httpx.Response) -> str:
    """Return slskd's own words for what is wrong; its errors are a JSON text, or nothing."""
    return text(json_of(answer))[:300]


def of_user(user: str) -> str:
    """Return the address of a user's transfers."""
    return f"/transfers/downloads/{quote(user, safe='')}"
