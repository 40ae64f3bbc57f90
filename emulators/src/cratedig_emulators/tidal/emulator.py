"""Tidal over HTTP: login, the API's first version, the open API's look-up, and where the bytes come from."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from typing import Any, Self
from urllib.parse import unquote
from uuid import uuid4

from attrs import evolve

from cratedig_emulators.catalogue import DEFAULT, Catalogue
from cratedig_emulators.messages import Request, Response, file_response, json_response
from cratedig_emulators.routing import route
from cratedig_emulators.server import Service
from cratedig_emulators.tidal import streams
from cratedig_emulators.tidal.accounts import Accounts, Tokens
from cratedig_emulators.tidal.refusals import REFUSALS
from cratedig_emulators.tidal.shelf import Shelf
from cratedig_emulators.tidal.streams import TIERS, Script

_DENIED = b'<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Access denied</Message></Error>'
_LINK_LIFETIME = 3600
_ANY_COUNTRY = ("/v1/sessions", "/v1/users/")


class TidalEmulator(Service):
    """The service on 127.0.0.1; its bytes come from a second address.

    ``accounts`` logs in and out, :meth:`script` makes a track behave otherwise. The first album exists in
    high resolution, the others do not.
    """

    name = "tidal"

    def __init__(self, *, catalogue: Catalogue = DEFAULT) -> None:
        super().__init__()
        self.accounts = Accounts()
        self.scripts: dict[str, Script] = {}
        self.shelf = Shelf(catalogue)
        self.cdn = TidalCdn(self)
        self.companions.append(self.cdn)
        self.reset()

    def reset(self) -> None:
        """Take back every script and misfortune."""
        self.heal()
        self.scripts = {}
        for track_id in self.shelf.tracks_of(next(iter(self.shelf.albums))):
            self.script(
                track_id,
                best="HI_RES_LOSSLESS",
                catalogue={"mediaMetadata": {"tags": ["LOSSLESS", "HIRES_LOSSLESS"]}},
            )
        self.accounts.reset()

    def addresses(self) -> dict[str, str]:
        """Return where login, API and open API are."""
        return {
            "auth_base": f"{self.base_url}/auth/v1/oauth2",
            "api_base": f"{self.base_url}/v1",
            "openapi_base": f"{self.base_url}/openapi/v2",
        }

    def login(self, *, expired: bool = False) -> Tokens:
        """Log in without the long way."""
        return self.accounts.login(expired=expired)

    def id_of(self, title: str) -> str:
        """Return the id of the track of that title."""
        return self.shelf.id_of(title)

    def script(self, track_id: str, **changes: Any) -> None:
        """Make a track behave otherwise from now on; see :class:`Script`."""
        self.scripts[track_id] = evolve(self.scripts.get(track_id, Script()), **changes)

    def script_of(self, track_id: str) -> Script:
        """Return how a track behaves."""
        return self.scripts.get(track_id, Script())

    def prepare(self) -> Self:
        """Make all audio now and not when it is first asked for."""
        for track_id, track in self.shelf.tracks.items():
            script = self.script_of(track_id)
            for tier in TIERS[: TIERS.index(script.best) + 1]:
                streams.file_of(track, tier, script)
        return self

    def dispatch(self, request: Request) -> Response:
        """Answer, and take note of what was meant for another machine."""
        if request.host.partition(":")[0] not in {"127.0.0.1", "localhost"}:
            self.errors.append(AssertionError(f"a request for {request.host}"))
        return super().dispatch(request)

    # -- login -------------------------------------------------------------------------------------------

    @route("/auth/v1/oauth2/device_authorization", methods=("POST",))
    def device_authorization(self, request: Request) -> Response:
        """Begin a device login."""
        return self.accounts.device(request)

    @route("/auth/v1/oauth2/token", methods=("POST",))
    def token(self, request: Request) -> Response:
        """Hand out tokens."""
        return self.accounts.token(request)

    @route("/v1/sessions")
    def sessions(self, request: Request) -> Response:
        """Say whose session it is."""
        account = self.accounts
        told = {"sessionId": account.session_id, "userId": account.user_id, "countryCode": "DE"}
        return self._guarded(request, lambda: json_response(told))

    @route("/v1/users/{user}")
    def user(self, request: Request) -> Response:
        """Say who it is."""
        told = {
            "id": self.accounts.user_id,
            "username": "collector@example.org",
            "firstName": "Collector",
            "lastName": None,
            "email": "collector@example.org",
            "picture": None,
        }
        return self._guarded(request, lambda: json_response(told))

    @route("/v1/users/{user}/subscription")
    def subscription(self, request: Request) -> Response:
        """Say what is paid for."""
        told = {
            "subscription": {"type": "HIFI"},
            "highestSoundQuality": "HI_RES_LOSSLESS",
            "status": "ACTIVE",
        }
        return self._guarded(request, lambda: json_response(told))

    # -- catalogue ---------------------------------------------------------------------------------------

    @route("/v1/search")
    def search(self, request: Request) -> Response:
        """Find tracks and albums; every kind is answered, whatever was asked for."""
        return self._guarded(request, lambda: json_response(self._found(request.args)))

    @route("/v1/tracks/{track}")
    def track(self, request: Request) -> Response:
        """Tell one track."""
        return self._guarded(request, lambda: self._of_track(request, self._track_answer))

    @route("/v1/albums/{album}")
    def album(self, request: Request) -> Response:
        """Tell one album."""
        album_id = request.params["album"]
        there = album_id in self.shelf.albums
        return self._guarded(
            request, lambda: json_response(self.shelf.album(album_id)) if there else REFUSALS["gone"].answer()
        )

    @route("/v1/albums/{album}/tracks")
    def album_tracks(self, request: Request) -> Response:
        """Tell an album's tracks."""
        ids = self.shelf.tracks_of(request.params["album"])
        page = {"limit": 100, "offset": 0, "totalNumberOfItems": len(ids)}
        return self._guarded(
            request, lambda: json_response({**page, "items": [self._told(one) for one in ids]})
        )

    @route("/openapi/v2/tracks")
    def by_isrc(self, request: Request) -> Response:
        """Find recordings by their code; errors are written another way than elsewhere."""
        refusal = self.accounts.refusal(request)
        if refusal is not None:
            return refusal.answer_v2()
        found = self.shelf.by_isrc(request.args.get("filter[isrc]", ""))
        return json_response({"data": [{"id": one, "type": "tracks"} for one in found], "links": {}})

    # -- playback ----------------------------------------------------------------------------------------

    @route("/v1/tracks/{track}/playbackinfopostpaywall")
    def playback(self, request: Request) -> Response:
        """Say where the bytes are."""
        return self._guarded(request, lambda: self._of_track(request, self._playback))

    def _guarded(self, request: Request, answer: Callable[[], Response]) -> Response:
        refusal = self.accounts.refusal(request)
        if refusal is not None:
            return refusal.answer()
        if not request.path.startswith(_ANY_COUNTRY) and not request.args.get("countryCode"):
            return REFUSALS["no_country"].answer()
        return answer()

    def _of_track(self, request: Request, answer: Callable[[Request, str], Response]) -> Response:
        track_id = request.params["track"]
        return answer(request, track_id) if track_id in self.shelf.tracks else REFUSALS["gone"].answer()

    def _track_answer(self, _request: Request, track_id: str) -> Response:
        return json_response(self._told(track_id))

    def _told(self, track_id: str) -> dict[str, Any]:
        return self.shelf.track(track_id, self.script_of(track_id).catalogue)

    def _found(self, args: dict[str, str]) -> dict[str, Any]:
        start, limit = int(args.get("offset") or 0), int(args.get("limit") or 50)
        ids = self.shelf.search(args.get("query", ""))
        page = {"limit": limit, "offset": start}
        tracks = [self._told(one) for one in ids[start : start + limit]]
        nothing = {**page, "totalNumberOfItems": 0, "items": []}
        return {
            **dict.fromkeys(("artists", "albums", "videos", "playlists"), nothing),
            "tracks": {**page, "totalNumberOfItems": len(ids), "items": tracks},
            "topHit": {"type": "TRACKS", "value": tracks[0]} if tracks else None,
        }

    def _playback(self, request: Request, track_id: str) -> Response:
        script = self.script_of(track_id)
        asked = request.args.get("audioquality", "HIGH")
        tier = script.tier_for(asked)
        refusal = script.refusal(asked)
        if refusal is not None:
            return refusal.answer()
        return json_response(
            {
                "trackId": int(track_id),
                "assetPresentation": script.presentation,
                "audioMode": "STEREO",
                "audioQuality": tier,
                "manifestMimeType": script.mime(tier),
                "manifestHash": uuid4().hex,
                "manifest": script.manifest
                if script.manifest is not None
                else self._manifest(track_id, tier),
                "albumReplayGain": -9.9,
                "albumPeakAmplitude": 0.98,
                "trackReplayGain": -9.0,
                "trackPeakAmplitude": 0.99,
                **streams.details(tier),
                **script.answer,
            }
        )

    def _manifest(self, track_id: str, tier: str) -> str:
        script, track = self.script_of(track_id), self.shelf.tracks[track_id]
        home, link = f"{self.cdn.base_url}/mediatracks/{track_id}/{tier}", self.cdn.new_link()
        if script.mime(tier) == streams.DASH:
            audio = streams.segments_of(track, tier, script)
            return streams.dash(tier, script, audio, f"{home}/init.mp4?{link}", f"{home}/$Number$.mp4?{link}")
        if script.mime(tier) == streams.BTS:
            return streams.bts(tier, script, f"{home}/0.{streams.extension(tier)}?{link}")
        return base64.b64encode(b"\0\1\2").decode()


