"""The login: where its tokens are, how it is renewed, and one request to the API with it.

tidalapi begins, polls and renews logins and sends requests. What the API answers is read elsewhere in this
package and not by tidalapi's models: those fail as a whole for one missing field, leave out the ISRC of
tracks that are not streamable, and never tell a preview.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from cratedig import AuthenticationFailed, NotConfigured, UnexpectedResponse
from cratedig.reading import json_of, mapping, text
from cratedig_tidal.refusals import LOG_IN, refusal, renewable

if TYPE_CHECKING:
    from tidalapi.session import LinkLogin, Session

    from cratedig import SourceContext

T = TypeVar("T")
Params = dict[str, str | int]

TOKENS = "tokens"
"""The key in ``context.state``."""

_GARBLED = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What tidalapi raises over an answer that it did not expect, besides its own errors."""


class Account:
    """Blocking; to be used inside ``context.run_blocking``, all but :attr:`configured` and :meth:`forget`."""

    def __init__(self, context: SourceContext) -> None:
        self._context = context
        self._session: Session | None = None
        self._user = ""

    @property
    def configured(self) -> bool:
        """Whether somebody has logged in."""
        return bool(self._tokens().get("refresh_token"))

    def forget(self) -> None:
        """Begin afresh with the tokens and the settings as they will be then."""
        self._session = None

    def ask(self, path: str, base: str | None = None, **params: str | int) -> Any:
        """One request, with the login renewed once where that is what it lacks.

        :raises SourceError: what the answer stands for.
        """
        return _explained(lambda: self._asked(self._opened(), path, params, base))

    def probe(self) -> None:
        """Ask what the account may do, the cheapest question that needs a login.

        :raises SourceError: it is refused, or nobody answers.
        """
        _explained(lambda: self._asked(self._opened(), f"users/{self._user}/subscription", {}))

    def begin(self) -> tuple[Session, LinkLogin]:
        """Ask for a link and a code to log in with."""
        session = self._new_session()
        return session, _explained(session.get_link_login)

    def finish(self, session: Session, link: LinkLogin) -> None:
        """Wait until the person has followed the link, and keep the tokens.

        :raises AuthenticationFailed: nobody did in time, or it was denied.
        """
        try:
            _explained(lambda: session.process_link_login(link))
        except TimeoutError as error:
            raise AuthenticationFailed("nobody logged in before the code expired", hint=LOG_IN) from error
        self._keep(session, text(session.refresh_token))
        self.forget()

    # -- the session -------------------------------------------------------------------------------------

    def _opened(self) -> Session:
        if self._session is None:
            session, tokens = self._new_session(), self._tokens()
            if not tokens.get("refresh_token"):
                raise NotConfigured("nobody is logged in", hint=LOG_IN)
            session.token_type = text(tokens.get("token_type")) or "Bearer"
            session.access_token = text(tokens.get("access_token"))
            if not session.access_token:
                self._renew(session)
            about = mapping(self._asked(session, "sessions", {}))
            session.session_id = text(about.get("sessionId"))
            session.country_code = text(about.get("countryCode"))
            self._user = text(about.get("userId"))
            self._session = session
        return self._session

    def _new_session(self) -> Session:
        from cratedig_tidal.session import make_session  # noqa: PLC0415 - tidalapi takes half a second

        return make_session(self._context, self._context.settings)

    def _asked(self, session: Session, path: str, params: Params, base: str | None = None) -> Any:
        send = partial(session.request.basic_request, "GET", path, params=params, base_url=base)
        answer = send()
        if renewable(answer.status_code, json_of(answer)):
            self._renew(session)
            answer = send()
        if not answer.ok:
            page = "html" in answer.headers.get("content-type", "")
            raise refusal(answer.status_code, json_of(answer), page=page)
        return answer.json()

    def _renew(self, session: Session) -> None:
        """Get an access token.

        tidalapi would do it by itself, but over and over where the new one is refused as well; so it is not
        told the refresh token.
        """
        refresh_token = text(self._tokens().get("refresh_token"))
        session.token_refresh(refresh_token)
        self._keep(session, refresh_token)

    # -- the tokens --------------------------------------------------------------------------------------

    def _tokens(self) -> dict[str, Any]:
        kept = dict(mapping(self._context.state.get(TOKENS)))
        given = self._context.settings.refresh_token
        if given and str(given) != kept.get("refresh_token"):
            return {"refresh_token": str(given)}
        return kept

    def _keep(self, session: Session, refresh_token: str) -> None:
        tokens = {
            "token_type": session.token_type,
            "access_token": session.access_token,
            "refresh_token": refresh_token,
        }
        self._context.state.set(TOKENS, tokens)


def _explained(work: Callable[[], T]) -> T:
    """Do something with tidalapi, whose exceptions are many; httpx's are left to the engine."""
    import requests  # noqa: PLC0415 - here since tidalapi is
    from tidalapi.exceptions import AuthenticationError, TidalAPIError  # noqa: PLC0415

    try:
        return work()
    except AuthenticationError as error:
        raise AuthenticationFailed("Tidal does not renew the login", hint=LOG_IN) from error
    except requests.HTTPError as error:
        answer: Any = error.response
        raise refusal(answer.status_code, json_of(answer), page=False) from error
    except TimeoutError:
        raise
    except (TidalAPIError, requests.RequestException, *_GARBLED) as error:
        what = type(error).__name__
        raise UnexpectedResponse(f"Tidal answers what tidalapi cannot read ({what})") from error
