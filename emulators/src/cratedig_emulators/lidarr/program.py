"""Lidarr itself: its library, its work, its key, and that it can be killed."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from pathlib import Path
from threading import RLock
from typing import Any, Self
from uuid import uuid4

from attrs import evolve

from cratedig_emulators.catalogue import DEFAULT, Catalogue
from cratedig_emulators.lidarr.shelf import Shelf, Shelved
from cratedig_emulators.lidarr.work import Work
from cratedig_emulators.server import Request, Response, Service, json_response

API = "/api/v1"


class Lidarr(Service):
    """Lidarr on 127.0.0.1, with a root folder of real files, without its API.

    ``folder`` is that root on this machine, ``there`` what Lidarr calls it (a container would say
    ``/music``). ``pace`` is the seconds that each stage takes. ``work`` has the switches: ``hold``,
    ``finds``, ``courses``. ``metadata_down`` lets look-ups fail, ``url_base`` puts everything below a path,
    ``accessible`` and ``health`` are what it says of itself.
    """

    name = "lidarr"

    def __init__(
        self,
        *,
        catalogue: Catalogue = DEFAULT,
        folder: Path | None = None,
        there: str = "/music",
        pace: float = 0.1,
        url_base: str = "",
    ) -> None:
        super().__init__()
        self.folder = folder or Path(tempfile.mkdtemp(prefix="lidarr-"))
        if folder is None:
            weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
        self.there, self.url_base = there, url_base
        self.api_key = uuid4().hex
        self.shelf = Shelf(catalogue, self.folder, there, pace)
        self.work = Work(self.shelf, pace, refresh_every=pace)
        self.metadata_down = False
        self.accessible = True
        self.app, self.version = "Lidarr", "2.14.5.0"
        self.health: list[dict[str, str]] = []
        self.profiles = {"quality": {4: "Any", 6: "Lossless"}, "metadata": {2: "Standard"}}
        self.lock = RLock()
        self._killed = False

    @property
    def address(self) -> str:
        """What a person sets as its address."""
        return f"{self.base_url}{self.url_base}"

    def foreign_id(self, title: str) -> str:
        """The id of the release group of that title."""
        return next(key for key, known in self.shelf.known.items() if known.album.title == title)

    def add(self, title: str, *, tracks: int | None = None, monitored: bool = False) -> Shelved:
        """Have an album in the library from the start, with so many of its files (``None``: all)."""
        known = self.shelf.known[self.foreign_id(title)]
        now = self.work.clock() - 2 * self.shelf.pace
        artist = self.shelf.artist(known.artist_id)
        artist = artist or self.shelf.add_artist(known, self.there, "all", (), now)
        artist.scanned = True
        shelved = self.shelf.add_album(known, artist, now, monitored=monitored)
        shelved.ready = True
        self.shelf.write(shelved, known.album.tracks[:tracks])
        return shelved

    def searches(self) -> list[Any]:
        """The requests that began a search of the indexers."""
        return [
            seen
            for seen in self.log.all(f"{self.url_base}{API}/command")
            if seen.method == "POST" and b"AlbumSearch" in seen.body
        ]

    def start(self) -> Self:
        """Listen; after a kill its queue is empty until the download client has been looked at again."""
        if self._killed:
            self.work.restarted()
        self._killed = False
        super().start()
        return self

    def kill(self, *, abruptly: bool = True) -> None:
        """End like a process that is killed."""
        self._killed = self._server is not None
        super().kill(abruptly=abruptly)

    def dispatch(self, request: Request) -> Response:
        """Let time pass, look at the key, then answer."""
        if not request.raw_path.startswith(self.url_base):
            return self.not_found(request)
        inner = evolve(
            request,
            path=request.path.removeprefix(self.url_base),
            raw_path=request.raw_path.removeprefix(self.url_base),
        )
        with self.lock:
            if inner.path != "/ping" and not self._let_in(inner):
                return Response(status=401)
            self.work.advance()
            return super().dispatch(inner)

    def not_found(self, _request: Request) -> Response:
        """Answer as Lidarr does."""
        return json_response({"message": "NotFound"}, 404)

    def _let_in(self, request: Request) -> bool:
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        forms = (request.args.get("apikey"), request.headers.get("x-api-key"), bearer)
        return next((form for form in forms if form), "") == self.api_key


def fits(asked: dict[str, list[str]], key: str, value: str) -> bool:
    """Whether a row has a value that is asked for, or nobody asks for one."""
    return key not in asked or value in asked[key]
