"""Qobuz over HTTP: the API, and the network that its file addresses lead to."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Iterable
from secrets import randbelow, token_hex
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from attrs import evolve

from cratedig_emulators.catalogue import DEFAULT, Catalogue
from cratedig_emulators.qobuz import answers
from cratedig_emulators.qobuz.songs import BY_FORMAT_AVAILABILITY, FORMATS, SAMPLE_SECONDS, Song, songs
from cratedig_emulators.server import Request, Response, Service, file_response, json_response, route

_API = "/api.json/0.2"
_UNSIGNED = {"app_id", "user_auth_token", "request_ts", "request_sig"}
_MOST = 500


class QobuzEmulator(Service):
    """Qobuz on 127.0.0.1, with one account. Application, account and token are made up when it is built.

    Switches: ``subscribed`` and ``blocked`` are about the account; ``takes_passwords`` is false for the
    application of today's web player; ``samples_for_strangers`` answers a file's request without a valid
    login by a sample, and not by 401; ``finds_isrcs`` says whether an ISRC is a word to search for, which
    it was until 2026; ``link_seconds`` is how long a file's address is good for.
    """

    name = "qobuz"

    def __init__(self, *, catalogue: Catalogue = DEFAULT, more: Iterable[Song] = ()) -> None:
        super().__init__()
        self.songs = {song.id: song for song in (*songs(catalogue), *more)}
        self.app_id, self.app_secret = _app_id(), uuid4().hex
        self.other_app_id = _app_id()
        self.email = f"collector-{token_hex(3)}@example.org"
        self.password = f"planted-{uuid4()}"
        self.subscribed = True
        self.blocked = False
        self.takes_passwords = True
        self.samples_for_strangers = True
        self.finds_isrcs = True
        self.link_seconds = 3600.0
        self.tokens: dict[str, str] = {}
        self.token = self.issue()
        self.network = QobuzNetwork(self)
        self.companions.append(self.network)

    @property
    def api_base(self) -> str:
        """Where the API is."""
        return f"{self.base_url}{_API}"

    def song(self, title: str) -> Song:
        """The first song of that title."""
        return next(song for song in self.songs.values() if song.track.title == title)

    def issue(self, app_id: str = "") -> str:
        """Make a login; its token, which is good for one application only."""
        token = f"planted-{uuid4()}-{token_hex(16)}"
        self.tokens[token] = app_id or self.app_id
        return token

    def expire(self) -> None:
        """End every login."""
        self.tokens.clear()

    def renew(self) -> None:
        """Be as new: one valid login, every switch and fault as at the start."""
        self.heal()
        self.subscribed, self.blocked, self.takes_passwords = True, False, True
        self.samples_for_strangers, self.finds_isrcs, self.link_seconds = True, True, 3600.0
        self.tokens[self.token] = self.app_id

    @route(f"{_API}/user/login", methods=("GET", "POST"))
    def login(self, request: Request) -> Response:
        """By e-mail and the MD5 of the password, or by a token that is there already."""
        args = _args(request)
        if (refusal := self._without_app(request)) is not None:
            return refusal
        if "user_auth_token" in args:
            valid = self._knows(args["user_auth_token"], _app(request))
            token = args["user_auth_token"]
        elif not self.takes_passwords:
            return answers.error(401, "User authentication is required.")
        else:
            expected = hashlib.md5(self.password.encode(), usedforsecurity=False).hexdigest()
            who = args.get("email") or args.get("username")
            valid = (who, args.get("password")) == (self.email, expected)
            token = self.issue(_app(request)) if valid else ""
        if not valid:
            return answers.error(401, "Invalid username/email and password combination")
        return self._unblocked() or json_response({"user_auth_token": token, "user": self._account()})

    @route(f"{_API}/user/get", methods=("GET", "POST"))
    def user(self, request: Request) -> Response:
        """The account of the login."""
        return self._refusal(request) or json_response(self._account())

    @route(f"{_API}/track/search", methods=("GET", "POST"))
    def search_tracks(self, request: Request) -> Response:
        """Tracks that have every word."""
        found = [answers.track(song) for song in self._found(request)]
        return self._refusal(request) or self._page(request, "tracks", found)

    @route(f"{_API}/album/search", methods=("GET", "POST"))
    def search_albums(self, request: Request) -> Response:
        """Albums that a track with every word is on."""
        ids = dict.fromkeys(song.album_id for song in self._found(request))
        found = [answers.album(self._on(album_id)) for album_id in ids]
        return self._refusal(request) or self._page(request, "albums", found)

    @route(f"{_API}/track/get", methods=("GET", "POST"))
    def track(self, request: Request) -> Response:
        """One track."""
        song = self._song(request)
        if (refusal := self._refusal(request)) is not None:
            return refusal
        return json_response(answers.track(song)) if song else _nothing()

    @route(f"{_API}/album/get", methods=("GET", "POST"))
    def album(self, request: Request) -> Response:
        """One album and its tracks."""
        there = self._on(_args(request).get("album_id", ""))
        if (refusal := self._refusal(request)) is not None:
            return refusal
        return json_response(answers.album(there, with_tracks=True)) if there else _nothing()

    @route(f"{_API}/track/getFileUrl", methods=("GET", "POST"))
    def file_address(self, request: Request) -> Response:
        """The address of a file, of a sample, or none."""
        args = _args(request)
        if (refusal := self._without_app(request) or self._unsigned(args)) is not None:
            return refusal
        known = self._knows(_token(request), _app(request))
        if not known and not self.samples_for_strangers:
            return answers.error(401, "User authentication is required.")
        song, asked = self._song(request), int(args.get("format_id", "0") or 0)
        if self.blocked:
            return answers.error(403, "Account is blocked", error_code="USER_BLOCKED")
        if song is None or asked not in FORMATS:
            return _nothing()
        code = "UserUnauthenticated" if not known else "" if self.subscribed else "UserUncredentialed"
        return json_response(self._sample(song, asked, code) if code else self._file(song, asked))

    def not_found(self, _request: Request) -> Response:
        """Answer in the API's own way."""
        return answers.error(404, "Not found")

    def _file(self, song: Song, asked: int) -> dict[str, Any]:
        if song.sample:
            return self._sample(song, asked, *song.restrictions)
        answered = 0 if song.restrictions or asked in song.refused else song.answered(asked)
        codes = song.restrictions or ((BY_FORMAT_AVAILABILITY,) if answered != asked else ())
        answer = {"track_id": song.id, "duration": round(song.track.seconds), **_restrictions(*codes)}
        return answer | (self._details(song, answered) if answered else {"format_id": asked})

    def _sample(self, song: Song, asked: int, *codes: str) -> dict[str, Any]:
        """Half a minute that looks like the whole in everything but what ``told`` says."""
        told = song.told if song.sample else ("flag", "duration", "range")
        length = min(round(song.track.seconds), SAMPLE_SECONDS if "duration" in told else 10**6)
        answer = {"track_id": song.id, "duration": length, **_restrictions(*codes)}
        answer |= {"sample": True} if "flag" in told else {}
        return answer | self._details(song, song.answered(asked), sample="range" in told)

    def _details(self, song: Song, format_id: int, *, sample: bool = False) -> dict[str, Any]:
        kind, bits, rate = song.sound(format_id)
        url = self.network.address(song.id, format_id, sample=sample)
        about = {"url": url, "format_id": format_id, "mime_type": kind, "sampling_rate": rate}
        return about | ({"bit_depth": bits} if bits else {})

    def _refusal(self, request: Request) -> Response | None:
        """Why a request without signature is not answered."""
        if (refusal := self._without_app(request)) is not None:
            return refusal
        if not self._knows(_token(request), _app(request)):
            return answers.error(401, "User authentication is required.")
        return self._unblocked()

    def _without_app(self, request: Request) -> Response | None:
        known = _app(request) in {self.app_id, self.other_app_id}
        return None if known else answers.error(400, "Invalid or missing app_id parameter")

    def _unblocked(self) -> Response | None:
        return answers.error(403, "Account is blocked", error_code="USER_BLOCKED") if self.blocked else None

    def _unsigned(self, args: dict[str, str]) -> Response | None:
        """Compute the signature anew, of what has really come."""
        pairs = "".join(f"{name}{args[name]}" for name in sorted(args.keys() - _UNSIGNED))
        text = f"trackgetFileUrl{pairs}{args.get('request_ts', '')}{self.app_secret}"
        expected = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
        if args.get("request_ts") and hmac.compare_digest(expected, args.get("request_sig", "")):
            return None
        return answers.error(400, "Invalid Request Signature parameter (request_sig)")

    def _knows(self, token: str, app_id: str) -> bool:
        return bool(app_id) and self.tokens.get(token) == app_id

    def _account(self) -> dict[str, Any]:
        return answers.account(12345678, self.email, subscribed=self.subscribed, country="FR")

    def _song(self, request: Request) -> Song | None:
        wanted = _args(request).get("track_id", "")
        song = self.songs.get(int(wanted)) if wanted.isascii() and wanted.isdecimal() else None
        return None if song is None or song.removed else song

    def _on(self, album_id: str) -> list[Song]:
        return [song for song in self.songs.values() if song.album_id == album_id and not song.removed]

    def _found(self, request: Request) -> list[Song]:
        words = _args(request).get("query", "").casefold().replace("-", " ").split()
        there = (song for song in self.songs.values() if not song.removed)
        return [song for song in there if words and all(word in self._words(song) for word in words)]

    def _words(self, song: Song) -> str:
        about = song.track
        isrc = about.isrc if self.finds_isrcs else ""
        return f"{about.artist} {about.title} {song.version or ''} {about.album} {isrc}".casefold()

    def _page(self, request: Request, kind: str, found: list[dict[str, Any]]) -> Response:
        args = _args(request)
        limit = min(int(args.get("limit") or 50), _MOST)
        offset = int(args.get("offset") or 0)
        return json_response({"query": args.get("query", ""), kind: answers.page(found, limit, offset)})


