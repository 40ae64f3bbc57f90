"""Whatever stands in an answer's place, results or a SourceError come out of it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cratedig import (
    NotEntitled,
    Quality,
    QualityPreference,
    QualityUnavailable,
    SourceError,
    UnexpectedResponse,
)
from cratedig_emulators.catalogue import DEFAULT
from cratedig_emulators.hifi import HifiEmulator, Recipe
from cratedig_emulators.messages import Request
from cratedig_hifi import HifiSettings
from cratedig_hifi.addresses import instance_of
from cratedig_hifi.manifests import (
    MOST_SEGMENTS,
    Manifest,
    Packed,
    address_of,
    read_document,
    read_manifest,
    read_playback,
)
from cratedig_hifi.tiers import HIGH, HIRES, LOSSLESS, LOW, TIERS, Tier, allowed, catalogued, promised
from cratedig_hifi.tracks import read_search, read_track

SERVICE = HifiEmulator(catalogue=DEFAULT)
SONG = SERVICE.find("Copper Rain").id


def answer_of(path: str, query: str) -> Any:
    """What the emulator answers, without a network."""
    request = Request(method="GET", path=path, raw_path=path, query=query, headers={})
    body = SERVICE.dispatch(request).body
    assert isinstance(body, bytes)
    return json.loads(body)


SEARCH = answer_of("/search/", "s=tram")
PLAYBACK = answer_of("/track/", f"id={SONG}&quality=LOSSLESS")
MPD = base64.b64decode(answer_of("/track/", f"id={SONG}")["data"]["manifest"]).decode()
BTS = base64.b64decode(PLAYBACK["data"]["manifest"]).decode()
DOCUMENT = answer_of("/trackManifests/", f"id={SONG}&formats=FLAC")
SERVICE.default = Recipe(data_uri=True)
URI = answer_of("/trackManifests/", f"id={SONG}&formats=FLAC")["data"]["data"]["attributes"]["uri"]
HLS = base64.b64decode(URI.partition("base64,")[2]).decode()

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=8,
)
HOSTILE = JSON | st.sampled_from(
    ["\ud800", "x" * 100_000, "../../etc/passwd", "javascript:x", "http://[", "-1", "1e999", 10**400, "\0"]
)


@st.composite
def mutated(draw: Callable[[Any], Any], original: Any) -> Any:
    """The answer with up to three of its values gone, or anything in their place."""
    changed = json.loads(json.dumps(original))
    for _ in range(draw(st.integers(1, 3))):
        holder: Any = changed
        for _ in range(draw(st.integers(0, 6))):
            inner = list(holder.values()) if isinstance(holder, dict) else holder
            nested = [one for one in inner if isinstance(one, dict | list) and one]
            if not nested:
                break
            holder = draw(st.sampled_from(nested))
        key = draw(st.sampled_from(list(holder) if isinstance(holder, dict) else range(len(holder))))
        if draw(st.booleans()):
            holder[key] = draw(HOSTILE)
        else:
            del holder[key]
        if not changed:
            break
    return changed


@st.composite
def cut(draw: Callable[[Any], Any], original: str) -> str:
    """The text with a part of it gone, doubled or replaced."""
    first, last = sorted((draw(st.integers(0, len(original))), draw(st.integers(0, len(original)))))
    put: str = draw(st.sampled_from(["", original[first:last] * 2, "\ud800", '"', "<", "-1", "999999999999"]))
    return original[:first] + put + original[last:]


def survives(read: Callable[[], Any]) -> Any:
    """What it returns; nothing where it raised a SourceError. Anything else fails the test."""
    try:
        return read()
    except SourceError:
        return None


@settings(max_examples=300)
@given(mutated(SEARCH) | JSON, st.sampled_from(TIERS))
def test_mutated_searches(answer: Any, best: Tier) -> None:
    """Every result that comes out has a number and a title."""
    for result in survives(lambda: read_search(answer, best)) or []:
        assert result.target_id.isdecimal()
        assert result.title


@settings(max_examples=300)
@given(mutated(PLAYBACK) | JSON, mutated(DOCUMENT) | JSON, st.sampled_from(TIERS))
def test_mutated_playbacks(playback: Any, document: Any, tier: Tier) -> None:
    """A manifest, an address, or a SourceError."""
    for packed in (
        survives(lambda: read_playback(playback, tier)),
        survives(lambda: read_document(document, tier)),
    ):
        assert packed is None or packed.content or packed.url.startswith("http")


@settings(max_examples=400)
@given(cut(MPD) | cut(BTS) | cut(HLS) | st.text(), st.sampled_from(TIERS))
def test_mutated_manifests(content: str, tier: Tier) -> None:
    """Whole web addresses, not too many of them, and a length that makes sense."""
    found = survives(lambda: read_manifest(content, tier, "http://127.0.0.1/1/manifests/x/media.m3u8"))
    urls = found.urls if isinstance(found, Manifest) else [found] if found else []
    assert len(urls) <= MOST_SEGMENTS + 1
    assert all(url.startswith(("http://", "https://")) for url in urls)


def test_manifests_as_they_should_be() -> None:
    """All three kinds list what there is, in order, with the seconds that they claim."""
    dash, hls, file = (read_manifest(MPD, HIRES), read_manifest(HLS, LOSSLESS), read_manifest(BTS, LOSSLESS))
    assert isinstance(dash, Manifest)
    assert isinstance(hls, Manifest)
    assert isinstance(file, Manifest)
    assert [url.partition("?")[0].rpartition("/")[2] for url in dash.urls] == [f"{n}.mp4" for n in range(5)]
    assert [len(hls.urls), hls.seconds, dash.seconds] == [5, 16.0, 16.0]
    assert (len(file.urls), file.seconds) == (1, None)


def mpd(
    *rows: str, media: str = "http://h/$Number$.mp4", start: str = 'startNumber="1"', more: str = ""
) -> str:
    return (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period><AdaptationSet>'
        f'{more}<Representation id="r" codecs="flac"><SegmentTemplate timescale="10" {start} '
        f'initialization="http://h/init.mp4" media="{media}"><SegmentTimeline>{"".join(rows)}'
        "</SegmentTimeline></SegmentTemplate></Representation></AdaptationSet></Period></MPD>"
    )


@pytest.mark.parametrize(
    ("rows", "count"),
    [
        (['<S d="40" r="3"/>', '<S d="20"/>'], 5),
        (['<S d="40"/>', '<S d="20"/>'], 2),
        (['<S d="40" r="2"/>', '<S d="30" r="1"/>', '<S d="20"/>'], 6),
        (['<S d="40" r="0"/>'], 1),
    ],
)
def test_segments_are_counted_exactly(rows: list[str], count: int) -> None:
    """One for each S and r more of it, whatever the shape, and the initialisation before them."""
    found = read_manifest(mpd(*rows), HIRES)
    assert isinstance(found, Manifest)
    assert found.urls == ("http://h/init.mp4", *(f"http://h/{n}.mp4" for n in range(1, count + 1)))


def test_numbers_begin_where_the_manifest_says() -> None:
    """`startNumber` counts, zeros are put before where a width is given, and ids take their place."""
    text = mpd('<S d="1" r="1"/>', media="http://h/$RepresentationID$/$Number%04d$", start='startNumber="7"')
    found = read_manifest(text, HIRES)
    assert isinstance(found, Manifest)
    assert found.urls[1:] == ("http://h/r/0007", "http://h/r/0008")


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (mpd(), UnexpectedResponse),
        (mpd('<S d="1" r="99999999"/>'), UnexpectedResponse),
        (mpd('<S d="1" r="-1"/>'), UnexpectedResponse),
        (mpd('<S d="1"/>', media="http://h/x.mp4"), UnexpectedResponse),
        (mpd('<S d="1"/>', media="file:///etc/$Number$"), UnexpectedResponse),
        (mpd('<S d="1"/>', more="<ContentProtection/>"), QualityUnavailable),
        (mpd('<S d="1"/>').replace("flac", "mp4a.40.2"), QualityUnavailable),
        ('<!DOCTYPE x [<!ENTITY a "b">]><MPD>&a;</MPD>', UnexpectedResponse),
        ("#EXTM3U\n#EXTINF:4,\nhttp://h/1.mp4", UnexpectedResponse),
        ("#EXTM3U\n#EXT-X-ENDLIST", UnexpectedResponse),
        ('#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="k"\nhttp://h/1\n#EXT-X-ENDLIST', QualityUnavailable),
        ('{"urls": []}', UnexpectedResponse),
        ('{"urls": ["http://h/x"], "encryptionType": "OLD_AES"}', QualityUnavailable),
        ('{"urls": ["http://h/x"], "codecs": "ec-3"}', QualityUnavailable),
        ('{"urls": ["/etc/passwd"]}', UnexpectedResponse),
        ("[" * 100_000, UnexpectedResponse),
    ],
    ids=range(16),
)
def test_manifest_that_cannot_be_used(content: str, error: type[SourceError]) -> None:
    """Protected ones are another quality's turn; the others are nothing that Tidal sends."""
    with pytest.raises(error):
        read_manifest(content, HIRES)


