"""Every kind of manifest is read into addresses, in order, exactly counted."""

from __future__ import annotations

import base64
import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cratedig import UnexpectedResponse
from cratedig.manifests import (
    MAX_ADDRESS,
    MAX_CHARACTERS,
    MAX_SEGMENTS,
    Manifest,
    address_of,
    decoded,
    read_bts,
    read_hls,
    read_manifest,
    read_mpd,
    variant_of,
)

BASE = "https://x.example/a/list"
BTS = json.dumps(
    {
        "mimeType": "audio/flac",
        "codecs": "flac",
        "encryptionType": "NONE",
        "urls": ["https://x.example/1.flac?a=b"],
    }
)
HLS = """#EXTM3U
#EXT-X-VERSION:6
#EXT-X-MAP:URI="init.mp4?k=1"
#EXTINF:4.000,
1.mp4?k=1
#EXTINF:2.5,
../2.mp4?k=1
#EXT-X-ENDLIST"""
MASTER = """#EXTM3U
#EXT-X-STREAM-INF:BANDWIDTH=96000,CODECS="mp4a.40.5"
low.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=1000000,CODECS="flac"
best.m3u8?k=1
#EXT-X-STREAM-INF:BANDWIDTH=320000,CODECS="mp4a.40.2"
high.m3u8
"""


def mpd(
    *rows: str, media: str = "$Number$.mp4", start: str = "", more: str = "", codecs: str = "flac"
) -> str:
    return (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period><AdaptationSet '
        f'mimeType="audio/mp4">{more}<Representation id="r" codecs="{codecs}" bandwidth="900" '
        f'audioSamplingRate="96000"><SegmentTemplate timescale="10" {start} initialization="init.mp4" '
        f'media="{media}"><SegmentTimeline>{"".join(rows)}</SegmentTimeline></SegmentTemplate>'
        "</Representation></AdaptationSet></Period></MPD>"
    )


DASH = mpd('<S d="40" r="2"/>', '<S d="20"/>')


def test_bts_is_one_file() -> None:
    """Address, codec and kind are told; a length is not."""
    expected = Manifest(urls=("https://x.example/1.flac?a=b",), codec="flac", mime_type="audio/flac")
    assert read_manifest(BTS) == expected
    assert expected.parts == expected.urls


def test_mpd_is_an_init_and_segments() -> None:
    """What initialises comes first; the length is that of the timeline."""
    found = read_manifest(DASH, BASE)
    assert found.parts == tuple(f"https://x.example/a/{n}.mp4" for n in ("init", 1, 2, 3, 4))
    assert (found.codec, found.mime_type, found.sample_rate) == ("flac", "audio/mp4", 96000)
    assert found.duration == 14.0


def test_hls_is_an_init_and_segments() -> None:
    """Addresses are relative to the playlist's; the length is the sum of its segments'."""
    found = read_manifest("\ufeff" + HLS, BASE)
    assert found.init == "https://x.example/a/init.mp4?k=1"
    assert found.urls == ("https://x.example/a/1.mp4?k=1", "https://x.example/2.mp4?k=1")
    assert (found.duration, found.encryption, found.codec) == (6.5, "", "")


@pytest.mark.parametrize(
    ("rows", "start", "numbers"),
    [
        (['<S d="40" r="3"/>', '<S d="20"/>'], "", [1, 2, 3, 4, 5]),
        (['<S d="40"/>', '<S d="20"/>'], 'startNumber="0"', [0, 1]),
        (['<S d="40" r="1"/>', '<S d="30" r="1"/>'], 'startNumber="5"', [5, 6, 7, 8]),
        (['<S d="40" r="0"/>'], 'startNumber="1"', [1]),
    ],
)
def test_segments_are_counted_exactly(rows: list[str], start: str, numbers: list[int]) -> None:
    """One for each S and r more of it, whatever the shape; numbers begin where the manifest says."""
    found = read_mpd(mpd(*rows, start=start), BASE)
    assert list(found.urls) == [f"https://x.example/a/{number}.mp4" for number in numbers]


