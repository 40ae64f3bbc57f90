"""Whatever Tidal answers, a result or a SourceError comes out of it."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cratedig import NotEntitled, Quality, QualityPreference, RateLimited, RawSearchResult, SourceError
from cratedig_emulators.catalogue import DEFAULT
from cratedig_emulators.messages import Request
from cratedig_emulators.tidal import TidalEmulator
from cratedig_tidal.manifests import BTS, DASH, Manifest, read_manifest
from cratedig_tidal.playback import read_stream
from cratedig_tidal.refusals import Protected, Unreadable, refusal, renewable
from cratedig_tidal.tiers import NAMES, TIERS, ladder
from cratedig_tidal.tracks import read_ids, read_search, read_track

SERVICE = TidalEmulator(catalogue=DEFAULT)
HI_RES, LOSSLESS = TIERS[0], TIERS[1]


def answer_of(path: str, query: str = "") -> Any:
    token = SERVICE.login().access
    request = Request(
        method="GET",
        path=path,
        raw_path=path,
        query=f"countryCode=DE&{query}",
        headers={"authorization": f"Bearer {token}"},
        host="127.0.0.1",
    )
    body = SERVICE.dispatch(request).body
    assert isinstance(body, bytes)
    return json.loads(body)


COPPER = SERVICE.id_of("Copper Rain")
TRACK = answer_of(f"/v1/tracks/{COPPER}")
SEARCH = answer_of("/v1/search", "query=copper")
IDS = answer_of("/openapi/v2/tracks", "filter[isrc]=QZCD12100002")
PLAYBACK = f"/v1/tracks/{COPPER}/playbackinfopostpaywall"
FILE = answer_of(PLAYBACK, "audioquality=LOSSLESS")
SEGMENTS = answer_of(PLAYBACK, "audioquality=HI_RES_LOSSLESS")

HOSTILE: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        True,
        -1,
        0,
        2**70,
        float("nan"),
        float("inf"),
        "",
        "\0",
        "../../etc/passwd",
        "<b>",
        "9" * 5000,
        "\ud800",
        "x" * 100_000,
        [],
        {},
        [[]],
        [None],
        {"items": 7},
        [{"name": [{}]}],
        "file:///etc/passwd",
        "http://",
        "http://[",
    ]
)


@st.composite
def mutated(draw: Any, answer: Any) -> Any:
    """The answer with some of its fields missing, or of another type, or hostile."""
    changed = copy.deepcopy(answer)
    for _ in range(draw(st.integers(1, 4))):
        parent: Any = None
        key: Any = None
        here = changed
        while isinstance(here, dict | list) and here and (parent is None or draw(st.integers(0, 3))):
            parent = here
            key = draw(st.sampled_from(sorted(here) if isinstance(here, dict) else range(len(here))))
            here = here[key]
        if parent is None:
            return draw(HOSTILE)
        if draw(st.booleans()):
            # A copy: what is drawn is the same object every time, and may be changed in the next round.
            parent[key] = copy.deepcopy(draw(HOSTILE))
        else:
            del parent[key]
    return changed


def survives(read: Callable[[Any], object], answer: Any) -> object:
    try:
        return read(answer)
    except SourceError:
        return None


@settings(max_examples=300, deadline=None)
@given(mutated(SEARCH) | HOSTILE)
def test_mutated_searches_give_results_or_source_errors(answer: Any) -> None:
    """Every result that comes out has a number for its target."""
    found = survives(lambda told: read_search(told, "LOSSLESS"), answer) or []
    assert isinstance(found, list)
    assert all(result.target_id.isdigit() and result.title for result in found)


@settings(max_examples=300, deadline=None)
@given(mutated(TRACK) | HOSTILE)
def test_mutated_tracks_give_a_track_or_nothing(answer: Any) -> None:
    """A track, or None; never an exception of Python's."""
    track = survives(lambda told: read_track(told, "HI_RES_LOSSLESS"), answer)
    assert track is None or isinstance(track, RawSearchResult)


@given(mutated(IDS) | HOSTILE)
def test_mutated_look_ups_give_numbers(answer: Any) -> None:
    """Only numbers become part of an address."""
    found = survives(read_ids, answer) or []
    assert isinstance(found, list)
    assert all(one.isdigit() for one in found)


@settings(max_examples=300, deadline=None)
@given(mutated(FILE) | mutated(SEGMENTS) | HOSTILE, st.sampled_from(TIERS), st.none() | st.just(16.0))
def test_mutated_playbacks_give_a_stream_or_source_errors(answer: Any, tier: Any, seconds: Any) -> None:
    """What comes out leads to addresses of the web, and nowhere else."""
    stream = survives(lambda told: read_stream(told, tier, seconds), answer)
    assert stream is None or _leads_to_the_web(stream.manifest)  # type: ignore[attr-defined]


def encoded(text: str | bytes) -> str:
    return base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()


BTS_TEXT = base64.b64decode(FILE["manifest"]).decode()
MPD_TEXT = base64.b64decode(SEGMENTS["manifest"]).decode()


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_damaged_manifests_give_addresses_or_source_errors(data: Any) -> None:
    """Any piece of a manifest may be cut out, doubled or replaced."""
    kind, text = data.draw(st.sampled_from([(BTS, BTS_TEXT), (DASH, MPD_TEXT)]))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = start + data.draw(st.integers(0, 40))
        piece = st.sampled_from(
            ["", text[start:end] * 2, "-1", "99999999999", '"', "<", "$Number$", "{}", "null"]
        )
        text = text[:start] + data.draw(piece) + text[end:]
    manifest = survives(lambda one: read_manifest(kind, encoded(one)), text)
    assert manifest is None or _leads_to_the_web(manifest)


