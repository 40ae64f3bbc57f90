"""The emulated Tidal answers as the sheet says, and the real tidalapi can live with it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest
import requests
from requests.adapters import HTTPAdapter
from tidalapi.exceptions import (
    AuthenticationError,
    StreamNotAvailable,
    TooManyRequests,
    UnknownManifestFormat,
)
from tidalapi.media import Quality, Track
from tidalapi.session import Config, Session

from cratedig_emulators.playing import play
from cratedig_emulators.server import Fault
from cratedig_emulators.tidal import REFUSALS, TidalEmulator
from cratedig_emulators.tidal.streams import EMU


@pytest.fixture(scope="module")
def running() -> Iterator[TidalEmulator]:
    with TidalEmulator() as service:
        yield service


@pytest.fixture
def service(running: TidalEmulator) -> Iterator[TidalEmulator]:
    running.reset()
    running.log.clear()
    yield running
    assert running.errors == []


class ToTheEmulator(HTTPAdapter):
    """Sends what tidalapi means for its login server, an address that it does not let be configured."""

    def __init__(self, service: TidalEmulator) -> None:
        super().__init__()
        self._service = service

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        request.url = str(request.url).replace("https://auth.tidal.com", f"{self._service.base_url}/auth")
        request.headers["Host"] = f"127.0.0.1:{self._service.port}"
        return super().send(request, *args, **options)


def session_at(service: TidalEmulator) -> Session:
    config = Config(quality=Quality.high_lossless)
    config.api_v1_location = f"{service.base_url}/v1/"
    config.openapi_v2_location = f"{service.base_url}/openapi/v2/"
    config.api_oauth2_token = f"{service.base_url}/auth/v1/oauth2/token"
    session = Session(config)
    session.request_session.mount("https://auth.tidal.com/", ToTheEmulator(service))
    return session


@pytest.fixture
def session(service: TidalEmulator) -> Session:
    """Tidalapi's session, logged in."""
    logged_in = session_at(service)
    tokens = service.login()
    assert logged_in.load_oauth_session("Bearer", tokens.access, tokens.refresh)
    return logged_in


def stream_of(session: Session, service: TidalEmulator, title: str = "Copper Rain") -> Any:
    return session.track(service.id_of(title)).get_stream()


@pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")
def test_tidalapi_goes_through_the_device_login(service: TidalEmulator) -> None:
    """Link, polls that are pending, tokens, session and user: all as the library wants them."""
    service.accounts.pending = 2
    session = session_at(service)
    assert session.process_link_login(session.get_link_login())
    assert session.check_login()
    polls = service.log.all("/auth/v1/oauth2/token")
    assert [seen.status for seen in polls] == [400, 400, 200]


@pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")
def test_tidalapi_renews_an_expired_login_and_no_other(service: TidalEmulator, session: Session) -> None:
    """An expired token is renewed and the call replayed; a revoked login is refused for good."""
    service.accounts.expire()
    assert session.search("copper", models=[Track])["tracks"][0].name == "Copper Rain"
    assert service.accounts.refreshes == 1
    service.accounts.revoke()
    with pytest.raises(AuthenticationError):
        session.token_refresh("gone")


def test_tidalapi_reads_the_catalogue(service: TidalEmulator, session: Session) -> None:
    """Search, track, album and look-up by ISRC have every field that the library's models need."""
    track: Any = session.search("copper rain", models=[Track])["tracks"][0]
    assert (track.name, track.artist.name, track.isrc) == (
        "Copper Rain",
        "The Brass Lanterns",
        "QZCD12100002",
    )
    album = session.album(track.album.id)
    assert [one.name for one in album.tracks()][:2] == ["Slow Tram Home", "Copper Rain"]
    assert [one.id for one in session.get_tracks_by_isrc("QZCD12100002")] == [track.id]


def test_tidalapi_reads_both_manifests(service: TidalEmulator, session: Session) -> None:
    """One file for CD quality, segments for high resolution; both lead to audio."""
    one = stream_of(session, service).get_stream_manifest()
    assert (one.file_extension, len(one.urls)) == (".flac", 1)
    session.audio_quality = Quality.hi_res_lossless
    several = stream_of(session, service)
    assert (several.bit_depth, several.sample_rate) == (24, 96000)
    assert several.get_stream_manifest().urls[3].partition("?")[0].endswith("/3.mp4")


@pytest.mark.parametrize(("timeline", "too_many"), [("runs", 0), ("single", 1), ("several", -1)])
def test_tidalapi_miscounts_some_timelines(
    service: TidalEmulator, session: Session, timeline: str, too_many: int
) -> None:
    """The shapes of timelines are those that the library counts right, one too many and one too few."""
    service.script(service.id_of("Copper Rain"), timeline=timeline)
    session.audio_quality = Quality.hi_res_lossless
    stream = stream_of(session, service)
    template = ET.fromstring(base64.b64decode(stream.manifest)).iterfind(".//{*}S")
    true = 1 + sum(1 + int(entry.get("r", "0")) for entry in template)
    assert len(stream.get_stream_manifest().urls) - true == too_many


def test_tidalapi_takes_a_preview_for_the_song(service: TidalEmulator, session: Session) -> None:
    """The answer says PREVIEW and the library FULL, which is what a source has to know."""
    service.script(service.id_of("Copper Rain"), presentation="PREVIEW", seconds=8)
    assert stream_of(session, service).asset_presentation == "FULL"
    raw = session.request.request(
        "GET",
        f"tracks/{service.id_of('Copper Rain')}/playbackinfopostpaywall",
        params={"audioquality": "LOW"},
    )
    assert raw.json()["assetPresentation"] == "PREVIEW"


