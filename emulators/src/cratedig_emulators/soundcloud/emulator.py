"""SoundCloud behind a proxy on 127.0.0.1, for the real yt-dlp."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from attrs import evolve

from cratedig_emulators.audio import FORMATS
from cratedig_emulators.catalogue import DEFAULT, Catalogue
from cratedig_emulators.server import (
    Request,
    Response,
    file_response,
    html_response,
    json_response,
    route,
)
from cratedig_emulators.soundcloud import answers
from cratedig_emulators.soundcloud.media import STREAMS, media, original, playlist, segments
from cratedig_emulators.soundcloud.sounds import Playlist, Policy, Sound, of_catalogue
from cratedig_emulators.tunnel import ProxiedService

_SITE, _SCRIPTS, _API, _LOGIN = (
    "soundcloud.com",
    "a-v2.sndcdn.com",
    "api-v2.soundcloud.com",
    "api-auth.soundcloud.com",
)
_FILES, _PREVIEWS = "cf-media.sndcdn.com", "cf-preview-media.sndcdn.com"
_HLS, _AAC = "cf-hls-media.sndcdn.com", "playback.media-streaming.soundcloud.cloud"


class SoundCloudEmulator(ProxiedService):
    """``with SoundCloudEmulator() as sc:`` and give ``sc.proxy_url`` as the proxy, without verifying TLS.

    ``client_id`` and ``oauth_token`` are made at start; ``subscriber`` says whether that account has Go+.
    Logins end by :meth:`expire_login`, signed addresses by :meth:`end_addresses`, the client id by
    :meth:`rotate`. ``strays`` lists what was asked for and is not emulated.
    """

    name: ClassVar[str] = "soundcloud"

    def __init__(self, sounds: Iterable[Sound] | None = None, *, catalogue: Catalogue = DEFAULT) -> None:
        super().__init__()
        uploads = of_catalogue(catalogue) if sounds is None else sounds
        self.sounds = {sound.id: sound for sound in uploads}
        self.playlists: dict[str, Playlist] = {}
        self.client_id = uuid4().hex
        self.oauth_token = f"planted-{uuid4()}"
        self.subscriber = True
        self.signatures: dict[str, bool] = {}
        self._ended: set[str] = set()

    def plant(self, sound: Sound) -> Sound:
        """Upload ``sound``, in the place of the one with its id if there is one."""
        self.sounds[sound.id] = sound
        return sound

    def change(self, sound_id: int, **changes: Any) -> Sound:
        """Change something about a sound that is there, its ``policy`` say."""
        return self.plant(evolve(self.sounds[sound_id], **changes))

    def gather(self, one: Playlist) -> Playlist:
        """Make a set."""
        self.playlists[one.permalink] = one
        return one

    def sound(self, title: str) -> Sound:
        """Give the first upload whose recording has that title."""
        return next(one for one in self.sounds.values() if one.track.title == title)

    def rotate(self) -> None:
        """Take another client id from now on."""
        self.client_id = uuid4().hex

    def expire_login(self) -> None:
        """Take another OAuth token from now on."""
        self.oauth_token = f"planted-{uuid4()}"

    def end_addresses(self) -> None:
        """Refuse every media address that was handed out so far."""
        self._ended |= set(self.signatures)

    @route("/", host=_SITE)
    def front(self, _request: Request) -> Response:
        """Serve the page that names the scripts."""
        return html_response(answers.PAGE)

    @route("/assets/{name}.js", host=_SCRIPTS)
    def script(self, request: Request) -> Response:
        """Serve a script; one of them has the client id."""
        text = answers.script(self.client_id) if request.params["name"] == "0-app" else "var vendor=1;"
        return Response(body=text.encode(), content_type="text/javascript")

    @route("/connect/session", methods=("POST",), host=_LOGIN)
    def session(self, request: Request) -> Response:
        """Say whether an OAuth token is good."""
        sent: Any = request.json()
        token = sent.get("session", {}).get("access_token") if isinstance(sent, dict) else None
        return json_response({"session": {}}) if token == self.oauth_token else json_response({}, 401)

    @route("/search/tracks", host=_API)
    def search(self, request: Request) -> Response:
        """Find uploads that have every word of the query."""
        if refused := self._refusal(request):
            return refused
        args = request.args
        words = args.get("q", "").casefold().split()
        found = [
            self._described(sound, request)
            for sound in self.sounds.values()
            if not sound.secret and words and all(word in sound.words for word in words)
        ]
        address = f"https://{_API}/search/tracks?q={args.get('q', '')}"
        return json_response(
            answers.page_of(found, int(args.get("offset") or 0), int(args.get("limit") or 10), address)
        )

    @route("/resolve", host=_API)
    def resolve(self, request: Request) -> Response:
        """Describe what a public address, or a private share, stands for."""
        if refused := self._refusal(request):
            return refused
        address = urlsplit(request.args.get("url", ""))._replace(query="", fragment="").geturl()
        if (one := self.playlists.get(address)) is not None:
            members = [self._described(self.sounds[member], request) for member in one.sounds]
            return json_response(answers.playlist(one, members))
        for sound in self.sounds.values():
            if address in {sound.permalink, f"{sound.permalink}/{sound.secret}"}:
                return self._told(sound, address.removeprefix(f"{sound.permalink}/"), request)
        return json_response({}, 404)

    @route("/tracks/{id}", host=_API)
    def track(self, request: Request) -> Response:
        """Describe an upload."""
        if refused := self._refusal(request):
            return refused
        sound = self._numbered(request.params["id"].rpartition(":")[2])
        return self._told(sound, request.args.get("secret_token", ""), request)

    @route("/tracks", host=_API)
    def tracks(self, request: Request) -> Response:
        """Describe several uploads."""
        if refused := self._refusal(request):
            return refused
        found = map(self._numbered, request.args.get("ids", "").split(","))
        return json_response([self._described(sound, request) for sound in found if sound])

    @route("/tracks/{id}/download", host=_API)
    def download(self, request: Request) -> Response:
        """Hand out the address of the original file, to registered users only."""
        sound = self._numbered(request.params["id"])
        if not self._logged_in(request):
            return json_response({}, 401)
        if sound is None or not sound.original:
            return json_response({}, 403)
        name = f"{sound.id}.{FORMATS[sound.original].extension}"
        return json_response({"redirectUri": f"https://{_FILES}/original/{name}?{self._sign(preview=False)}"})

    @route("/media/{urn}/{key}/{share}/{protocol}", host=_API)
    def transcoding(self, request: Request) -> Response:
        """Hand out the signed address of one transcoding."""
        if refused := self._refusal(request):
            return refused
        sound, key = self._numbered(request.params["urn"].rpartition(":")[2]), request.params["key"]
        if sound is None or key not in sound.streams:
            return json_response({}, 404)
        return json_response({"url": self._address(sound, key, preview=self._preview(sound, request))})

    @route("/{name}", host="i1.sndcdn.com")
    def artwork(self, _request: Request) -> Response:
        """Show a picture of nothing."""
        return Response(body=b"\xff\xd8\xff\xd9", content_type="image/jpeg")

    @route("/progressive/{id}/{name}", host=_FILES)
    @route("/progressive/{id}/{name}", host=_PREVIEWS)
    @route("/preview/0/30/{id}/{name}", host=_PREVIEWS)
    def file(self, request: Request) -> Response:
        """Serve a whole file."""
        if (served := self._served(request)) is None:
            return Response(status=403)
        sound, key, preview = served
        return file_response(media(sound, key, preview=preview), STREAMS[key].mime.partition(";")[0])

    @route("/original/{id}.{rest}", host=_FILES)
    def uploaded(self, request: Request) -> Response:
        """Serve the file that was uploaded."""
        sound = self._numbered(request.params["id"])
        if sound is None or self._signature(request) is None:
            return Response(status=403)
        return file_response(original(sound), FORMATS[sound.original].content_type)

    @route("/{share:path}/{id}/{name}/playlist.m3u8", host=_HLS)
    @route("/{share:path}/{id}/{name}/playlist.m3u8", host=_AAC)
    def hls(self, request: Request) -> Response:
        """Serve a media playlist, with absolute addresses as the service writes them."""
        if (served := self._served(request)) is None:
            return Response(status=403)
        sound, key, preview = served
        base = f"https://{request.host}/segments/{sound.id}/{request.params['name']}"
        text = playlist(sound, key, base, request.query, preview=preview)
        return Response(body=text.encode(), content_type="application/vnd.apple.mpegurl")

    @route("/segments/{id}/{name}/{position}.{ending}", host=_HLS)
    @route("/segments/{id}/{name}/{position}.{ending}", host=_AAC)
    def segment(self, request: Request) -> Response:
        """Serve one segment."""
        if (served := self._served(request)) is None:
            return Response(status=403)
        sound, key, preview = served
        position = request.params["position"]
        pieces = segments(sound, key, preview=preview)
        piece = pieces[0 if position == "init" else int(position)]
        return file_response(piece, STREAMS[key].mime.partition(";")[0])

    def _refusal(self, request: Request) -> Response | None:
        """401 for a client id, or a token, that is not or no longer known."""
        token = request.headers.get("authorization")
        known = token is None or self._logged_in(request)
        if known and request.args.get("client_id") == self.client_id:
            return None
        return json_response({}, 401)

    def _logged_in(self, request: Request) -> bool:
        return request.headers.get("authorization") == f"OAuth {self.oauth_token}"

    def _numbered(self, text: str) -> Sound | None:
        return self.sounds.get(int(text)) if text.isdecimal() else None

    def _preview(self, sound: Sound, request: Request) -> bool:
        entitled = self.subscriber and self._logged_in(request)
        return sound.policy is Policy.SNIP and not entitled

    def _described(self, sound: Sound, request: Request) -> dict[str, Any]:
        subscriber = self.subscriber and self._logged_in(request)
        return answers.track(sound, preview=self._preview(sound, request), subscriber=subscriber)

    def _told(self, sound: Sound | None, secret: str, request: Request) -> Response:
        if sound is None or (sound.secret and secret != sound.secret):
            return json_response({}, 404)
        return json_response(self._described(sound, request))

    def _sign(self, *, preview: bool) -> str:
        signature = uuid4().hex
        self.signatures[signature] = preview
        return f"Policy=emulated&Signature={signature}&Key-Pair-Id=EMULATED"

    def _signature(self, request: Request) -> str | None:
        """The signature of an address that was handed out and has not ended."""
        signature = parse_qs(request.query).get("Signature", [""])[0]
        good = signature in self.signatures and signature not in self._ended
        return signature if good else None

    def _address(self, sound: Sound, key: str, *, preview: bool) -> str:
        stream, query = STREAMS[key], self._sign(preview=preview)
        name = f"{sound.id}/{key}.{stream.rate}.{stream.extension}"
        marked = preview and not sound.unmarked
        if stream.protocol == "progressive":
            share = "preview/0/30" if marked else "progressive"
            return f"https://{_PREVIEWS if preview else _FILES}/{share}/{name}?{query}"
        host = _AAC if stream.codec == "aac" else _HLS
        return f"https://{host}/playlist{'/0/30' if marked else ''}/{name}/playlist.m3u8?{query}"

    def _served(self, request: Request) -> tuple[Sound, str, bool] | None:
        """What a signed address stands for: the upload, its stream, and whether it is a preview."""
        sound, signature = self._numbered(request.params["id"]), self._signature(request)
        key = request.params["name"].partition(".")[0]
        if sound is None or key not in sound.streams or signature is None:
            return None
        return sound, key, self.signatures[signature]