@pytest.mark.parametrize(
    ("media", "last"),
    [
        ("$RepresentationID$/$Number%04d$", "r/0003"),
        ("$Bandwidth$-$Number$", "900-3"),
        ("t$Time$", "t90"),
        ("$$$Number$", "$3"),
    ],
)
def test_places_in_a_template(media: str, last: str) -> None:
    """All that the standard has, padded where a width is given; a doubled sign is the sign."""
    rows = '<S t="10" d="40" r="1"/>', '<S d="20"/>'
    assert read_mpd(mpd(*rows, media=media), BASE).urls[-1] == f"https://x.example/a/{last}"


def test_templates_and_addresses_are_inherited() -> None:
    """A template may stand above its representation, in part, and an address to begin from at every level."""
    text = (
        "<MPD><BaseURL>https://cdn.example/x/</BaseURL><Period><BaseURL>y/</BaseURL><AdaptationSet "
        "codecs='mp4a.40.2'><SegmentTemplate media='$Number$' startNumber='3'/><Representation>"
        "<SegmentTemplate><SegmentTimeline><S d='1'/></SegmentTimeline></SegmentTemplate></Representation>"
        "</AdaptationSet></Period></MPD>"
    )
    assert read_mpd(text) == Manifest(urls=("https://cdn.example/x/y/3",), codec="aac", duration=1.0)


def test_the_best_sound_is_taken() -> None:
    """The wanted codec first, then the bandwidth; never a picture."""

    def one(codec: str, bandwidth: int) -> str:
        return (
            f"<Representation codecs='{codec}' bandwidth='{bandwidth}'>"
            "<SegmentTemplate media='$Bandwidth$-$Number$'><SegmentTimeline><S d='1'/>"
            "</SegmentTimeline></SegmentTemplate></Representation>"
        )

    text = (
        f"<MPD><Period><AdaptationSet mimeType='video/mp4'>{one('avc1', 9)}</AdaptationSet><AdaptationSet>"
        f"{one('mp4a.40.2', 2)}{one('ec-3', 3)}{one('flac', 1)}</AdaptationSet></Period></MPD>"
    )
    assert read_mpd(text, BASE).codec == "eac3"
    assert read_mpd(text, BASE, "flac").codec == "flac"
    assert read_mpd(text, BASE, "opus").codec == "eac3"


@pytest.mark.parametrize(
    ("told", "name"),
    [("fLaC", "flac"), ("mp4a.40.34", "mp3"), ("mp4a.40.5, ec-3", "aac"), ("opus", "opus"), ("", "")],
)
def test_codecs_have_one_name(told: str, name: str) -> None:
    """RFC 6381's words become those of a Quality."""
    assert read_mpd(mpd('<S d="1"/>', codecs=told), BASE).codec == name


@pytest.mark.parametrize(
    ("text", "encryption"),
    [
        (mpd('<S d="1"/>', more="<ContentProtection/>"), "unnamed"),
        (mpd('<S d="1"/>', more='<ContentProtection value="cenc"/>'), "cenc"),
        (BTS.replace("NONE", "OLD_AES"), "OLD_AES"),
        (BTS.replace('"mimeType"', '"keyId": "k", "mimeType"'), "unnamed"),
        (HLS.replace("#EXTINF:2", '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://x"\n#EXTINF:2'), "SAMPLE-AES"),
        (HLS.replace("#EXTINF:2", "#EXT-X-KEY:METHOD=NONE\n#EXTINF:2"), ""),
    ],
)
def test_encryption_is_told(text: str, encryption: str) -> None:
    """In the manifest's own word for it."""
    assert read_manifest(text, BASE).encryption == encryption