def _leads_to_the_web(manifest: Any) -> bool:
    assert isinstance(manifest, Manifest)
    assert 1 <= len(manifest.urls) < 50_010
    return all(url.startswith(("http://", "https://")) for url in manifest.urls)


@settings(max_examples=200)
@given(st.integers(300, 499), HOSTILE | mutated({"status": 401, "subStatus": 4005}), st.booleans())
def test_mutated_refusals_are_source_errors(status: int, body: Any, page: bool) -> None:
    """Whatever stands in a refusal, it becomes an error that the engine knows."""
    assert isinstance(refusal(status, body, page=page), SourceError)
    assert renewable(status, body) in {True, False}


def mpd(
    timeline: str, *, media: str = "https://x.example/$Number$.mp4", more: str = "", start: str = ""
) -> str:
    return (
        f"<MPD xmlns='urn:mpeg:dash:schema:mpd:2011'><Period><AdaptationSet mimeType='audio/mp4'>{more}"
        "<Representation codecs='flac' bandwidth='1' audioSamplingRate='44100'><SegmentTemplate "
        f"timescale='44100' initialization='https://x.example/init.mp4' media='{media}' {start}>"
        f"<SegmentTimeline>{timeline}</SegmentTimeline></SegmentTemplate></Representation></AdaptationSet>"
        "</Period></MPD>"
    )


@pytest.mark.parametrize(
    ("timeline", "start", "numbers"),
    [
        ("<S d='44100' r='2'/><S d='100'/>", "", [1, 2, 3, 4]),
        ("<S d='44100'/><S d='100'/>", "startNumber='0'", [0, 1]),
        ("<S d='44100' r='1'/><S d='44000' r='1'/>", "startNumber='5'", [5, 6, 7, 8]),
        ("<S d='44100'/>", "startNumber='1'", [1]),
    ],
)
def test_segments_are_those_of_the_timeline(timeline: str, start: str, numbers: list[int]) -> None:
    """Each S is one segment and r more; numbers begin where the manifest says; the first one initialises."""
    manifest = read_manifest(DASH, encoded(mpd(timeline, start=start)))
    expected = ["https://x.example/init.mp4", *(f"https://x.example/{number}.mp4" for number in numbers)]
    assert list(manifest.urls) == expected


def test_number_may_be_padded() -> None:
    """Both spellings of the number's place are known."""
    manifest = read_manifest(DASH, encoded(mpd("<S d='1'/>", media="https://x.example/$Number%05d$.mp4")))
    assert manifest.urls[1] == "https://x.example/00001.mp4"


@pytest.mark.parametrize(
    "text",
    [
        mpd("<S d='1' r='-1'/>"),
        mpd("<S d='1' r='99999999'/>"),
        mpd("<S r='1'/>"),
        mpd("<S d='1'/>", media="https://x.example/$Time$.mp4"),
        mpd("<S d='1'/>", media="https://x.example/always.mp4"),
        mpd("<S d='1'/>", media="file:///etc/$Number$"),
        "<!DOCTYPE a [<!ENTITY b 'bbbbbbbb'>]>" + mpd("<S d='1'/>"),
        "<MPD/>",
        "",
        "{}",
    ],
)
def test_manifest_that_cannot_be_followed_is_unreadable(text: str) -> None:
    """What would lead to a guess is no manifest."""
    with pytest.raises(Unreadable):
        read_manifest(DASH, encoded(text))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (DASH, mpd("<S d='1'/>", more="<ContentProtection/>")),
        (BTS, json.dumps({**json.loads(BTS_TEXT), "encryptionType": "OLD_AES", "keyId": "x"})),
    ],
)
def test_encrypted_manifest_is_refused(kind: str, text: str) -> None:
    """Protection is not gone around."""
    with pytest.raises(Protected):
        read_manifest(kind, encoded(text))


def test_immersive_codec_is_no_stereo() -> None:
    """A tier that comes in a codec that nobody asked for is stepped over."""
    with pytest.raises(Unreadable):
        read_manifest(BTS, encoded(json.dumps({**json.loads(BTS_TEXT), "codecs": "ec-3"})))


def test_page_with_a_refusal_is_a_block() -> None:
    """A robot check is waited out; a 403 in JSON is the account's."""
    assert isinstance(refusal(403, None, page=True), RateLimited)
    assert isinstance(refusal(403, {"subStatus": "4032"}, page=False), NotEntitled)


def test_open_api_words_its_refusals_otherwise() -> None:
    """Code words of the second version are known, too."""
    body = {"errors": [{"status": "403", "code": "GEO_RESTRICTED"}]}
    assert "region" in str(refusal(403, body, page=False))


@given(
    st.sampled_from(NAMES),
    st.builds(
        QualityPreference,
        floor=st.none() | st.sampled_from([tier.promised for tier in TIERS]),
        ceiling=st.none() | st.sampled_from([tier.promised for tier in TIERS]),
        codecs=st.sampled_from([(), ("flac",), ("aac",)]),
        accept_lower=st.booleans(),
    ),
    st.none() | st.sampled_from([tier.promised for tier in TIERS]),
)
def test_ladder_only_goes_down(limit: str, preference: QualityPreference, offered: Quality | None) -> None:
    """The tiers are in order, none above the setting, none that the floor or the codecs rule out."""
    names = [tier.name for tier in ladder(limit, preference, offered)]
    assert names == [name for name in NAMES if name in names]
    assert all(NAMES.index(name) >= NAMES.index(limit) for name in names)
    for tier in ladder(limit, preference, offered):
        assert not (preference.floor and tier.most < preference.floor)
        assert not preference.codecs or tier.promised.codec in preference.codecs
