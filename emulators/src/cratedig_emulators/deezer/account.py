"""The subscription, its sessions and its tokens."""

from __future__ import annotations

import time
from uuid import uuid4

from attrs import define, field

MONTH = 30 * 24 * 3600


def secret() -> str:
    """Make up something that nobody can guess."""
    return uuid4().hex


@define(kw_only=True)
class Account:
    """What the person has paid for. ``arl`` is the cookie of a browser that has logged in."""

    user_id: int = 123456789
    name: str = "someone"
    country: str = "FR"
    high: bool = True
    lossless: bool = True
    family: bool = False
    arl: str = field(factory=lambda: secret() * 6)

    def formats(self) -> frozenset[str]:
        """Return the formats that the subscription includes."""
        better = {"MP3_320": self.high, "FLAC": self.lossless}
        return frozenset({"MP3_128", "MP3_64", *(name for name, has in better.items() if has)})


@define
class Sessions:
    """Who is logged in with what. A licence and a track's token are good until they are expired."""

    _tokens: dict[str, str] = field(factory=dict)
    _users: dict[str, bool] = field(factory=dict)
    _licenses: set[str] = field(factory=set)
    _tracks: dict[str, int] = field(factory=dict)
    lifetime: float = MONTH

    def begin(self, *, known: bool) -> tuple[str, str, str]:
        """Return session id, the token that is bound to it, and a licence; nobody's is worth nothing."""
        sid, token, license_token = f"fr{secret()}", secret(), secret() * 2
        self._tokens[sid], self._users[sid] = token, known
        if known:
            self._licenses.add(license_token)
        return sid, token, license_token

    def problem(self, sid: str, token: str) -> dict[str, str] | None:
        """Return what is wrong with a request's session."""
        if not sid or self._tokens.get(sid) != token:
            return {"VALID_TOKEN_REQUIRED": "Invalid CSRF token"}
        return None if self._users[sid] else {"NEED_USER_AUTH_REQUIRED": ""}

    def has_license(self, token: object) -> bool:
        """Whether it is a licence that is good."""
        return token in self._licenses

    def token_for(self, number: int) -> str:
        """Make a token of a track."""
        token = secret() * 3
        self._tracks[token] = number
        return token

    def track_of(self, token: object) -> int | None:
        """Return the track that a token stands for, ``None`` when it is no longer good."""
        return self._tracks.get(str(token))

    def expires_at(self) -> int:
        """Return when what is handed out now ends."""
        return int(time.time() + self.lifetime)

    def end_sessions(self) -> None:
        """Bind every session to another token."""
        self._tokens = {sid: secret() for sid in self._tokens}

    def end_licenses(self) -> None:
        """Accept no licence that has been handed out."""
        self._licenses.clear()

    def end_tracks(self) -> None:
        """Accept no track's token that has been handed out."""
        self._tracks.clear()