class TidalCdn(Service):
    """The network that has the bytes. It takes signed links, and nobody's token."""

    name = "tidal-cdn"

    def __init__(self, service: TidalEmulator) -> None:
        super().__init__(parent=service)
        self._service = service
        self._links: dict[str, float] = {}

    def new_link(self) -> str:
        """Return the query that opens a file for an hour."""
        signature = f"link-{uuid4()}"
        self._service.accounts.secrets.append(signature)
        ends = int(time.time()) + _LINK_LIFETIME
        self._links[f"{ends}~{signature}"] = ends
        return f"token={ends}~{signature}"

    def expire_links(self) -> None:
        """Let every link that was handed out be too old."""
        self._links.clear()

    @route("/mediatracks/{track}/{tier}/{name}")
    def file(self, request: Request) -> Response:
        """Answer with bytes, or with XML to who may not have them."""
        if "authorization" in request.headers:
            self.errors.append(AssertionError("a token was sent to where the bytes are"))
        if unquote(request.args.get("token", "")) not in self._links:
            return Response(status=403, body=_DENIED, content_type="application/xml")
        data = self._data(request)
        return Response(status=404) if data is None else file_response(data, "audio/mp4")

    def _data(self, request: Request) -> bytes | None:
        track_id, tier = request.params["track"], request.params["tier"]
        script, track = self._service.script_of(track_id), self._service.shelf.tracks[track_id]
        if script.mime(tier) != streams.DASH:
            return streams.file_of(track, tier, script)
        audio, number = streams.segments_of(track, tier, script), request.params["name"].removesuffix(".mp4")
        if number == "init":
            return audio.init
        at = int(number) - script.start_number
        return audio.parts[at] if 0 <= at < len(audio.parts) else None
