"""hifi-api over HTTP. Every instance has the same numbers for the same recordings."""

from __future__ import annotations

import base64
import json
from typing import Any

from cratedig_emulators.catalogue import DEFAULT, Catalogue
from cratedig_emulators.hifi.cdn import HifiCdn, dash, media_playlist
from cratedig_emulators.hifi.queue import Queue
from cratedig_emulators.hifi.recipes import FORMATS, HIRES, LOSSLESS, TIERS, Preview, Recipe
from cratedig_emulators.hifi.sounds import numbers
from cratedig_emulators.hifi.tracks import Song, album_json, songs
from cratedig_emulators.messages import Request, Response, json_response, redirect
from cratedig_emulators.server import Service, route

_SLASHED = ("/search", "/info", "/album", "/track", "/trackManifests")
_KINDS = ("s", "a", "al", "v", "p", "i")
UPSTREAM = "Upstream API error"


class HifiEmulator(Service):
    """One instance on 127.0.0.1; start several for a list of them.

    ``login`` is user and password of a proxy in front of it. The attributes may be changed while it runs:
    ``legacy`` has no ``/trackManifests/``, ``search_only`` no playback at all, ``bare`` leaves the envelope
    out and writes numbers as text, ``busy`` lets each playback request wait for so many polls, ``recipes``
    say how a recording is served (``default`` the others), ``version`` is what ``/`` says.
    """

    name = "hifi"

    def __init__(
        self,
        *,
        catalogue: Catalogue = DEFAULT,
        login: tuple[str, str] | None = None,
        default: Recipe | None = None,
    ) -> None:
        super().__init__()
        self.catalogue = catalogue
        self.songs = songs(catalogue)
        self.login = login
        self.default = default or Recipe()
        self.recipes: dict[int, Recipe] = {}
        self.legacy = self.search_only = self.bare = False
        self.busy = 0
        self.outcome: Response | None = None
        """What a request that has waited gets, in place of what it asked for."""
        self.version = "2.10"
        self.queue = Queue()
        self.cdn = HifiCdn(self)
        self.companions.append(self.cdn)

    def recipe(self, song_id: int) -> Recipe:
        """Return how that recording is served."""
        return self.recipes.get(song_id, self.default)

    def find(self, title: str) -> Song:
        """Return the recording of that title."""
        return next(song for song in self.songs.values() if song.track.title == title)

    def dispatch(self, request: Request) -> Response:
        """Ask for the login first, then send paths without their slash on."""
        if self.login is not None and request.headers.get("authorization") != _basic(*self.login):
            refusal = Response(status=401, body=b"<html>401 Authorization Required</html>")
            return refusal.with_headers(WWW_Authenticate='Basic realm="music"')
        if request.path in _SLASHED:
            query = f"?{request.query}" if request.query else ""
            return redirect(f"{self.base_url}{request.path}/{query}", 307)
        return super().dispatch(request)

    def not_found(self, _request: Request) -> Response:
        """Answer as FastAPI does."""
        return json_response({"detail": "Not Found"}, 404)

    @route("/")
    def root(self, _request: Request) -> Response:
        """Answer with the version; it tells nothing of Tidal."""
        return json_response({"version": self.version, "Repo": "https://example.org/hifi-api"})

    @route("/search/")
    def search(self, request: Request) -> Response:
        """Search tracks by words or ISRC, albums and artists by words."""
        asked = [key for key in _KINDS if request.args.get(key)]
        if len(asked) != 1:
            return json_response({"detail": "Provide one of s, a, al, v, p, or i"}, 400)
        limit, offset = request.args.get("limit", "25"), request.args.get("offset", "0")
        if not (limit.isdecimal() and 1 <= int(limit) <= 500 and offset.isdecimal()):  # noqa: PLR2004
            return _invalid("limit", limit)
        kind, words = asked[0], request.args[asked[0]]
        page = slice(int(offset), int(offset) + int(limit))
        if kind == "al":
            found = [one for one in self._albums() if _has(one, words)]
            return self._wrapped({"albums": _listing(found, page)})
        tracks = [song.json(self.recipe(song.id), mixed=self.bare) for song in self._find(kind, words)]
        if kind == "a":
            artists = list({one["artist"]["id"]: one["artist"] for one in tracks}.values())
            return self._wrapped({"artists": _listing(artists, page), "tracks": _listing(tracks, page)})
        return self._wrapped(_listing(tracks, page))

    @route("/info/")
    def info(self, request: Request) -> Response:
        """Answer with one track."""
        song = self._song(request)
        if isinstance(song, Response):
            return song
        return self._wrapped(song.json(self.recipe(song.id), mixed=self.bare))

    @route("/album/")
    def album(self, request: Request) -> Response:
        """Answer with an album and its tracks, each in a wrapper."""
        tracks = [song for song in self.songs.values() if str(song.album_id) == request.args.get("id")]
        if not tracks:
            return json_response({"detail": UPSTREAM}, 404)
        about = next(one for one in self._albums() if one["id"] == tracks[0].album_id)
        rows = [{"item": song.json(self.recipe(song.id)), "type": "track"} for song in tracks]
        return self._wrapped({**about, "items": rows})

    @route("/track/")
    def track(self, request: Request) -> Response:
        """Answer with a manifest in the answer itself: JSON with one address, or an MPD."""
        song = self._song(request)
        if isinstance(song, Response) or self.search_only:
            return song if isinstance(song, Response) else self.not_found(request)
        asked = request.args.get("quality", HIRES)
        if asked not in TIERS:
            return _invalid("quality", asked)
        recipe = self.recipe(song.id)
        tier = recipe.given(asked)
        if tier is None:
            return self._queued(json_response({"detail": UPSTREAM}, 401))
        return self._queued(self._wrapped(self._playback(song, recipe, tier)))

    @route("/trackManifests/")
    def manifests(self, request: Request) -> Response:
        """Answer with the address of a playlist."""
        if self.legacy or self.search_only:
            return self.not_found(request)
        song = self.songs.get(int(request.args["id"])) if request.args.get("id", "").isdecimal() else None
        if song is None:
            return json_response({"detail": UPSTREAM}, 404)
        recipe = self.recipe(song.id)
        formats = [name for one in request.multi.get("formats", []) for name in one.split(",")]
        there = [name for name in FORMATS if name in formats and FORMATS[name] in recipe.tiers]
        if not there:
            return self._queued(json_response({"detail": UPSTREAM}, 401))
        return self._queued(self._wrapped(self._document(song, recipe, there[0])))

    @route("/playback/requests/{key}", methods=("GET", "DELETE"))
    def waiting(self, request: Request) -> Response:
        """Answer how a request that waits is getting on, or give it up."""
        key = request.params["key"]
        return self.queue.cancel(key) if request.method == "DELETE" else self.queue.poll(key)

    def _find(self, kind: str, words: str) -> list[Song]:
        if kind == "i":
            return [song for song in self.songs.values() if song.track.isrc == words.upper()]
        tracks = self.catalogue.search(words)
        return [song for song in self.songs.values() if song.track in tracks]

    def _albums(self) -> list[dict[str, Any]]:
        firsts = {song.album_id: song.track for song in self.songs.values() if song.id == song.album_id + 1}
        albums = {(album.artist, album.title): album for album in self.catalogue.albums}
        return [
            album_json(number, albums[first.artist, first.album or first.title])
            for number, first in firsts.items()
        ]

    def _song(self, request: Request) -> Song | Response:
        text = request.args.get("id", "")
        if not text.isdecimal():
            return _invalid("id", text)
        return self.songs.get(int(text)) or json_response({"detail": UPSTREAM}, 404)

    def _playback(self, song: Song, recipe: Recipe, tier: str) -> dict[str, Any]:
        if tier == HIRES:
            kind, manifest = "application/dash+xml", dash(self.cdn, song, recipe, tier)
        else:
            kind, manifest = "application/vnd.tidal.bts", json.dumps(self._bts(song, recipe, tier))
        depth, rate = numbers(tier)
        return {
            "trackId": song.id,
            "assetPresentation": "PREVIEW" if recipe.preview is Preview.FLAGGED else "FULL",
            "audioMode": "STEREO",
            "audioQuality": tier,
            "manifestMimeType": kind,
            "manifestHash": f"hash-{song.id}",
            "manifest": base64.b64encode(manifest.encode()).decode(),
            "bitDepth": depth if tier in {HIRES, LOSSLESS} else None,
            "sampleRate": rate if tier in {HIRES, LOSSLESS} else None,
            "trackReplayGain": -9.0,
            "albumReplayGain": -9.9,
        }

    def _bts(self, song: Song, recipe: Recipe, tier: str) -> dict[str, Any]:
        extension, mime, codec = (
            ("flac", "audio/flac", "flac") if tier == LOSSLESS else ("mp4", "audio/mp4", "mp4a.40.2")
        )
        url = self.cdn.signed(f"/mediatracks/{song.id}/{tier}/whole.{extension}")
        protected = {} if recipe.encryption == "NONE" else {"keyId": "a2V5"}
        return {
            "mimeType": mime,
            "codecs": codec,
            "encryptionType": recipe.encryption,
            "urls": [url],
            **protected,
        }

    def _document(self, song: Song, recipe: Recipe, name: str) -> dict[str, Any]:
        tier = FORMATS[name]
        attributes: dict[str, Any] = {
            "trackPresentation": "PREVIEW" if recipe.preview is Preview.FLAGGED else "FULL",
            "uri": self._playlist(song, recipe, tier),
            "hash": f"hash-{song.id}",
            "formats": [name],
        }
        if recipe.preview is Preview.FLAGGED:
            attributes["previewReason"] = "FULL_REQUIRES_SUBSCRIPTION"
        if recipe.drm:
            attributes["drmData"] = {
                "drmSystem": "FAIRPLAY",
                "licenseUrl": "/widevine",
                "certificateUrl": "/widevine",
            }
        return {
            "data": {"id": str(song.id), "type": "trackManifests", "attributes": attributes},
            "links": {"self": f"/trackManifests/{song.id}"},
        }

    def _playlist(self, song: Song, recipe: Recipe, tier: str) -> str:
        if recipe.data_uri:
            lines = "\n".join(media_playlist(self.cdn, song, recipe, tier)).encode()
            return f"data:application/vnd.apple.mpegurl;base64,{base64.b64encode(lines).decode()}"
        kind = "master" if recipe.master else "media"
        return self.cdn.signed(f"/1/manifests/{song.id}/{tier}/{kind}.m3u8")

    def _queued(self, answer: Response) -> Response:
        if not self.busy:
            return answer
        return self.queue.put(self.outcome or answer, self.busy)

    def _wrapped(self, data: Any) -> Response:
        return json_response(data if self.bare else {"version": self.version, "data": data})


def _listing(found: list[Any], page: slice) -> dict[str, Any]:
    return {
        "limit": page.stop - page.start,
        "offset": page.start,
        "totalNumberOfItems": len(found),
        "items": found[page],
    }


def _has(album: dict[str, Any], words: str) -> bool:
    text = f"{album['artist']['name']} {album['title']}".casefold()
    return all(word in text for word in words.casefold().split())


def _invalid(name: str, given: str) -> Response:
    problem = {"type": "int_parsing", "loc": ["query", name], "msg": "Input is not valid", "input": given}
    return json_response({"detail": [problem]}, 422)


def _basic(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"
