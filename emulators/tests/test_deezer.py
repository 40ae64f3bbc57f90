"""The emulated Deezer answers as the protocol has it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from cratedig_emulators.catalogue import Track
from cratedig_emulators.deezer import DeezerEmulator, encrypt

SHORT = Track(artist="Zed Quill", title="Short", album="Shorts", isrc="QZZQ12400001", seconds=2)
ALL = ("FLAC", "MP3_320", "MP3_128")


@pytest.fixture
def deezer() -> Iterator[DeezerEmulator]:
    with DeezerEmulator() as service:
        service.plant(SHORT)
        yield service
    assert service.errors == []


class Client:
    """A browser that has logged in: it keeps its cookies."""

    def __init__(self, deezer: DeezerEmulator, http: httpx.Client) -> None:
        self.deezer = deezer
        self.http = http
        self.token = "null"
        self.license = ""

    def ask(self, method: str, **arguments: Any) -> Any:
        args = {"method": method, "api_version": "1.0", "api_token": self.token, "input": "3"}
        answer = self.http.post("/ajax/gw-light.php", params=args, json=arguments)
        assert answer.status_code == 200
        return answer.json()

    def log_in(self) -> Any:
        self.token = "null"
        results = self.ask("deezer.getUserData")["results"]
        self.token, self.license = results["checkForm"], results["USER"]["OPTIONS"]["license_token"]
        return results

    def song(self, number: int) -> Any:
        return self.ask("song.getData", SNG_ID=str(number))

    def media(self, *tokens: str, formats: tuple[str, ...] = ALL) -> httpx.Response:
        wished = [{"cipher": "BF_CBC_STRIPE", "format": name} for name in formats]
        wish = {"license_token": self.license, "media": [{"type": "FULL", "formats": wished}]}
        return self.http.post("/v1/get_url", json={**wish, "track_tokens": list(tokens)})


@pytest.fixture
def client(deezer: DeezerEmulator) -> Iterator[Client]:
    with httpx.Client(base_url=deezer.base_url, trust_env=False, timeout=None) as http:
        http.cookies.set("arl", deezer.account.arl)
        yield Client(deezer, http)


def test_nobody_is_user_zero(client: Client) -> None:
    """A wrong ARL is answered with status 200, no error, user 0 and a licence that is good for nothing."""
    client.http.cookies.set("arl", "planted")
    results = client.log_in()
    assert results["USER"]["USER_ID"] == 0
    assert client.media("x").status_code == 403
    assert client.song(1)["error"] == {"NEED_USER_AUTH_REQUIRED": ""}


def test_token_belongs_to_a_session(client: Client) -> None:
    """Without the cookie, with another token or after an expiry, the token is refused."""
    assert client.log_in()["USER"]["USER_ID"]
    number = client.deezer.song("Short").number
    assert client.song(number)["error"] == []
    stale = {"VALID_TOKEN_REQUIRED": "Invalid CSRF token"}
    client.deezer.sessions.end_sessions()
    assert client.song(number)["error"] == stale
    client.log_in()
    client.http.cookies.delete("sid")
    assert client.song(number)["error"] == stale


def test_types_wobble(client: Client) -> None:
    """Numbers and sizes come as numbers and as text, in one answer, and from song to song."""
    client.log_in()
    songs = [client.song(song.number)["results"] for song in list(client.deezer.songs.values())[-3:]]
    songs += client.http.get("/search", params={"q": "brass lanterns"}).json()["data"]
    kinds = {type(song.get("SNG_ID", song.get("id"))) for song in songs}
    assert kinds == {str, int}
    assert {type(songs[0][f"FILESIZE_{name}"]) for name in ALL} == {str, int}


@pytest.mark.parametrize("name", ALL)
def test_bytes_of_each_format(client: Client, name: str) -> None:
    """The address leads to another port; the size is exact, ranges work, and the stripe is over the audio."""
    client.log_in()
    song = client.deezer.song("Short")
    data = client.song(song.number)["results"]
    (media,) = client.media(data["TRACK_TOKEN"], formats=(name,)).json()["data"][0]["media"]
    assert (media["format"], media["cipher"]["type"], media["media_type"]) == (name, "BF_CBC_STRIPE", "FULL")
    first, second = (source["url"] for source in media["sources"])
    assert len({urlsplit(url).port for url in (first, second, client.deezer.base_url)}) == 3
    body = httpx.get(first, trust_env=False, timeout=None).content
    assert len(body) == int(data[f"FILESIZE_{name}"])
    assert body == httpx.get(second, trust_env=False, timeout=None).content
    assert body == encrypt(song.audio(name), song.number, client.deezer.stripe_secret) != song.audio(name)
    part = httpx.get(first, headers={"Range": "bytes=6144-"}, trust_env=False, timeout=None)
    assert (part.status_code, part.content) == (206, body[6144:])


def test_addresses_are_signed(client: Client) -> None:
    """Without its signature, with another one, or once ended, an address is refused; others are 404."""
    client.log_in()
    token = client.song(client.deezer.song("Short").number)["results"]["TRACK_TOKEN"]
    url = client.media(token).json()["data"][0]["media"][0]["sources"][0]["url"]
    assert httpx.head(url, trust_env=False).status_code == 200
    assert httpx.get(url.partition("?")[0], trust_env=False, timeout=None).status_code == 403
    assert httpx.get(f"{url}x", trust_env=False, timeout=None).status_code == 403
    client.deezer.end_addresses()
    assert httpx.get(url, trust_env=False, timeout=None).status_code == 403
    assert (
        httpx.get(f"{client.deezer.cdn.base_url}/media/x", trust_env=False, timeout=None).status_code == 404
    )


def test_entitlement(client: Client) -> None:
    """The best format that is granted comes; none at all is a 403 with code 1002, as is an old licence."""
    client.deezer.account.lossless = False
    options = client.log_in()["USER"]["OPTIONS"]
    assert (options["web_lossless"], options["web_hq"]) == (False, True)
    token = client.song(client.deezer.song("Short").number)["results"]["TRACK_TOKEN"]
    assert client.media(token).json()["data"][0]["media"][0]["format"] == "MP3_320"
    refusal = client.media(token, formats=("FLAC",))
    assert (refusal.status_code, refusal.json()["errors"][0]["code"]) == (403, 1002)
    client.deezer.sessions.end_licenses()
    assert client.media(token).status_code == 403


@pytest.mark.parametrize(
    ("odd", "entry"),
    [
        ({"geo_blocked": True}, {"errors": 2002}),
        ({"empty_media": True}, {"media": []}),
        ({"formats": ()}, {"media": []}),
    ],
)
def test_refusals_of_a_track(client: Client, odd: dict[str, Any], entry: dict[str, Any]) -> None:
    """They are answered with status 200, each in its way; a token that is not good is one of them."""
    song = client.deezer.plant(SHORT, **odd)
    client.log_in()
    token = client.song(song.number)["results"]["TRACK_TOKEN"]
    told, unknown = client.media(token, "planted").json()["data"]
    assert unknown["errors"][0]["code"] == 2000
    assert {key: value[0]["code"] if key == "errors" else value for key, value in told.items()} == entry


def test_preview_only(client: Client) -> None:
    """A preview is called one, is not encrypted and plays for half a minute at most."""
    song = client.deezer.plant(SHORT, preview_only=True)
    client.log_in()
    token = client.song(song.number)["results"]["TRACK_TOKEN"]
    (media,) = client.media(token).json()["data"][0]["media"]
    assert (media["media_type"], media["cipher"]["type"]) == ("PREVIEW", "NONE")
    assert httpx.get(media["sources"][0]["url"], trust_env=False, timeout=None).content == song.preview()


def test_substitutes(client: Client) -> None:
    """A substitute comes within the answer; that of a removed track stands in the error's payload."""
    other = client.deezer.plant(Track(artist="Zed Quill", title="Other", seconds=2))
    first = client.deezer.plant(SHORT, fallback=other.number)
    gone = client.deezer.plant(Track(artist="Z", title="Gone"), removed=True, moved_to=other.number)
    client.log_in()
    fallback = client.song(first.number)["results"]["FALLBACK"]
    assert (int(fallback["SNG_ID"]), bool(fallback["TRACK_TOKEN"])) == (other.number, True)
    answer = client.song(gone.number)
    assert answer["error"] == {"DATA_ERROR": "song::getData"}
    assert answer["payload"] == {"FALLBACK": {"SNG_ID": str(other.number)}}
    assert client.song(5)["payload"] is None


