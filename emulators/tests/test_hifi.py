"""The emulated hifi-api answers as the protocol has it."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import av
import httpx
import pytest

from cratedig_emulators.catalogue import DEFAULT, Track
from cratedig_emulators.hifi import HifiEmulator, Preview, Recipe
from cratedig_emulators.playing import play

LONG = Track(artist="Mira Oldenburg", title="The Long Way", seconds=60, isrc="QZCD92300001")
PLAYED = {"formats": "FLAC", "manifestType": "HLS", "adaptive": "true", "usage": "PLAYBACK"}


@pytest.fixture
def hifi() -> Iterator[HifiEmulator]:
    with HifiEmulator(catalogue=DEFAULT.plus(LONG)) as service:
        yield service
    assert service.errors == []


@pytest.fixture
def client(hifi: HifiEmulator) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=hifi.base_url, timeout=None) as client:
        yield client


def playlist(client: httpx.Client, url: str) -> list[str]:
    return client.get(url).raise_for_status().text.splitlines()


def test_search_by_words_and_by_isrc(client: httpx.Client) -> None:
    """Tracks, albums and artists are found by words, a track by its ISRC; each nests in its own way."""
    found = client.get("/search/", params={"s": "copper rain"}).json()["data"]["items"]
    assert [(one["title"], one["isrc"]) for one in found] == [("Copper Rain", "QZCD12100002")]
    assert client.get("/search/", params={"i": "QZCD12100002"}).json()["data"]["items"] == found
    albums = client.get("/search/", params={"al": "glasshouse"}).json()["data"]["albums"]["items"]
    assert [one["title"] for one in albums] == ["Glasshouse Songs"]
    artists = client.get("/search/", params={"a": "kettle"}).json()["data"]["artists"]["items"]
    assert [one["name"] for one in artists] == ["Kettle & Moss"]
    tracks = client.get("/album/", params={"id": albums[0]["id"]}).json()["data"]["items"]
    assert [one["item"]["trackNumber"] for one in tracks] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        ("/search/", 400, "Provide one of s, a, al, v, p, or i"),
        ("/search/?s=x&al=y", 400, "Provide one of s, a, al, v, p, or i"),
        ("/info/?id=1", 404, "Upstream API error"),
        ("/nothing/", 404, "Not Found"),
        ("/playback/requests/x", 404, "Playback request not found or expired"),
    ],
)
def test_errors_have_a_detail(client: httpx.Client, path: str, status: int, detail: str) -> None:
    """FastAPI's errors: a text, or a list where a parameter is wrong."""
    answer = client.get(path)
    assert (answer.status_code, answer.json()) == (status, {"detail": detail})
    assert client.get("/track/?id=x").status_code == 422


def test_path_without_its_slash_is_redirected(client: httpx.Client) -> None:
    """307, with the query kept."""
    answer = client.get("/search", params={"s": "x"})
    assert (answer.status_code, answer.headers["location"][-11:]) == (307, "/search/?s=x"[-11:])


def test_native_file_can_be_asked_for_in_parts(hifi: HifiEmulator, client: httpx.Client) -> None:
    """The lossless manifest leads to one signed FLAC file; the signature runs out."""
    answer = client.get("/track/", params={"id": hifi.find("Copper Rain").id, "quality": "LOSSLESS"}).json()
    manifest = json.loads(base64.b64decode(answer["data"]["manifest"]))
    assert (manifest["codecs"], manifest["encryptionType"]) == ("flac", "NONE")
    (url,) = manifest["urls"]
    whole = client.get(url)
    assert play(whole.content).seconds == 16.0
    assert client.get(url, headers={"Range": "bytes=4-7"}).content == whole.content[4:8]
    hifi.cdn.expire()
    assert client.get(url).status_code == 403


def test_playlist_leads_to_segments(hifi: HifiEmulator, client: httpx.Client) -> None:
    """Master, media, initialisation and segments make the whole song in MP4."""
    asked = {"id": str(hifi.find("Copper Rain").id), **PLAYED}
    document = client.get("/trackManifests/", params=asked).json()["data"]["data"]["attributes"]
    master = httpx.URL(document["uri"])
    media = master.join(playlist(client, str(master))[-1])
    lines = playlist(client, str(media))
    init = next(line for line in lines if line.startswith("#EXT-X-MAP")).split('"')[1]
    urls = [init, *(line for line in lines if not line.startswith("#"))]
    data = b"".join(client.get(media.join(url)).raise_for_status().content for url in urls)
    assert len(urls) == 5
    assert play(data).seconds == 16.0


def test_hires_is_an_mpd(hifi: HifiEmulator, client: httpx.Client) -> None:
    """Its first line has the quotes that Tidal's has; bits and rate are beside it."""
    answer = client.get("/track/", params={"id": hifi.find("Copper Rain").id}).json()["data"]
    assert (answer["audioQuality"], answer["bitDepth"], answer["sampleRate"]) == (
        "HI_RES_LOSSLESS",
        24,
        96000,
    )
    assert base64.b64decode(answer["manifest"]).startswith(b"<?xml version='1.0' encoding='UTF-8'?>")


def test_what_is_not_there_is_lowered_or_refused(hifi: HifiEmulator, client: httpx.Client) -> None:
    """A missing tier is silently a lower one, or 401 as Tidal's "asset not ready" arrives."""
    asked: dict[str, Any] = {"id": hifi.find("Copper Rain").id, "quality": "LOSSLESS"}
    hifi.default = Recipe(tiers=("HIGH",))
    assert client.get("/track/", params=asked).json()["data"]["audioQuality"] == "HIGH"
    hifi.default = Recipe(tiers=("HIGH",), downgrades=False)
    assert client.get("/track/", params=asked).status_code == 401


def test_disguised_preview_claims_the_whole_song(hifi: HifiEmulator, client: httpx.Client) -> None:
    """The header says a minute, the audio is half of that."""
    hifi.default = Recipe(preview=Preview.DISGUISED)
    asked: dict[str, Any] = {"id": hifi.find("The Long Way").id, "quality": "LOSSLESS"}
    answer = client.get("/track/", params=asked).json()["data"]
    data = client.get(json.loads(base64.b64decode(answer["manifest"]))["urls"][0]).content
    assert answer["assetPresentation"] == "FULL"
    with av.open(io.BytesIO(data), "r") as container:
        assert float(container.duration or 0) / 1e6 == 60.0
    assert play(data).seconds == 30.0


def test_busy_instance_lets_requests_wait(hifi: HifiEmulator, client: httpx.Client) -> None:
    """202 until its turn comes, then the answer itself; a cancelled one is gone."""
    hifi.busy = 2
    asked: dict[str, Any] = {"id": hifi.find("Copper Rain").id, "quality": "LOSSLESS"}
    first = client.get("/track/", params=asked)
    assert (first.status_code, first.headers["retry-after"], hifi.queue.waiting) == (202, "1", 1)
    address = first.json()["statusUrl"]
    assert [client.get(address).status_code for _ in range(3)] == [202, 200, 404]
    second = client.get("/track/", params=asked).json()["cancelUrl"]
    assert client.delete(second).status_code == 200
    assert client.get(second).status_code == 410


def test_proxy_asks_for_a_login() -> None:
    """The instance wants its login; the CDN wants none."""
    user, password = "collector", f"planted-{uuid4()}"
    with HifiEmulator(login=(user, password)) as service:
        assert httpx.get(service.base_url, timeout=None).status_code == 401
        assert httpx.get(service.base_url, auth=(user, password), timeout=None).json()["version"] == "2.10"