def test_preview_is_told_by_its_reason_too() -> None:
    """A reason for a preview is enough, whatever the presentation says."""
    about = {"trackPresentation": "FULL", "previewReason": "FULL_REQUIRES_SUBSCRIPTION", "uri": "http://h/"}
    with pytest.raises(NotEntitled, match="FULL_REQUIRES_SUBSCRIPTION"):
        read_document({"data": {"data": {"attributes": about}}}, LOSSLESS)


def test_forks_write_answers_in_their_own_way() -> None:
    """Bare or wrapped, `url` for `uri`, `tracks` for `items`, tracks in wrappers: all are read."""
    assert read_document({"url": "http://h/x"}, LOSSLESS) == Packed(url="http://h/x")
    rows = SEARCH["data"]["items"]
    for answer in ({"items": rows}, rows, {"data": {"tracks": {"items": rows}}}, {"tracks": rows}):
        assert len(read_search(answer, HIRES)) == len(rows)
    assert read_track({"item": rows[0], "type": "track"}, HIRES)


def test_track_that_may_not_be_played_is_none() -> None:
    """A withdrawn track is no result."""
    row = SEARCH["data"]["items"][0]
    assert read_track({**row, "streamReady": False}, HIRES) is None
    assert read_track({**row, "allowStreaming": False}, HIRES) is None
    assert read_track({**row, "allowStreaming": None}, HIRES) is not None


