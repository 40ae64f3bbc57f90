"""The emulated Qobuz answers as the protocol has it."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from cratedig_emulators.playing import play
from cratedig_emulators.qobuz import QobuzEmulator
from cratedig_emulators.server import Fault

MOMENT = "1700000000.123"


@pytest.fixture(scope="module")
def qobuz() -> Iterator[QobuzEmulator]:
    with QobuzEmulator() as service:
        yield service


@pytest.fixture
def client(qobuz: QobuzEmulator) -> Iterator[httpx.Client]:
    """A client that is logged in."""
    qobuz.renew()
    qobuz.log.clear()
    headers = {"X-App-Id": qobuz.app_id, "X-User-Auth-Token": qobuz.token}
    with httpx.Client(base_url=qobuz.api_base, headers=headers, trust_env=False, timeout=None) as client:
        yield client
    assert qobuz.errors == []


def signed(qobuz: QobuzEmulator, **params: str) -> dict[str, str]:
    """The parameters with their signature, made the long way."""
    text = "trackgetFileUrl"
    for name in sorted(params):
        text += name + params[name]
    digest = hashlib.md5((text + MOMENT + qobuz.app_secret).encode()).hexdigest()
    return {**params, "request_ts": MOMENT, "request_sig": digest}


def address(client: httpx.Client, qobuz: QobuzEmulator, title: str, format_id: int = 27) -> httpx.Response:
    """The answer to the request for a file."""
    song = str(qobuz.song(title).id)
    params = signed(qobuz, track_id=song, format_id=str(format_id), intent="stream")
    return client.get("/track/getFileUrl", params=params)


def codes(answer: httpx.Response) -> list[str]:
    return [one["code"] for one in answer.json()["restrictions"]]


def refused(answer: httpx.Response) -> tuple[int, str]:
    """Status and message, without the number of the request that stands behind it."""
    body = answer.json()
    assert (body["status"], body["code"]) == ("error", answer.status_code)
    message, root, _ = body["message"].partition(" (Root=1-")
    assert root
    return answer.status_code, message


def test_login_by_password(client: httpx.Client, qobuz: QobuzEmulator) -> None:
    """The MD5 of the password logs in, the password itself does not; a form does as well as a query."""
    digest = hashlib.md5(qobuz.password.encode()).hexdigest()
    good = {"email": qobuz.email, "password": digest}
    for answer in (client.get("/user/login", params=good), client.post("/user/login", data=good)):
        assert answer.json()["user"]["credential"]["parameters"]["lossless_streaming"] is True
        token = answer.json()["user_auth_token"]
        assert client.get("/user/get", headers={"X-User-Auth-Token": token}).status_code == 200
    plain = client.get("/user/login", params={**good, "password": qobuz.password})
    assert refused(plain) == (401, "Invalid username/email and password combination")
    qobuz.takes_passwords = False
    assert refused(client.get("/user/login", params=good)) == (401, "User authentication is required.")


def test_login_by_token(client: httpx.Client, qobuz: QobuzEmulator) -> None:
    """A token is good under the application that it was made with, and no other."""
    params = {"user_id": "1", "user_auth_token": qobuz.token}
    assert client.get("/user/login", params=params).json()["user_auth_token"] == qobuz.token
    other = {"X-App-Id": qobuz.other_app_id}
    assert client.get("/user/login", params=params, headers=other).status_code == 401
    assert refused(client.get("/user/get", headers=other)) == (401, "User authentication is required.")
    assert client.get("/user/get", headers={"X-App-Id": "1"}).status_code == 400


def test_account_without_subscription(client: httpx.Client, qobuz: QobuzEmulator) -> None:
    """A lapsed subscription leaves the token valid, its rights empty, and samples in place of files."""
    qobuz.subscribed = False
    assert client.get("/user/get", params={"user_id": "me"}).json()["credential"]["parameters"] is None
    answer = address(client, qobuz, "Copper Rain")
    assert (codes(answer), answer.json()["sample"]) == (["UserUncredentialed"], True)


def test_blocked_account(client: httpx.Client, qobuz: QobuzEmulator) -> None:
    """Every request of a blocked account is refused by name."""
    qobuz.blocked = True
    for answer in (client.get("/user/get"), address(client, qobuz, "Copper Rain")):
        assert (refused(answer), answer.json()["error_code"]) == ((403, "Account is blocked"), "USER_BLOCKED")


def test_search_in_pages(client: httpx.Client) -> None:
    """Limit and offset cut the list, and the total is that of the whole."""
    whole = client.get("/track/search", params={"query": "brass lanterns"}).json()["tracks"]
    params = {"query": "brass lanterns", "limit": "3", "offset": "6"}
    page = client.get("/track/search", params=params).json()["tracks"]
    assert (len(whole["items"]), whole["total"], whole["limit"]) == (8, 8, 50)
    assert page["items"] == whole["items"][6:]
    assert (page["total"], page["offset"]) == (8, 6)
    assert client.get("/track/search", params={"query": "nobody knows"}).json()["tracks"]["items"] == []


def test_types_are_mixed(client: httpx.Client) -> None:
    """Rates are whole or not, ids numbers or texts, versions there or null, streamable there or not."""
    found = client.get("/track/search", params={"query": "Quillfeather"}).json()["tracks"]["items"]
    by_title = {one["title"]: one for one in found}
    assert {type(one["id"]) for one in found} == {int, str}
    assert {type(one["maximum_sampling_rate"]) for one in found} == {int, float}
    assert {one["version"] for one in found} == {None, "Remastered"}
    assert "streamable" not in by_title["Unmarked"]
    assert by_title["Next Month"]["streamable"] is False
    assert by_title["Next Month"]["streamable_at"] > time.time()
    assert "performer" not in by_title["Prelude"]
    assert by_title["Again"]["album"]["id"] == "0601234567890"
    assert by_title["Again"]["media_number"] == "2"


def test_album(client: httpx.Client, qobuz: QobuzEmulator) -> None:
    """An album's tracks lack the album; its id is text, also where it is all digits."""
    (found,) = client.get("/album/search", params={"query": "slow tram"}).json()["albums"]["items"]
    album = client.get("/album/get", params={"album_id": found["id"]}).json()
    assert [one["track_number"] for one in album["tracks"]["items"]] == list(range(1, 9))
    assert all("album" not in one for one in album["tracks"]["items"])
    digits = qobuz.song("Glasshouse").album_id
    assert (type(digits), digits.isdecimal(), len(digits)) == (str, True, 13)
    assert client.get("/album/get", params={"album_id": str(int(digits))}).status_code == 404