def test_tidalapi_raises_what_the_sheet_says(service: TidalEmulator, session: Session) -> None:
    """404, 429, other kinds of manifest and pages come out of the library as they do at the real service."""
    track = session.track(service.id_of("Copper Rain"))
    service.script(service.id_of("Copper Rain"), refusals={"": REFUSALS["gone"]})
    with pytest.raises(StreamNotAvailable):
        track.get_stream()
    service.script(service.id_of("Copper Rain"), refusals={}, mimes={"LOSSLESS": EMU})
    with pytest.raises(UnknownManifestFormat):
        track.get_stream().get_stream_manifest()
    service.fault("/v1/tracks/*", Fault(status=429, retry_after=7, times=1))
    with pytest.raises(TooManyRequests) as slow:
        track.get_stream()
    assert slow.value.retry_after == 7
    service.fault("/v1/tracks/*", Fault(html=True, status=502, times=1))
    with pytest.raises(requests.exceptions.JSONDecodeError):
        track.get_stream()


@pytest.fixture
def client(service: TidalEmulator) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {service.login().access}"}
    with httpx.Client(
        base_url=service.base_url, headers=headers, params={"countryCode": "DE"}, timeout=None
    ) as one:
        yield one


def playback(client: httpx.Client, service: TidalEmulator, tier: str, title: str = "Copper Rain") -> Any:
    path = f"/v1/tracks/{service.id_of(title)}/playbackinfopostpaywall"
    return client.get(path, params={"countryCode": "DE", "audioquality": tier}).json()


@pytest.mark.parametrize(
    ("tier", "codec", "rate"), [("LOW", "aac", 44100), ("HIGH", "aac", 44100), ("LOSSLESS", "flac", 44100)]
)
def test_single_files_play(
    client: httpx.Client, service: TidalEmulator, tier: str, codec: str, rate: int
) -> None:
    """The link of a manifest leads to real audio, in ranges where they are asked for."""
    manifest = json.loads(base64.b64decode(playback(client, service, tier)["manifest"]))
    assert manifest["encryptionType"] == "NONE"
    data = httpx.get(manifest["urls"][0], timeout=None).content
    part = httpx.get(manifest["urls"][0], headers={"Range": "bytes=100-"}, timeout=None)
    assert (part.status_code, part.content) == (206, data[100:])
    assert_plays(data, codec, rate)


def test_segments_play(client: httpx.Client, service: TidalEmulator) -> None:
    """All segments of a manifest, one after the other, are a file of the whole song."""
    text = base64.b64decode(playback(client, service, "HI_RES_LOSSLESS")["manifest"]).decode()
    template = ET.fromstring(text).find(".//{*}SegmentTemplate")
    assert template is not None
    count = sum(1 + int(entry.get("r", "0")) for entry in template.iterfind(".//{*}S"))
    media = [template.attrib["media"].replace("$Number$", str(number)) for number in range(1, count + 1)]
    assert_plays(
        b"".join(httpx.get(url, timeout=None).content for url in (template.attrib["initialization"], *media)),
        "flac",
        96000,
    )
    beyond = template.attrib["media"].replace("$Number$", str(count + 1))
    assert httpx.get(beyond, timeout=None).status_code == 404


def assert_plays(data: bytes, codec: str, rate: int) -> None:
    heard = play(data)
    assert (heard.codec, heard.sample_rate) == (codec, rate)
    assert heard.seconds == pytest.approx(16, abs=0.2)


def test_more_than_there_is_becomes_less(client: httpx.Client, service: TidalEmulator) -> None:
    """Who asks for high resolution where there is none gets CD quality with status 200."""
    assert playback(client, service, "HI_RES_LOSSLESS", "Nowhere, Part One")["audioQuality"] == "LOSSLESS"


def test_links_are_signed_and_get_old(client: httpx.Client, service: TidalEmulator) -> None:
    """Without a signature, and when it is too old, the network answers in XML."""
    url = json.loads(base64.b64decode(playback(client, service, "LOSSLESS")["manifest"]))["urls"][0]
    assert httpx.get(url.partition("?")[0], timeout=None).status_code == 403
    service.cdn.expire_links()
    answer = httpx.get(url, timeout=None)
    assert (answer.status_code, answer.headers["content-type"]) == (403, "application/xml")


def test_token_for_the_network_is_noticed(client: httpx.Client, service: TidalEmulator) -> None:
    """A client that sends its token to where the bytes are is found out."""
    url = json.loads(base64.b64decode(playback(client, service, "LOSSLESS")["manifest"]))["urls"][0]
    httpx.get(url, headers={"Authorization": "Bearer x"}, timeout=None)
    assert "token was sent" in str(service.errors.pop())


@pytest.mark.parametrize(
    ("token", "message"), [("", "Missing authorization header"), ("Bearer nobody", "could not be verified")]
)
def test_requests_without_a_login_are_refused(service: TidalEmulator, token: str, message: str) -> None:
    """No token and a wrong token are two refusals."""
    answer = httpx.get(
        f"{service.base_url}/v1/sessions", headers={"Authorization": token} if token else {}, timeout=None
    )
    assert (answer.status_code, message in answer.json()["userMessage"]) == (401, True)


def test_every_start_has_secrets_of_its_own() -> None:
    """Nothing secret is a constant."""
    one, other = TidalEmulator(), TidalEmulator()
    assert not {one.login().access, one.accounts.session_id} & {
        other.login().access,
        other.accounts.session_id,
    }
    assert re.fullmatch(r"access-[0-9a-f-]{36}", one.login().access)
