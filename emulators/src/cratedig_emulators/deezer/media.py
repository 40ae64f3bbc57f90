"""The media service: tokens in, signed addresses out."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from cratedig_emulators.deezer.account import secret
from cratedig_emulators.deezer.songs import Song
from cratedig_emulators.deezer.stripes import encrypt
from cratedig_emulators.messages import Request, Response, file_response, json_response
from cratedig_emulators.routing import route
from cratedig_emulators.server import Service

if TYPE_CHECKING:
    from cratedig_emulators.deezer.state import DeezerState

HOUR = 3600
_NO_LICENSE = {"code": 1002, "message": "License token has no sufficient rights on requested media."}
_NO_TOKEN = {"code": 2000, "message": "The track token cannot be decoded."}
_NO_RIGHTS = {"code": 2002, "message": "Track token has no sufficient rights on requested media."}


def refused() -> Response:
    """Refuse a licence."""
    return json_response({"errors": [_NO_LICENSE]}, 403)


def get_url(deezer: DeezerState, wish: Any, nodes: Mapping[str, DeezerCdn]) -> Response:
    """``/v1/get_url``: for each token the best format that is granted."""
    if not isinstance(wish, dict) or not deezer.sessions.has_license(wish.get("license_token")):
        return refused()
    asked = [one.get("format") for media in wish.get("media") or () for one in media.get("formats") or ()]
    granted = [name for name in asked if name in deezer.account.formats()]
    if not granted:
        return refused()
    tokens = wish.get("track_tokens") or ()
    return json_response({"data": [_entry(deezer, token, granted, nodes) for token in tokens]})


def _entry(
    deezer: DeezerState, token: Any, formats: Iterable[str], nodes: Mapping[str, DeezerCdn]
) -> dict[str, Any]:
    song = deezer.songs.get(deezer.sessions.track_of(token) or 0)
    if song is None:
        return {"errors": [_NO_TOKEN]}
    if song.geo_blocked:
        return {"errors": [_NO_RIGHTS]}
    name = next((name for name in formats if name in song.formats), None)
    if name is None or song.empty_media:
        return {"media": []}
    return {"media": [_media(song, "PREVIEW" if song.preview_only else name, nodes)]}


def _media(song: Song, name: str, nodes: Mapping[str, DeezerCdn]) -> dict[str, Any]:
    preview = name == "PREVIEW"
    return {
        "media_type": "PREVIEW" if preview else "FULL",
        "cipher": {"type": "NONE" if preview or song.plain else "BF_CBC_STRIPE"},
        "format": "MP3_128" if preview else name,
        "sources": [
            {"url": node.address(song, name), "provider": provider} for provider, node in nodes.items()
        ],
        "nbf": int(time.time()) - 60,
        "exp": int(time.time()) + HOUR,
    }


class DeezerCdn(Service):
    """One of the hosts that have the bytes: signed addresses, no cookies, no questions."""

    name = "deezer-cdn"

    def __init__(self, parent: Service, stripe_secret: str, prefix: str) -> None:
        super().__init__(parent=parent)
        self._stripe_secret = stripe_secret
        self._prefix = prefix
        self._key = secret().encode()
        self._files: dict[str, tuple[Song, str]] = {}

    def address(self, song: Song, name: str) -> str:
        """Return a signed address of one file, good for an hour."""
        path = f"/{self._prefix}/{hashlib.sha256(f'{song.number} {name}'.encode()).hexdigest()}"
        self._files[path] = (song, name)
        expires = int(time.time()) + HOUR
        return f"{self.base_url}{path}?hdnea=exp={expires}~acl=/*~hmac={self._signature(path, expires)}"

    def end_addresses(self) -> None:
        """Accept no address that has been handed out."""
        self._key = secret().encode()

    @route("/{prefix}/{key}")
    def file(self, request: Request) -> Response:
        """Answer with the bytes."""
        known = self._files.get(request.path)
        if known is None:
            return Response(status=404)
        if not self._is_signed(request.path, request.args.get("hdnea", "")):
            return Response(status=403)
        song, name = known
        return file_response(_bytes(song, name, self._stripe_secret), "application/octet-stream")

    def _is_signed(self, path: str, token: str) -> bool:
        said = dict(part.split("=", 1) for part in token.split("~") if "=" in part)
        expires = said.get("exp", "")
        in_time = expires.isdecimal() and int(expires) > time.time()
        return in_time and hmac.compare_digest(said.get("hmac", ""), self._signature(path, int(expires)))

    def _signature(self, path: str, expires: int) -> str:
        return hmac.new(self._key, f"{path} {expires}".encode(), "sha256").hexdigest()


def _bytes(song: Song, name: str, stripe_secret: str) -> bytes:
    if name == "PREVIEW":
        return song.preview()
    data = song.audio(name)
    return data if song.plain else encrypt(data, song.number, stripe_secret)
