"""Deezer over HTTP: gateway, catalogue and media service at one address, the bytes at two others."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from typing import Any, Self

from cratedig_emulators.catalogue import DEFAULT, Catalogue
from cratedig_emulators.deezer import gateway
from cratedig_emulators.deezer.account import Sessions, secret
from cratedig_emulators.deezer.catalogue import NO_DATA, NO_QUERY, api_error, page
from cratedig_emulators.deezer.media import DeezerCdn, get_url
from cratedig_emulators.deezer.songs import FORMATS
from cratedig_emulators.deezer.state import DeezerState
from cratedig_emulators.messages import Request, Response, json_response
from cratedig_emulators.routing import route
from cratedig_emulators.server import Service


class DeezerEmulator(Service, DeezerState):
    """www, api and media.deezer.com on 127.0.0.1.

    An error that is put into ``gateway_errors`` under a method's name is answered once, in the order of the
    list.
    """

    name = "deezer"

    def __init__(self, *, catalogue: Catalogue = DEFAULT) -> None:
        Service.__init__(self)
        DeezerState.__init__(self, catalogue)
        self.gateway_errors: dict[str, list[dict[str, str]]] = {}
        self.cdn = DeezerCdn(self, self.stripe_secret, "media")
        self.mirror = DeezerCdn(self, self.stripe_secret, "mobile")
        self.companions += [self.cdn, self.mirror]

    def prepare(self) -> Self:
        """Make all audio now, in a few seconds, and not when it is first asked for."""
        for song in self.songs.values():
            for name in FORMATS:
                song.audio(name)
        return self

    def revoke(self) -> None:
        """End the login: another ARL is needed from now on."""
        self.account.arl = secret() * 6
        self.sessions = Sessions()

    def end_addresses(self) -> None:
        """Accept no address of a file that has been handed out."""
        self.cdn.end_addresses()
        self.mirror.end_addresses()

    @route("/ajax/gw-light.php", methods=("GET", "POST"))
    def gateway(self, request: Request) -> Response:
        """Every method of the private gateway."""
        method, cookies = request.args.get("method", ""), _cookies(request)
        planned = self.gateway_errors.get(method)
        if planned:
            return json_response(gateway.envelope(error=planned.pop(0)))
        if method == "deezer.getUserData":
            return self._log_in(cookies)
        problem = self.sessions.problem(cookies.get("sid", ""), request.args.get("api_token", ""))
        if problem:
            return json_response(gateway.envelope(error=problem))
        answer = gateway.METHODS.get(method)
        if answer is None:
            return json_response(gateway.envelope(error={"GATEWAY_ERROR": f"unknown method {method}"}))
        arguments = request.json()
        return json_response(answer(self, arguments if isinstance(arguments, dict) else {}))

    def _log_in(self, cookies: dict[str, str]) -> Response:
        known = cookies.get("arl") == self.account.arl
        sid, token, license_token = self.sessions.begin(known=known)
        body = gateway.login(self, known=known, license_token=license_token, token=token, sid=sid)
        return json_response(body).with_headers(Set_Cookie=f"sid={sid}; Path=/; HttpOnly")

    @route("/search")
    @route("/search/track")
    def search(self, request: Request) -> Response:
        """Search for tracks."""
        if not request.args.get("q"):
            return api_error(NO_QUERY)
        rows = [song.as_catalogue(self.base_url, whole=False) for song in self.find(request.args["q"])]
        return page(self.base_url, request.path, request.args, rows)

    @route("/search/album")
    def search_albums(self, request: Request) -> Response:
        """Search for albums."""
        numbers = dict.fromkeys(song.album_number for song in self.find(request.args.get("q", "")))
        return page(self.base_url, request.path, request.args, [self._album(number) for number in numbers])

    @route("/track/{key}")
    def track(self, request: Request) -> Response:
        """One track, by number or by ISRC."""
        key = request.params["key"]
        known = (song for song in self.songs.values() if not song.removed)
        song = next((one for one in known if key in one.keys), None)
        if song is None:
            return api_error(NO_DATA)
        return json_response(song.as_catalogue(self.base_url, whole=True))

    @route("/album/{number}")
    def album_page(self, request: Request) -> Response:
        """One album with its tracks."""
        songs = self.album(_number(request))
        if not songs:
            return api_error(NO_DATA)
        rows = [song.as_catalogue(self.base_url, whole=False) for song in songs]
        return json_response({**self._album(songs[0].album_number), "tracks": {"data": rows}})

    @route("/album/{number}/tracks")
    def album_tracks(self, request: Request) -> Response:
        """The tracks of an album with their places."""
        rows = [song.as_catalogue(self.base_url, whole=True) for song in self.album(_number(request))]
        return page(self.base_url, request.path, request.args, rows) if rows else api_error(NO_DATA)

    @route("/v1/get_url", methods=("POST",))
    def get_url(self, request: Request) -> Response:
        """Exchange tracks' tokens for addresses."""
        return get_url(self, request.json(), {"ak": self.cdn, "ec": self.mirror})

    def not_found(self, _request: Request) -> Response:
        """Answer as the catalogue does."""
        return api_error({"type": "InvalidQueryException", "message": "Unknown path components", "code": 600})

    def _album(self, number: int) -> dict[str, Any]:
        songs = self.album(number)
        first = songs[0].track
        return {
            "id": number,
            "title": first.album,
            "nb_tracks": len(songs),
            "release_date": f"{first.year}-02-02",
            "record_type": "album",
            "artist": {"id": songs[0].artist_number, "name": first.artist},
            "type": "album",
        }


def _cookies(request: Request) -> dict[str, str]:
    try:
        sent = SimpleCookie(request.headers.get("cookie", ""))
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in sent.items()}


def _number(request: Request) -> int | None:
    text = request.params["number"]
    return int(text) if text.isdecimal() else None