@pytest.mark.parametrize(
    "text",
    [
        mpd(),
        mpd('<S d="1" r="99999999"/>'),
        mpd('<S d="1" r="9999"/>', '<S d="1"/>'),
        mpd('<S d="1" r="-1"/>'),
        mpd("<S/>"),
        mpd('<S d="1"/>', media="x.mp4"),
        mpd('<S d="1"/>', media="$Number$-$SubNumber$"),
        mpd('<S d="1"/>', media="file:///etc/$Number$"),
        mpd('<S d="1"/>', start='startNumber="x"'),
        mpd('<S d="1"/>').replace("audio/mp4", "video/mp4"),
        mpd('<S d="1"/>').replace("</Period>", "</Period><Period/>"),
        '<!DOCTYPE x [<!ENTITY a "b">]><MPD>&a;</MPD>',
        "<MPD/>",
        "<MPD",
        "",
        "#EXTM3U\n#EXTINF:4,\n1.mp4",
        "#EXTM3U\n#EXT-X-ENDLIST",
        "#EXTM3U\n#EXTINF:4,\n#EXT-X-BYTERANGE:5@0\n1.mp4\n#EXT-X-ENDLIST",
        HLS.replace("#EXTINF:2", '#EXT-X-MAP:URI="other.mp4"\n#EXTINF:2'),
        MASTER,
        '{"urls": []}',
        '{"urls": ["/etc/passwd"]}',
        '{"urls": "https://x.example/1"}',
        "[" * 100_000,
    ],
    ids=range(24),
)
def test_what_would_lead_to_a_guess_is_refused(text: str) -> None:
    """Nothing comes out that is not exactly what the manifest says."""
    with pytest.raises(UnexpectedResponse):
        read_manifest(text, BASE)


@pytest.mark.parametrize(
    "text",
    [
        "x" * (MAX_CHARACTERS + 1),
        mpd('<S d="1" r="9999"/>', media="$RepresentationID$" * 400 + "$Number$").replace(
            '"r"', f'"{"r" * 100_000}"'
        ),
        mpd('<S d="1" r="9999"/>', media="$Number%99d$" * 900),
        mpd('<S d="1" r="9999"/>', media="$Number$" + "x" * MAX_ADDRESS),
        "<MPD>" + "<Period>" * 400_000,
        '<!DOCTYPE lolz [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><MPD>&b;</MPD>',
        "#EXTM3U\n" + "1\n" * (MAX_SEGMENTS + 1) + "#EXT-X-ENDLIST",
        json.dumps({"urls": ["https://x.example/1"] * (MAX_SEGMENTS + 1)}),
    ],
    ids=["long", "long id", "wide numbers", "long address", "deep", "entities", "playlist", "list"],
)
def test_hostile_manifests_take_little_memory(text: str) -> None:
    """They are refused before they have grown."""
    tracemalloc.start()
    with pytest.raises(UnexpectedResponse):
        read_manifest(text, BASE)
    grown = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert grown < 128 * 1024 * 1024


@pytest.mark.parametrize("head", ["<!DOCTYPE MPD>", '<!DOCTYPE MPD [<!ENTITY a "b">]>'])
def test_document_type_is_refused(head: str) -> None:
    """Entities need one, and no manifest has one."""
    declaration, _, rest = mpd('<S d="1"/>').partition("?>")
    with pytest.raises(UnexpectedResponse, match="entities"):
        read_manifest(f"{declaration}?>{head}{rest}", BASE)


def test_declared_encoding_hides_nothing() -> None:
    """Text is text, whatever encoding it claims to be in, so that what is looked at is what is read."""
    text = mpd('<S d="1"/>').replace('version="1.0"', 'version="1.0" encoding="utf-16"')
    assert read_manifest(text, BASE) == read_manifest(mpd('<S d="1"/>'), BASE)