def test_isrc_is_a_word_until_it_is_none(client: httpx.Client, qobuz: QobuzEmulator) -> None:
    """Both are met: an ISRC finds its track, or nothing."""
    params = {"query": qobuz.song("Copper Rain").track.isrc}
    assert client.get("/track/search", params=params).json()["tracks"]["total"] == 1
    qobuz.finds_isrcs = False
    assert client.get("/track/search", params=params).json()["tracks"]["total"] == 0


def test_signature_is_of_what_came(client: httpx.Client, qobuz: QobuzEmulator) -> None:
    """Another value, one parameter more, another moment: each is refused."""
    good = signed(qobuz, track_id=str(qobuz.song("Copper Rain").id), format_id="27", intent="stream")
    assert client.get("/track/getFileUrl", params=good).status_code == 200
    assert client.get("/track/getFileUrl", params={**good, "app_id": qobuz.app_id}).status_code == 200
    changes = ({"format_id": "6"}, {"more": "1"}, {"request_ts": "1700000000"}, {"request_sig": ""})
    for change in changes:
        answer = client.get("/track/getFileUrl", params={**good, **change})
        assert refused(answer) == (400, "Invalid Request Signature parameter (request_sig)")


@pytest.mark.parametrize("samples", [True, False])
def test_file_without_a_login(client: httpx.Client, qobuz: QobuzEmulator, samples: bool) -> None:
    """Both are met: a sample that says why, or 401."""
    qobuz.expire()
    qobuz.samples_for_strangers = samples
    answer = address(client, qobuz, "Copper Rain")
    if samples:
        assert (answer.status_code, codes(answer)) == (200, ["UserUnauthenticated"])
        assert (answer.json()["sample"], "range=20-30" in answer.json()["url"]) == (True, True)
    else:
        assert refused(answer) == (401, "User authentication is required.")