class QobuzNetwork(Service):
    """The network that delivers the files: it looks at the address only, and for how long it is good."""

    name = "qobuz-network"

    def __init__(self, api: QobuzEmulator) -> None:
        super().__init__(parent=api)
        self._api = api
        self._key = uuid4().bytes

    def address(self, song_id: int, format_id: int, *, sample: bool = False) -> str:
        """An address that is good from now on for as long as the API says."""
        until = int(time.time() + self._api.link_seconds)
        query = {
            "uid": 1,
            "eid": song_id,
            "fmt": format_id,
            "fid": 2,
            "profile": "raw",
            "cid": 3,
            "etsp": until,
        }
        query |= {"range": "20-30"} if sample else {}
        return f"{self.base_url}/file?{urlencode(query)}&hmac={self._seal(urlencode(query))}"

    @route("/file")
    def file(self, request: Request) -> Response:
        """The bytes."""
        query, _, seal = request.query.partition("&hmac=")
        args = request.args
        if not hmac.compare_digest(seal, self._seal(query)) or time.time() >= int(args["etsp"]):
            return Response(status=403, body=b"Access Denied")
        song, format_id = self._api.songs[int(args["eid"])], int(args["fmt"])
        if "range" in args and not song.sample:
            song = evolve(song, sample=True)
        return file_response(song.file(format_id), song.sound(format_id)[0])

    def _seal(self, query: str) -> str:
        return hmac.new(self._key, query.encode(), "sha256").hexdigest()


def _args(request: Request) -> dict[str, str]:
    return {**request.args, **(request.form if request.method == "POST" else {})}


def _app(request: Request) -> str:
    return request.headers.get("x-app-id") or _args(request).get("app_id", "")


def _token(request: Request) -> str:
    return request.headers.get("x-user-auth-token") or _args(request).get("user_auth_token", "")


def _app_id() -> str:
    return str(100_000_000 + randbelow(900_000_000))


def _nothing() -> Response:
    return answers.error(404, "No result matching given argument")


def _restrictions(*codes: str) -> dict[str, Any]:
    return {"restrictions": [{"code": code} for code in codes]}
