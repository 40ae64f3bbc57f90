"""The private gateway: the login, and what is asked in its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cratedig import NotFound, SourceContext
from cratedig.reading import mapping, require_mapping, text
from cratedig_deezer.account import Account, read_account
from cratedig_deezer.answers import read_json
from cratedig_deezer.settings import COOKIE, plain
from cratedig_deezer.songs import NUMBER, Song, read_song
from cratedig_deezer.vocabulary import is_stale, raise_gateway_error

_NOBODY = "null"
"""The token of a session that is about to begin."""


class Gateway:
    """Logs in with the ARL when it is first needed, and again when the session has ended.

    The cookies are sent with each request to the gateway and kept from the client's jar, which does not
    tell ports apart and would hand them to other services of the same host.
    """

    def __init__(self, context: SourceContext) -> None:
        self._context = context
        self._account: Account | None = None

    def forget(self) -> None:
        """Log in anew when a login is next needed."""
        self._account = None

    async def account(self) -> Account:
        """Return the login.

        :raises AuthenticationFailed: the ARL is not accepted.
        """
        known = self._account
        return known if known is not None and known.is_fresh else await self.log_in()

    async def renewed(self, old: Account) -> Account:
        """Return a login that is not ``old``: that of another download, if one was quicker.

        :raises AuthenticationFailed: the ARL is no longer accepted.
        """
        return await self.log_in() if self._account is old else await self.account()

    async def log_in(self) -> Account:
        """Begin a session with the ARL.

        :raises AuthenticationFailed: it is not accepted.
        """
        self._account = None
        answer, cookies = await self._post("deezer.getUserData", {}, _NOBODY, {})
        raise_gateway_error(answer.get("error"))
        self._account = read_account(answer.get("results"), cookies)
        return self._account

    async def song(self, number: str) -> Song:
        """Look a track up: its tokens, formats and substitute.

        :raises NotFound: there is none of that number.
        """
        answer = await self._call("song.getData", {"SNG_ID": number})
        moved = text(mapping(mapping(answer.get("payload")).get("FALLBACK")).get("SNG_ID"))
        if answer.get("error") and NUMBER.fullmatch(moved) and moved != number:
            answer = await self._call("song.getData", {"SNG_ID": moved})
        raise_gateway_error(answer.get("error"))
        song = read_song(answer.get("results"))
        if song is None:
            raise NotFound("Deezer has no such track, or no longer")
        return song

    async def _call(self, method: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """Ask in the session's name; one that has ended is begun anew, once."""
        account = await self.account()
        answer, _ = await self._post(method, arguments, account.api_token, account.cookies)
        if is_stale(answer.get("error")):
            account = await self.renewed(account)
            answer, _ = await self._post(method, arguments, account.api_token, account.cookies)
        return answer

    async def _post(
        self, method: str, arguments: Mapping[str, Any], token: str, cookies: Mapping[str, str]
    ) -> tuple[Mapping[str, Any], Mapping[str, str]]:
        settings, http = self._context.settings, self._context.http
        answer = await http.post(
            f"{settings.gw_base}/ajax/gw-light.php",
            params={"method": method, "api_version": "1.0", "input": "3", "api_token": token},
            json=dict(arguments),
            headers={"Cookie": _header({**cookies, "arl": plain(settings.arl)})},
        )
        http.cookies.clear()
        given = {cookie.name: cookie.value or "" for cookie in answer.cookies.jar}
        given = {name: value for name, value in given.items() if COOKIE.fullmatch(name + value)}
        return require_mapping(read_json(answer, "the gateway"), "gateway's answer"), given


def _header(cookies: Mapping[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())
