"""Requests to Qobuz: the login, the signature, the answer."""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from collections.abc import Mapping
from typing import Any

from cratedig import AuthenticationFailed, SourceContext, UnexpectedResponse
from cratedig.reading import json_of, mapping, require_mapping
from cratedig_qobuz.refusals import refusal
from cratedig_qobuz.settings import QobuzSettings, plain

_LOGIN = "login"
_MD5 = re.compile(r"[0-9a-fA-F]{32}")


class Client:
    """Sends requests with the present login; one that was made with a password is kept in the state."""

    def __init__(self, context: SourceContext) -> None:
        self._context = context
        self._logging_in = asyncio.Lock()

    async def ask(self, path: str, **params: str) -> Any:
        """Return the answer to one request.

        :raises SourceError: what Qobuz says instead.
        """
        return await self._send(path, params, {"X-User-Auth-Token": await self._token()})

    async def ask_signed(self, path: str, **params: str) -> Any:
        """Return the answer to one request that is signed with the application's secret.

        :raises SourceError: what Qobuz says instead.
        """
        moment = str(int(time.time()))
        signed = signature(path, params, moment, plain(self._settings.app_secret))
        return await self.ask(path, **params, request_ts=moment, request_sig=signed)

    @property
    def _settings(self) -> QobuzSettings:
        settings: QobuzSettings = self._context.settings
        return settings

    async def _token(self) -> str:
        if token := plain(self._settings.user_auth_token):
            return token
        async with self._logging_in:
            return self._kept() or await self._log_in()

    def _kept(self) -> str:
        kept = mapping(self._context.state.get(_LOGIN))
        return str(kept.get("token", "")) if kept.get("account") == self._account() else ""

    def forget(self) -> None:
        """Drop the login that is kept; the next request makes another."""
        if self._context.state.get(_LOGIN) is not None:
            self._context.state.delete(_LOGIN)

    async def _log_in(self) -> str:
        settings = self._settings
        params = {
            "email": settings.email,
            "password": hashed(plain(settings.password)),
            "app_id": settings.app_id,
        }
        try:
            answer = await self._send("user/login", params, {})
        except AuthenticationFailed as error:
            raise AuthenticationFailed(
                "Qobuz refuses e-mail and password",
                hint="check both; many an app_id takes no passwords any more: set user_auth_token instead",
            ) from error
        token = require_mapping(answer, "login").get("user_auth_token")
        if not (isinstance(token, str) and token.isascii() and token.isprintable() and token.strip()):
            raise UnexpectedResponse("login: the answer has no token")
        self._context.state.set(_LOGIN, {"account": self._account(), "token": token})
        return token

    def _account(self) -> str:
        """Name what the token is good for."""
        settings = self._settings
        return f"{settings.email} {settings.app_id} {settings.api_base}"

    async def _send(self, path: str, params: Mapping[str, str], headers: Mapping[str, str]) -> Any:
        settings = self._settings
        answer = await self._context.http.get(
            f"{settings.api_base}/{path}", params=params, headers={"X-App-Id": settings.app_id, **headers}
        )
        if (error := refusal(answer)) is not None:
            raise error
        answer.raise_for_status()
        if (found := json_of(answer)) is None:
            raise UnexpectedResponse(f"{path} is answered with something that is not JSON")
        return found


def signature(path: str, params: Mapping[str, str], moment: str, secret: str) -> str:
    """MD5 over the path without slash, every parameter in alphabetical order, the moment and the secret."""
    pairs = "".join(f"{name}{params[name]}" for name in sorted(params))
    whole = f"{path.replace('/', '')}{pairs}{moment}{secret}"
    return hashlib.md5(whole.encode(), usedforsecurity=False).hexdigest()


def hashed(password: str) -> str:
    """The password as the login takes it: its MD5, unless it is one already."""
    if _MD5.fullmatch(password):
        return password.lower()
    return hashlib.md5(password.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
