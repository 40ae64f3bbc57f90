"""Papershelf on 127.0.0.1: its API, its files, its ways of failing."""

from __future__ import annotations

import hashlib
from typing import Any, ClassVar
from uuid import uuid4

from cratedig_emulators.audio import make_audio
from cratedig_emulators.catalogue import DEFAULT, Track
from cratedig_emulators.server import Request, Response, Service, file_response, json_response, route
from cratedig_emulators.switches import Switches


class Shelf(Service):
    """A shelf with a token, made up when it starts."""

    name: ClassVar[str] = "papershelf"

    def __init__(self) -> None:
        super().__init__()
        self.token = f"planted-{uuid4()}"
        self.tracks = {track.key: track for track in DEFAULT}

    @route("/api/search")
    def search(self, request: Request) -> Response:
        """Tracks that have every word."""
        found = DEFAULT.search(request.args.get("q", ""))[: int(request.args.get("limit", "10"))]
        return self._allowed(request) or json_response({"tracks": [told(track) for track in found]})

    @route("/api/tracks/{key}")
    def track(self, request: Request) -> Response:
        """One track; null where there is none."""
        track = self.tracks.get(request.params["key"])
        return self._allowed(request) or json_response({"track": told(track) if track else None})

    @route("/files/{key}")
    def file(self, request: Request) -> Response:
        """The bytes."""
        track = self.tracks.get(request.params["key"])
        missing = json_response({"error": "no such file"}, 404)
        return self._allowed(request) or (file_response(make_audio(track)) if track else missing)

    def _allowed(self, request: Request) -> Response | None:
        sent = request.headers.get("authorization")
        return None if sent == f"Bearer {self.token}" else json_response({"error": "who are you?"}, 401)


class ShelfFaults(Switches):
    """The shelf's misfortunes by the kit's names."""

    def __init__(self, shelf: Shelf) -> None:
        super().__init__(shelf, api=["/api/*"], files=["/files/*"])
        self._shelf = shelf

    def expired_login(self) -> None:
        """Take another token from now on."""
        self._shelf.token = f"planted-{uuid4()}"


def told(track: Track) -> dict[str, Any]:
    """A track as the shelf tells it."""
    data = make_audio(track)
    return {
        "id": track.key,
        "title": track.title,
        "artist": track.artist,
        "album": track.album,
        "seconds": track.seconds,
        "bytes": len(data),
        "md5": hashlib.md5(data, usedforsecurity=False).hexdigest(),
        "codec": "flac",
        "extension": "flac",
    }