@pytest.mark.parametrize(
    ("title", "asked", "expected"),
    [
        ("Nowhere, Part One", 27, (27, 192, 24, "audio/flac", [])),
        ("Nowhere, Part One", 7, (7, 96, 24, "audio/flac", [])),
        ("Copper Rain", 27, (7, 96, 24, "audio/flac", ["FormatRestrictedByFormatAvailability"])),
        ("Glasshouse", 27, (6, 44.1, 16, "audio/flac", ["FormatRestrictedByFormatAvailability"])),
        ("Glasshouse", 5, (5, 44.1, None, "audio/mpeg", [])),
        ("Lossy Only", 27, (5, 44.1, None, "audio/mpeg", ["FormatRestrictedByFormatAvailability"])),
    ],
)
def test_formats(
    client: httpx.Client, qobuz: QobuzEmulator, title: str, asked: int, expected: tuple[Any, ...]
) -> None:
    """The answer says what comes; the bytes are just that, whole, and of the length that is announced."""
    answer = address(client, qobuz, title, asked)
    told = answer.json()
    format_id, rate, depth, kind, restrictions = expected
    assert (told["format_id"], told["sampling_rate"], told["mime_type"]) == (format_id, rate, kind)
    assert (told.get("bit_depth"), codes(answer)) == (depth, restrictions)
    file = httpx.get(told["url"], trust_env=False, timeout=None)
    assert (file.headers["content-type"], int(file.headers["content-length"])) == (kind, len(file.content))
    assert (file.content[:4] == b"fLaC") is (kind == "audio/flac")
    heard = play(file.content)
    assert heard.sample_rate == round(rate * 1000)
    assert heard.seconds == pytest.approx(qobuz.song(title).track.seconds, abs=0.2)


@pytest.mark.parametrize(
    ("title", "code"),
    [("Elsewhere", "TrackRestrictedByTerritorialAvailability"), ("Withdrawn", "TrackUnavailable")],
)
def test_refusals_have_no_address(client: httpx.Client, qobuz: QobuzEmulator, title: str, code: str) -> None:
    """A refused file has a reason and no address."""
    answer = address(client, qobuz, title)
    assert (answer.status_code, codes(answer), "url" in answer.json()) == (200, [code], False)


def test_sample_looks_like_the_whole(client: httpx.Client, qobuz: QobuzEmulator) -> None:
    """Format, rate and depth of a sample are those of hi-res; its bytes play for 30 seconds."""
    told = address(client, qobuz, "Half a Minute").json()
    assert (told["format_id"], told["sampling_rate"], told["bit_depth"], told["duration"]) == (7, 96, 24, 30)
    unsaid = address(client, qobuz, "Unsaid").json()
    assert (unsaid["duration"], "sample" in unsaid, "range" in unsaid["url"]) == (75, False, False)
    heard = play(httpx.get(unsaid["url"], trust_env=False, timeout=None).content)
    assert (heard.sample_rate, heard.seconds) == (44_100, 30)


def test_removed_track(client: httpx.Client, qobuz: QobuzEmulator) -> None:
    """It is found by nobody and answered with 404, as a number is that never was one."""
    gone = str(qobuz.song("Gone").id)
    for track_id in (gone, "1", "x", ""):
        answer = client.get("/track/get", params={"track_id": track_id})
        assert refused(answer) == (404, "No result matching given argument")
    assert address(client, qobuz, "Gone").status_code == 404


def test_addresses_are_sealed_and_run_out(client: httpx.Client, qobuz: QobuzEmulator) -> None:
    """A changed address, and one whose time has passed, is refused; ranges and HEAD work."""
    url = address(client, qobuz, "Copper Rain").json()["url"]
    head = httpx.head(url, trust_env=False)
    part = httpx.get(url, headers={"Range": "bytes=10-19"}, trust_env=False, timeout=None)
    assert (part.status_code, len(part.content)) == (206, 10)
    assert part.headers["content-range"].endswith("/" + head.headers["content-length"])
    assert (
        httpx.get(url, headers={"Range": "bytes=99999999-"}, trust_env=False, timeout=None).status_code == 416
    )
    assert httpx.get(url.replace("fmt=7", "fmt=27"), trust_env=False, timeout=None).status_code == 403
    qobuz.link_seconds = -1
    assert (
        httpx.get(
            address(client, qobuz, "Copper Rain").json()["url"], trust_env=False, timeout=None
        ).status_code
        == 403
    )


def test_secrets_are_made_anew(qobuz: QobuzEmulator) -> None:
    """Two services have no secret in common."""
    other = QobuzEmulator()
    mine = {qobuz.app_secret, qobuz.token, qobuz.password, qobuz.app_id}
    assert not mine & {other.app_secret, other.token, other.password, other.app_id}


def test_misfortunes(client: httpx.Client, qobuz: QobuzEmulator) -> None:
    """A 429 with its pause and a page with 502 come by a fault."""
    qobuz.fault("*/track/search", Fault(status=429, retry_after=7, times=1))
    qobuz.fault("*/track/get", Fault(html=True, status=502, times=1))
    assert client.get("/track/search").headers["retry-after"] == "7"
    page = client.get("/track/get")
    assert (page.status_code, page.headers["content-type"].partition(";")[0]) == (502, "text/html")