@pytest.mark.parametrize(
    ("codec", "name"), [("", "best.m3u8?k=1"), ("flac", "best.m3u8?k=1"), ("aac", "high.m3u8")]
)
def test_best_variant_of_a_master_playlist(codec: str, name: str) -> None:
    """The wanted codec first, then the bandwidth."""
    assert variant_of(MASTER, BASE, codec) == f"https://x.example/a/{name}"


def test_media_playlist_has_no_variant() -> None:
    """Nor has anything that is no playlist."""
    assert [variant_of(one, BASE) for one in (HLS, DASH, BTS, "")] == [""] * 4


@pytest.mark.parametrize(
    ("duration", "seconds", "covered"),
    [(30.0, 200.0, False), (180.0, 200.0, True), (None, 200.0, True), (30.0, None, True), (30.0, 0.0, True)],
)
def test_previews_do_not_cover_the_song(duration: float | None, seconds: float | None, covered: bool) -> None:
    """Where either length is not known, nothing is claimed."""
    assert Manifest(urls=("https://x.example/1",), duration=duration).covers(seconds) is covered


def test_manifest_keeps_its_signatures_to_itself() -> None:
    """Addresses are signed, so they are in no representation."""
    assert "example" not in repr(read_manifest(HLS, BASE))


@pytest.mark.parametrize("value", [None, 7, "", "é", "====", "x" * 5, base64.b64encode(b"\xff").decode()])
def test_what_holds_no_text_is_refused(value: Any) -> None:
    """Base64 of text, or an error."""
    with pytest.raises(UnexpectedResponse):
        decoded(value)


def test_base64_is_decoded() -> None:
    """As services put manifests into JSON."""
    assert decoded(base64.b64encode(BTS.encode()).decode()) == BTS


HOSTILE = [
    "\ud800",
    '"',
    "<",
    "-1",
    "9" * 20,
    "9" * 5000,
    "$Number$",
    "$",
    "{}",
    "null",
    "]]>",
    "&a;",
    "\0",
    "[" * 3000,
]


@st.composite
def damaged(draw: Any, original: str) -> str:
    """The text with pieces of it gone, doubled or replaced."""
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(original)))
        end = start + draw(st.integers(0, 60))
        put = draw(st.sampled_from(["", original[start:end] * 2, *HOSTILE]))
        original = original[:start] + put + original[end:]
    return original


def survives(read: Any, *args: Any) -> Any:
    """What it returns; nothing where it raised UnexpectedResponse. Anything else fails the test."""
    try:
        return read(*args)
    except UnexpectedResponse:
        return None


@settings(max_examples=500, deadline=None)
@given(damaged(DASH) | damaged(BTS) | damaged(HLS) | st.text(), st.sampled_from(["", BASE, "http://["]))
def test_damaged_manifests_give_addresses_or_one_error(text: str, base: str) -> None:
    """Whole addresses of the web, not too many of them, and numbers that make sense."""
    for read in (read_manifest, read_hls, read_mpd):
        found = survives(read, text, base)
        assert found is None or 1 <= len(found.urls) <= MAX_SEGMENTS
        assert found is None or all(url.startswith(("http://", "https://")) for url in found.parts)
        assert found is None or found.duration is None or found.duration > 0


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(["mimeType", "codecs", "encryptionType", "urls", "keyId"]), JSON))
def test_any_json_in_place_of_bts(told: dict[str, Any]) -> None:
    """Wrong types give an error, never another exception."""
    survives(read_bts, json.dumps(told))


@given(damaged(MASTER), st.sampled_from(["", BASE]))
def test_damaged_master_playlists(text: str, base: str) -> None:
    """An address of the web or nothing."""
    found = survives(variant_of, text, base, "flac")
    assert not found or found.startswith("http")


@given(st.text(max_size=40) | st.none() | st.integers(), st.text(max_size=20))
def test_only_addresses_of_the_web_pass(value: Any, base: str) -> None:
    """Whatever stands where an address should."""
    found = survives(address_of, value, base)
    assert found is None or found.startswith(("http://", "https://"))
