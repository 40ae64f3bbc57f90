"""tidalapi's session, sending through the engine's own HTTP client. Imported when first used."""

from __future__ import annotations

import logging
from io import BytesIO
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from tidalapi.session import Config, Session

from cratedig_tidal.settings import TidalSettings

if TYPE_CHECKING:
    import httpx

    from cratedig import SourceContext

_DEVICE = "https://auth.tidal.com/v1/oauth2"
"""Where tidalapi begins a device login, whatever its configuration says."""
_OWN = frozenset({"accept-encoding", "connection", "content-length"})
_OK, _TOO_MANY, _BROKEN = 200, 429, 500


class Through(BaseAdapter):
    """Hands what `requests` would send to ``context.http``.

    So a request of tidalapi takes a permit, has time-outs, honours proxy and TLS settings, and its connection
    ends when the download is cancelled. 429 and 5xx are raised here, as httpx says them: from a login
    server, too, they mean "later" and never "you are logged out".
    """

    def __init__(self, context: SourceContext, auth_base: str) -> None:
        super().__init__()
        self._context = context
        self._auth_base = auth_base

    def send(self, request: requests.PreparedRequest, *_how: Any, **_else: Any) -> requests.Response:
        """Send a request and wait for its answer; how to send it, the engine knows better."""
        answer = self._context.from_thread(self._ask, request)
        if answer.status_code == _TOO_MANY or answer.status_code >= _BROKEN:
            answer.raise_for_status()
        response = requests.Response()
        response.status_code = answer.status_code
        response.headers = CaseInsensitiveDict(answer.headers)
        response.raw = BytesIO(answer.content)
        response.url = str(answer.url)
        response.encoding = answer.encoding
        response.request = request
        return response

    def close(self) -> None:
        """Leave the client to the engine."""

    async def _ask(self, request: requests.PreparedRequest) -> httpx.Response:
        url = str(request.url)
        if url.startswith(_DEVICE):
            url = self._auth_base + url.removeprefix(_DEVICE)
        headers: Any = {name: value for name, value in request.headers.items() if name.lower() not in _OWN}
        body: Any = request.body
        return await self._context.http.request(str(request.method), url, headers=headers, content=body)


def make_session(context: SourceContext, settings: TidalSettings) -> Session:
    """A session that is not logged in, with every address out of the settings."""
    config = Config(item_limit=100)
    config.api_v1_location = config.api_v2_location = f"{settings.api_base}/"
    config.openapi_v2_location = f"{settings.openapi_base}/"
    config.api_oauth2_token = f"{settings.auth_base}/token"
    if settings.client_id:
        config.client_id = settings.client_id
        config.client_secret = str(settings.client_secret or settings.client_id)
    # What tidalapi logs has session ids in it; below the source's own logger, secrets are taken out.
    logging.getLogger("tidalapi").parent = context.log
    session = Session(config)
    through = Through(context, settings.auth_base)
    for scheme in ("https://", "http://"):
        session.request_session.mount(scheme, through)
    return session
