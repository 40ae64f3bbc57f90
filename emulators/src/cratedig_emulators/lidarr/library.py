"""Lidarr's library over HTTP: artists, albums, tracks, files."""

from __future__ import annotations

from typing import Any

from cratedig_emulators.lidarr import answers
from cratedig_emulators.lidarr.program import API, Lidarr, fits
from cratedig_emulators.lidarr.shelf import Shelved
from cratedig_emulators.server import Request, Response, json_response, route

_NO_FILTER = "artistId, albumId, trackFileIds or unmapped must be provided"
_EXISTS = ("ForeignAlbumId", "This album has already been added.", "AlbumExistsValidator")
_DOWN = "Search for '{term}' failed. LidarrAPI Temporarily Unavailable (503)"


class LibraryRoutes(Lidarr):
    """Looked up, added, monitored, removed."""

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
            and fits(asked, "foreignAlbumId", shelved.known.foreign_id)
            and fits(asked, "artistId", str(shelved.artist.id))
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


def _invalid(name: str, message: str, code: str) -> Response:
    row = {"propertyName": name, "errorMessage": message, "severity": "error", "errorCode": code}
    return json_response([row], 400)