FLOOR = Quality(codec="flac", bit_depth=16, sample_rate=44100)


@pytest.mark.parametrize(
    ("best", "preference", "offered", "tiers"),
    [
        (LOSSLESS, None, None, (LOSSLESS, HIGH, LOW)),
        (HIRES, QualityPreference(floor=FLOOR), None, (HIRES, LOSSLESS)),
        (LOW, QualityPreference(floor=FLOOR), None, (LOSSLESS,)),
        (HIRES, QualityPreference(ceiling=FLOOR), None, (LOSSLESS, HIGH, LOW)),
        (HIRES, QualityPreference(codecs=("aac",)), None, (HIGH, LOW)),
        (LOSSLESS, QualityPreference(accept_lower=False), None, (LOSSLESS,)),
        (HIRES, QualityPreference(accept_lower=False), LOSSLESS.least, (HIRES, LOSSLESS)),
    ],
)
def test_tiers_follow_the_wish(
    best: Tier, preference: QualityPreference | None, offered: Quality | None, tiers: tuple[Tier, ...]
) -> None:
    """From the setting down to the floor; a floor above the setting counts for more."""
    assert allowed(best, preference, offered) == tiers


def test_hires_is_not_asked_for_where_there_is_none() -> None:
    """The catalogue's tags spare a request to every instance; where nothing else is welcome, it is."""
    assert catalogued(TIERS, ["LOSSLESS"]) == (LOSSLESS, HIGH, LOW)
    assert catalogued(TIERS, ["LOSSLESS", "HIRES_LOSSLESS"]) == TIERS
    assert catalogued(TIERS, []) == TIERS
    assert catalogued((HIRES,), ["LOSSLESS"]) == (HIRES,)


def test_what_is_promised_is_what_would_be_asked_for() -> None:
    """The catalogue's tags and the setting together make the offer."""
    assert promised(["LOSSLESS", "HIRES_LOSSLESS"], "LOSSLESS", HIRES) == HIRES.least
    assert promised(["LOSSLESS", "HIRES_LOSSLESS"], "LOSSLESS", LOSSLESS) == LOSSLESS.least
    assert promised(["LOSSLESS"], "LOSSLESS", HIRES) == LOSSLESS.least
    assert promised([], "HIGH", HIRES) == HIGH.least
    assert promised([], "", HIRES) is None


@pytest.mark.parametrize(
    ("address", "base", "login"),
    [
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000", None),
        ("https://h.example/hifi/", "https://h.example/hifi", None),
        ("http://me:p%40ss%3A@h:1", "http://h:1", ("me", "p@ss:")),
        ("http://only@[::1]:80", "http://[::1]:80", ("only", "")),
    ],
)
def test_addresses(address: str, base: str, login: tuple[str, str] | None) -> None:
    """Credentials are taken out of the address and decoded."""
    found = instance_of(address)
    assert found is not None
    assert (found.base, found.login) == (base, login)
    assert "p@ss" not in repr(found)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "music",
        "ftp://h",
        "http://",
        "http://h?x=1",
        "http://h#x",
        "http://h:port",
        "http://a:b@c@d",
        "http://h h",
    ],
)
def test_what_is_no_address_is_refused_unseen(address: str) -> None:
    """The message has the number of the wrong one in the list and not its text."""
    with pytest.raises(ValueError, match="number 2 is no address") as caught:
        HifiSettings(instances=["http://h", address])
    assert not address or len(address) < 9 or address not in str(caught.value)


@given(st.text(max_size=40) | st.none() | st.integers(), st.text(max_size=20))
def test_address_in_a_manifest(value: Any, base: str) -> None:
    """Only the web's addresses pass."""
    found = survives(lambda: address_of(value, base))
    assert found is None or found.startswith(("http://", "https://"))
