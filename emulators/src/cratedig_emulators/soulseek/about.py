"""What slskd tells of itself, and who may ask."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

from cratedig_emulators.server import Request, Response, json_response, route
from cratedig_emulators.soulseek.program import API, Slskd


class AboutRoutes(Slskd):
    """State, version, options and login."""

    @route("/health")
    def health(self, _request: Request) -> Response:
        """Say that it is up."""
        return Response(body=b"Healthy")

    @route(f"{API}/application")
    def application(self, _request: Request) -> Response:
        """Tell the program's state."""
        return json_response(
            {
                "version": {"full": f"{self.version}.0", "current": self.version, "isUpdateAvailable": False},
                "pendingReconnect": False,
                "pendingRestart": False,
                "server": self._soulseek(),
                "user": {"username": "me", "isPrivileged": False} if self.connected else {},
                "shares": {"scanPending": False, "ready": True, "directories": 3, "files": 120},
                "rooms": [],
                "users": [],
            }
        )

    @route(f"{API}/application/version")
    def application_version(self, _request: Request) -> Response:
        """Tell the version."""
        return json_response(self.version)

    @route(f"{API}/server")
    def server(self, _request: Request) -> Response:
        """Tell how the connection to Soulseek stands."""
        return json_response(self._soulseek())

    @route(f"{API}/options")
    def options(self, _request: Request) -> Response:
        """Tell the options that matter."""
        return json_response(
            {
                "directories": {
                    "downloads": self.seen(self.downloads.downloads),
                    "incomplete": self.seen(self.downloads.incomplete),
                }
            }
        )

    @route(f"{API}/session", methods=("POST",))
    def login(self, request: Request) -> Response:
        """Hand a token to who knows the password."""
        given = request.json() or {}
        if not isinstance(given, dict) or not given.get("username") or not given.get("password"):
            return json_response("Username and/or Password missing or invalid", 400)
        if (given["username"], given["password"]) != (self.username, self.password):
            return Response(status=401)
        token = f"planted-{uuid4().hex}"
        self.tokens.add(token)
        now = int(time.time())
        return json_response(
            {
                "expires": now + 604800,
                "issued": now,
                "name": self.username,
                "notBefore": now,
                "token": token,
                "tokenType": "Bearer",
            }
        )

    @route(f"{API}/session")
    def session(self, _request: Request) -> Response:
        """Say yes: whoever gets here is known."""
        return Response()

    @route(f"{API}/session/enabled")
    def session_enabled(self, _request: Request) -> Response:
        """Tell whether one has to log in."""
        return json_response(self.authentication)

    def _soulseek(self) -> dict[str, Any]:
        on = self.connected
        return {
            "address": "server.example:2271",
            "state": "Connected, LoggedIn" if on else "Disconnected",
            "isConnected": on,
            "isLoggedIn": on,
            "isTransitioning": False,
        }