def test_catalogue(client: Client) -> None:
    """Searches have pages, scoped words and a limit; only a single track tells its place on the album."""
    get = client.http.get
    first = get("/search/track", params={"q": 'artist:"Brass Lanterns"', "limit": "5"}).json()
    assert (len(first["data"]), first["total"], "next" in first) == (5, 8, True)
    last = get("/search", params={"q": "brass lanterns", "limit": "5", "index": "5"}).json()
    assert (len(last["data"]), "next" in last) == (3, False)
    assert "track_position" not in last["data"][0]
    assert get("/track/isrc:QZCD12100002").json()["track_position"] == 2
    album = get(f"/album/{first['data'][0]['album']['id']}").json()
    assert (album["nb_tracks"], len(album["tracks"]["data"])) == (8, 8)
    assert get(f"/album/{album['id']}/tracks").json()["data"][1]["track_position"] == 2
    assert get("/search/album", params={"q": "brass"}).json()["data"][0]["title"] == "Slow Tram Home"


@pytest.mark.parametrize(
    ("path", "code"),
    [("/track/5", 800), ("/track/isrc:X", 800), ("/album/5", 800), ("/search", 501), ("/x", 600),
     ("/search?q=a&limit=101", 100)],
)  # fmt: skip
def test_errors_of_the_catalogue_have_status_200(client: Client, path: str, code: int) -> None:
    """The key `error` tells, not the status."""
    answer = client.http.get(path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (200, code)


def test_other_methods_of_the_gateway(client: Client) -> None:
    """Lists, pages, albums and searches lead to the same songs."""
    client.log_in()
    song = client.deezer.song("Copper Rain")
    number = str(song.number)
    album = str(song.album_number)
    assert client.ask("deezer.pageTrack", SNG_ID=number)["results"]["DATA"]["SNG_TITLE"] == "Copper Rain"
    assert client.ask("song.getListData", SNG_IDS=[number, "5"])["results"]["count"] == 1
    assert client.ask("album.getData", ALB_ID=album)["results"]["NUMBER_TRACK"] == "8"
    assert client.ask("song.getListByAlbum", ALB_ID=album, nb=-1)["results"]["total"] == 8
    assert client.ask("search.music", query="copper rain", start=0, nb=5)["results"]["total"] == 1
    assert client.ask("album.getData", ALB_ID="5")["error"]
    assert "GATEWAY_ERROR" in client.ask("no.such")["error"]


def test_vector_of_the_cipher() -> None:
    """A dummy secret gives the bytes that the protocol's description has."""
    data = encrypt(bytes(i % 251 for i in range(10_000)), 3135556, "0123456789abcdef")
    known = "f141216004b48e79c5a7548305a898e6c2abaacfee51a035b95031be56d8029e"
    assert hashlib.sha256(data).hexdigest() == known
    assert encrypt(bytes(2048), 3135556, "0123456789abcdef").hex().startswith("94403ca9e4a28e86")
    assert encrypt(bytes(2047), 3135556, "0123456789abcdef") == bytes(2047)


def test_planned_errors_happen_once(client: Client) -> None:
    """What is planned for a method is answered in its order, then the method works again."""
    client.log_in()
    client.deezer.gateway_errors["song.getData"] = [{"QUOTA_ERROR": "x"}]
    number = client.deezer.song("Short").number
    assert client.song(number)["error"] == {"QUOTA_ERROR": "x"}
    assert client.song(number)["error"] == []


def test_secrets_are_made_up_at_the_start() -> None:
    """No two emulators share one."""
    one, other = DeezerEmulator(), DeezerEmulator()
    assert one.account.arl != other.account.arl
    assert one.stripe_secret != other.stripe_secret
    assert len(one.stripe_secret) == 16
