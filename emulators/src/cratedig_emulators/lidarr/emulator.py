"""Lidarr's HTTP API."""

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
from cratedig_emulators.lidarr import answers
from cratedig_emulators.lidarr.shelf import Shelf, Shelved
from cratedig_emulators.lidarr.work import EVENTS, Grab, Work
from cratedig_emulators.server import Request, Response, Service, json_response, route

API = "/api/v1"
FOREIGN = 12
"""Records of other albums in the queue: more than a page has unless one asks for more."""

_NO_FILTER = "artistId, albumId, trackFileIds or unmapped must be provided"
_EXISTS = ("ForeignAlbumId", "This album has already been added.", "AlbumExistsValidator")
_DOWN = "Search for '{term}' failed. LidarrAPI Temporarily Unavailable (503)"


class LidarrEmulator(Service):
    """Lidarr on 127.0.0.1, with a root folder of real files.

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

    # -- what it is --------------------------------------------------------------------------------------

    @route("/ping")
    def ping(self, _request: Request) -> Response:
        """For anybody."""
        return json_response({"status": "OK"})

    @route(f"{API}/system/status")
    def status(self, _request: Request) -> Response:
        """Who it is."""
        return json_response({"appName": self.app, "instanceName": self.app, "version": self.version})

    @route(f"{API}/health")
    def troubles(self, _request: Request) -> Response:
        """What it finds wrong with itself."""
        return json_response(self.health)

    @route(f"{API}/rootfolder")
    def roots(self, _request: Request) -> Response:
        """Where its music is."""
        root = {
            "id": 1,
            "name": "Music",
            "path": self.there,
            "defaultMetadataProfileId": next(iter(self.profiles["metadata"])),
            "defaultQualityProfileId": next(iter(self.profiles["quality"])),
            "defaultMonitorOption": "all",
            "defaultNewItemMonitorOption": "all",
            "defaultTags": [],
            "accessible": self.accessible,
            "freeSpace": 10**11,
            "totalSpace": 5 * 10**11,
        }
        return json_response([root])

    @route(f"{API}/qualityprofile")
    def quality_profiles(self, _request: Request) -> Response:
        """Which files are good enough."""
        return json_response([{"id": key, "name": name} for key, name in self.profiles["quality"].items()])

    @route(f"{API}/metadataprofile")
    def metadata_profiles(self, _request: Request) -> Response:
        """Which albums count."""
        return json_response([{"id": key, "name": name} for key, name in self.profiles["metadata"].items()])

    # -- the library -------------------------------------------------------------------------------------

    @route(f"{API}/album/lookup")
    def lookup(self, request: Request) -> Response:
        """Metadata, without tracks."""
        term = request.args.get("term", "")
        if self.metadata_down:
            return json_response({"message": _DOWN.format(term=term), "description": "at Lidarr"}, 503)
        return json_response([self._album(known.foreign_id) for known in self.shelf.lookup(term)])

    def _album(self, foreign_id: str) -> dict[str, Any]:
        known = self.shelf.known[foreign_id]
        shelved, artist = self.shelf.shelved(foreign_id), self.shelf.artist(known.artist_id)
        return answers.album(known, shelved, artist)

    @route(f"{API}/album")
    def albums(self, request: Request) -> Response:
        """Those of the library; where one of several that are asked for is gone, none can be had."""
        asked = request.multi
        ids = [int(number) for number in asked.get("albumIds", ())]
        if any(number not in self.shelf.albums for number in ids):
            count = sum(number in self.shelf.albums for number in ids)
            message = f"Expected query to return {len(ids)} rows but returned {count}"
            return json_response({"message": message, "description": "at Lidarr"}, 500)
        found = [
            shelved
            for shelved in self.shelf.albums.values()
            if (not ids or shelved.id in ids)
            and _fits(asked, "foreignAlbumId", shelved.known.foreign_id)
            and _fits(asked, "artistId", str(shelved.artist.id))
        ]
        return json_response([self._album(shelved.known.foreign_id) for shelved in found])

    @route(f"{API}/album/{{number}}")
    def album(self, request: Request) -> Response:
        """One of them."""
        shelved = self._shelved(request.params["number"])
        return json_response(self._album(shelved.known.foreign_id)) if shelved else Response(status=404)

    def _shelved(self, number: str) -> Shelved | None:
        return self.shelf.albums.get(int(number)) if number.isdecimal() else None

    @route(f"{API}/album", methods=("POST",))
    def add_album(self, request: Request) -> Response:
        """Add an album, and its artist where there is none yet."""
        body = request.json() or {}
        known = self.shelf.known.get(body.get("foreignAlbumId", ""))
        given = body.get("artist")
        if known is None:
            return _invalid("ForeignAlbumId", "An album with this ID was not found", "AlbumNotFound")
        if not given:
            return json_response({"message": "Object reference not set to an instance of an object."}, 500)
        if self.shelf.shelved(known.foreign_id):
            return _invalid(*_EXISTS)
        if (wrong := self._wrong(given)) is not None:
            return wrong
        now = self.work.clock()
        artist = self.shelf.artist(known.artist_id)
        if artist is None:
            options = given.get("addOptions") or {}
            named = tuple(options.get("albumsToMonitor") or ())
            monitor = options.get("monitor", "all")
            artist = self.shelf.add_artist(known, given["rootFolderPath"], monitor, named, now)
            self.work.command("RefreshArtist", {"artistId": artist.id})
        self.shelf.add_album(known, artist, now, monitored=bool(body.get("monitored")))
        return json_response(self._album(known.foreign_id), 201)

    def _wrong(self, given: dict[str, Any]) -> Response | None:
        if given.get("rootFolderPath") != self.there:
            return _invalid("RootFolderPath", "Root folder does not exist", "RootFolderExistsValidator")
        if given.get("qualityProfileId") not in self.profiles["quality"]:
            return _invalid("QualityProfileId", "Quality Profile does not exist", "QualityProfileExists")
        if given.get("metadataProfileId") not in self.profiles["metadata"]:
            return _invalid("MetadataProfileId", "Metadata profile does not exist", "MetadataProfileExists")
        return None

    @route(f"{API}/album/monitor", methods=("PUT",))
    def monitor(self, request: Request) -> Response:
        """Watch for releases of albums from now on, or no longer."""
        body = request.json() or {}
        for number in body.get("albumIds", ()):
            self.shelf.albums[number].monitored = body["monitored"]
        return json_response([], 202)

    @route(f"{API}/album/{{number}}", methods=("DELETE",))
    def delete_album(self, request: Request) -> Response:
        """Forget an album, and its files where ``deleteFiles`` says so."""
        shelved = self._shelved(request.params["number"])
        if shelved is None:
            return Response(status=404)
        self._forget(shelved, request)
        return json_response({})

    def _forget(self, shelved: Shelved, request: Request) -> None:
        del self.shelf.albums[shelved.id]
        if request.args.get("deleteFiles") == "true":
            for path in shelved.files.values():
                path.unlink(missing_ok=True)

    @route(f"{API}/artist")
    def artists(self, _request: Request) -> Response:
        """Those of the library."""
        return json_response(
            [
                answers.artist(artist.foreign_id, artist.name, artist, self._files(artist.id))
                for artist in self.shelf.artists.values()
            ]
        )

    def _files(self, artist_id: int) -> int:
        return sum(len(one.files) for one in self.shelf.albums.values() if one.artist.id == artist_id)

    @route(f"{API}/artist/{{number}}", methods=("DELETE",))
    def delete_artist(self, request: Request) -> Response:
        """Forget an artist and every album of theirs."""
        artist = self.shelf.artists.pop(int(request.params["number"]), None)
        if artist is None:
            return Response(status=404)
        for shelved in [one for one in self.shelf.albums.values() if one.artist is artist]:
            self._forget(shelved, request)
        return json_response({})

    @route(f"{API}/track")
    def tracks(self, request: Request) -> Response:
        """The tracks of an album, once they are known."""
        shelved = self._shelved(request.args.get("albumId", ""))
        known = shelved.known.album.tracks if shelved and shelved.ready else ()
        return json_response([answers.track(shelved, one) for one in known] if shelved else [])

    @route(f"{API}/trackfile")
    def track_files(self, request: Request) -> Response:
        """The files of an album or an artist."""
        album, artist = request.args.get("albumId"), request.args.get("artistId")
        if album is None and artist is None:
            return json_response({"message": _NO_FILTER}, 400)
        found = [
            row
            for shelved in self.shelf.albums.values()
            if album in {None, str(shelved.id)} and artist in {None, str(shelved.artist.id)}
            for row in answers.track_files(self.shelf, shelved)
        ]
        return json_response(found)

    # -- commands, queue, history ------------------------------------------------------------------------

    @route(f"{API}/command", methods=("POST",))
    def start_command(self, request: Request) -> Response:
        """Begin something."""
        body = request.json() or {}
        about = {key: value for key, value in body.items() if key != "name"}
        return json_response(answers.command(self.work.command(body.get("name", ""), about)), 201)

    @route(f"{API}/command")
    def commands(self, _request: Request) -> Response:
        """What was begun lately."""
        return json_response([answers.command(one) for one in self.work.commands.values()])

    @route(f"{API}/command/{{number}}")
    def one_command(self, request: Request) -> Response:
        """One of them."""
        found = self.work.commands.get(int(request.params["number"]))
        return json_response(answers.command(found)) if found else Response(status=404)

    @route(f"{API}/command/{{number}}", methods=("DELETE",))
    def cancel_command(self, request: Request) -> Response:
        """Cancel one that has not started; one that has goes on."""
        found = self.work.commands.get(int(request.params["number"]))
        if found is None:
            return Response(status=404)
        if found.status == "queued":
            found.status = "cancelled"
        return json_response({})

    @route(f"{API}/queue/details")
    def queue_details(self, request: Request) -> Response:
        """The records of some albums; a plain list."""
        asked = request.multi.get("albumIds", ())
        shown = [grab for grab in self.work.shown if not asked or str(grab.shelved.id) in asked]
        return json_response([answers.queued(grab) for grab in shown])

    @route(f"{API}/queue")
    def queue(self, request: Request) -> Response:
        """One page of all records, the others' first."""
        rows = [answers.foreign(number) for number in range(FOREIGN)]
        return _page(request, rows + [answers.queued(grab) for grab in self.work.shown])

    @route(f"{API}/queue/bulk", methods=("DELETE",))
    def remove_several(self, request: Request) -> Response:
        """Take records out of the queue."""
        for number in (request.json() or {}).get("ids", ()):
            self.work.remove(number, request.args)
        return json_response({})

    @route(f"{API}/queue/{{number}}", methods=("DELETE",))
    def remove(self, request: Request) -> Response:
        """Take one record out of the queue."""
        number = request.params["number"]
        there = number.isdecimal() and self.work.remove(int(number), request.args)
        return json_response({}) if there else Response(status=404)

    @route(f"{API}/history")
    def history(self, request: Request) -> Response:
        """One page of what has happened, by date."""
        asked = request.multi
        kinds = {EVENTS[int(one)] for one in asked.get("eventType", ())}
        rows = [
            row
            for row in self.work.history
            if _fits(asked, "albumId", str(row["albumId"])) and (not kinds or row["eventType"] in kinds)
        ]
        return _page(request, rows[::-1] if request.args.get("sortDirection") == "descending" else rows)

    def grabs(self) -> list[Grab]:
        """What the download client works on now."""
        with self.lock:
            return list(self.work.grabs)


def _fits(asked: dict[str, list[str]], key: str, value: str) -> bool:
    return key not in asked or value in asked[key]


def _page(request: Request, rows: list[dict[str, Any]]) -> Response:
    number, size = int(request.args.get("page", "1")), int(request.args.get("pageSize", "10"))
    shown = rows[(number - 1) * size : number * size]
    return json_response({"page": number, "pageSize": size, "totalRecords": len(rows), "records": shown})


def _invalid(name: str, message: str, code: str) -> Response:
    row = {"propertyName": name, "errorMessage": message, "severity": "error", "errorCode": code}
    return json_response([row], 400)
