"""Who is logged in: device codes, access tokens that expire, refresh tokens that stay."""

from __future__ import annotations

import time
from threading import Lock
from typing import Any
from uuid import uuid4

from attrs import frozen

from cratedig_emulators.messages import Request, Response, json_response
from cratedig_emulators.tidal.refusals import REFUSALS, Refusal

LIFETIME = 86_400
"""Seconds for which an access token is good."""
_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


@frozen
class Tokens:
    """What a login ends with."""

    access: str
    refresh: str


class Accounts:
    """One account. Everything secret is made up when it starts.

    ``pending`` is how many polls of a device login go by before it is approved, ``denial`` what it ends
    with in place of an approval (``expired_token``, ``access_denied``), ``interval`` the pause between polls
    in seconds. ``client_refusal`` refuses the program itself. ``refreshes`` counts
    renewals, ``secrets`` has everything that must not be seen anywhere.
    """

    def __init__(self) -> None:
        self.user_id = 190_000_001
        self.session_id = f"session-{uuid4()}"
        self.reset()
        self.secrets: list[str] = [self.session_id]
        self._access: dict[str, float] = {}
        self._refresh: set[str] = set()
        self._devices: dict[str, int] = {}
        self._lock = Lock()

    def reset(self) -> None:
        """Take back every misfortune; logins stay."""
        self.pending = 1
        self.denial = ""
        self.interval = 0.05
        self.device_lifetime = 300
        self.client_refusal = ""
        self.refreshes = 0

    def login(self, *, expired: bool = False) -> Tokens:
        """Log in as if somebody had gone through it all."""
        with self._lock:
            access = self._new_access(0 if expired else LIFETIME)
            return Tokens(access, self._new_refresh())

    def expire(self) -> None:
        """End every access token's time now; refresh tokens stay good."""
        with self._lock:
            self._access = dict.fromkeys(self._access, 0.0)

    def revoke(self) -> None:
        """Log everybody out for good."""
        with self._lock:
            self._access.clear()
            self._refresh.clear()

    def forget_access(self) -> None:
        """Make every access token one that cannot be verified, which is not the same as expired."""
        with self._lock:
            self._access.clear()

    def approve(self) -> None:
        """Approve every device login that waits now, with the next poll."""
        with self._lock:
            self._devices = dict.fromkeys(self._devices, 0)

    def refusal(self, request: Request) -> Refusal | None:
        """Return why a request of the API is refused, ``None`` when its token is good."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return REFUSALS["no_header"]
        with self._lock:
            ends = self._access.get(token)
        if ends is None:
            return REFUSALS["unverified"]
        return REFUSALS["expired"] if ends <= time.time() else None

    def device(self, request: Request) -> Response:
        """Begin a device login."""
        if self.client_refusal:
            return _oauth_error(self.client_refusal, 1005, 401)
        if not request.form.get("client_id"):
            return _oauth_error("invalid_request", 1002, 400)
        code = self._secret("device")
        with self._lock:
            self._devices[code] = self.pending
        user_code = uuid4().hex[:5].upper()
        return json_response(
            {
                "deviceCode": code,
                "userCode": user_code,
                "verificationUri": "link.tidal.example",
                "verificationUriComplete": f"link.tidal.example/{user_code}",
                "expiresIn": self.device_lifetime,
                "interval": self.interval,
            }
        )

    def token(self, request: Request) -> Response:
        """Hand out tokens for a device code or a refresh token."""
        form = request.form
        if not form.get("client_id") or not form.get("client_secret"):
            return _oauth_error("invalid_client", 1005, 401)
        if form.get("grant_type") == _DEVICE_GRANT:
            return self._from_device(form.get("device_code", ""))
        if form.get("grant_type") == "refresh_token":
            return self._from_refresh(form.get("refresh_token", ""))
        return _oauth_error("unsupported_grant_type", 1002, 400)

    def _from_device(self, code: str) -> Response:
        with self._lock:
            left = self._devices.get(code)
            if left is None:
                return _oauth_error("expired_token", 1003, 400)
            if left > 0:
                self._devices[code] = left - 1
                return _oauth_error("authorization_pending", 1002, 400)
            del self._devices[code]
            if self.denial:
                return _oauth_error(self.denial, 1003, 400)
            return json_response({**self._answer(), "refresh_token": self._new_refresh()})

    def _from_refresh(self, token: str) -> Response:
        with self._lock:
            if token not in self._refresh:
                return _oauth_error("invalid_grant", 11101, 400)
            self.refreshes += 1
            return json_response(self._answer())

    def _answer(self) -> dict[str, Any]:
        access = self._new_access(LIFETIME)
        return {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": LIFETIME,
            "scope": "r_usr w_usr w_sub",
            "user": {"userId": self.user_id, "countryCode": "DE"},
        }

    def _new_access(self, lifetime: float) -> str:
        token = self._secret("access")
        self._access[token] = time.time() + lifetime
        return token

    def _new_refresh(self) -> str:
        token = self._secret("refresh")
        self._refresh.add(token)
        return token

    def _secret(self, kind: str) -> str:
        secret = f"{kind}-{uuid4()}"
        self.secrets.append(secret)
        return secret


def _oauth_error(error: str, sub_status: int, status: int) -> Response:
    body = {"status": status, "error": error, "sub_status": sub_status, "error_description": f"it is {error}"}
    return json_response(body, status)
