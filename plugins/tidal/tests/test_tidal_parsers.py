"""Whatever Tidal answers, a result or a SourceError comes out of it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cratedig import NotEntitled, Quality, QualityPreference, RateLimited, RawSearchResult, SourceError
from cratedig.manifests import Manifest
from cratedig_contracts import hostile_json, mutated
from cratedig_emulators.catalogue import DEFAULT
from cratedig_emulators.messages import Request
from cratedig_emulators.tidal import TidalEmulator
from cratedig_tidal.playback import read_stream
from cratedig_tidal.refusals import Protected, Unreadable, refusal, renewable
from cratedig_tidal.tiers import LADDER
from cratedig_tidal.tracks import read_ids, read_search, read_track

SERVICE = TidalEmulator(catalogue=DEFAULT)
TIERS, NAMES = LADDER.tiers, LADDER.names
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

HOSTILE = hostile_json("file:///etc/passwd", "http://")


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


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@settings(max_examples=400, deadline=None)
@given(st.sampled_from([FILE, SEGMENTS]), st.data())
def test_damaged_manifests_give_a_stream_or_source_errors(answer: Any, data: Any) -> None:
    """Any piece of a manifest may be cut out, doubled or replaced."""
    text = base64.b64decode(answer["manifest"]).decode()
    start = data.draw(st.integers(0, len(text)))
    end = start + data.draw(st.integers(0, 40))
    pieces = ["", text[start:end] * 2, "-1", "99999999999", '"', "<", "$Number$", "{}", "null"]
    text = text[:start] + data.draw(st.sampled_from(pieces)) + text[end:]
    told = {**answer, "manifest": encoded(text)}
    stream = survives(lambda one: read_stream(one, HI_RES, None), told)
    assert stream is None or _leads_to_the_web(stream.manifest)  # type: ignore[attr-defined]


def _leads_to_the_web(manifest: Any) -> bool:
    assert isinstance(manifest, Manifest)
    assert 1 <= len(manifest.urls) <= 10_000
    return all(url.startswith(("http://", "https://")) for url in manifest.parts)


@settings(max_examples=200)
@given(st.integers(300, 499), HOSTILE | mutated({"status": 401, "subStatus": 4005}), st.booleans())
def test_mutated_refusals_are_source_errors(status: int, body: Any, page: bool) -> None:
    """Whatever stands in a refusal, it becomes an error that the engine knows."""
    assert isinstance(refusal(status, body, page=page), SourceError)
    assert renewable(status, body) in {True, False}


def changed(answer: Any, old: str, new: str) -> Any:
    """The answer with something else in its manifest."""
    text = base64.b64decode(answer["manifest"]).decode()
    assert old in text
    return {**answer, "manifest": encoded(text.replace(old, new))}


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (changed(SEGMENTS, "<Representation", "<ContentProtection/><Representation"), Protected),
        (changed(FILE, "NONE", "OLD_AES"), Protected),
        (changed(FILE, '"codecs": "flac"', '"codecs": "ec-3"'), Unreadable),
        (changed(SEGMENTS, "$Number$", "always"), Unreadable),
        ({**FILE, "manifest": "="}, Unreadable),
        ({**FILE, "manifestMimeType": "application/vnd.tidal.emu"}, Unreadable),
    ],
)
def test_manifest_that_is_of_no_use_is_stepped_over(answer: Any, error: type[SourceError]) -> None:
    """Protection is not gone around, no codec taken that nobody asked for, nothing guessed."""
    with pytest.raises(error):
        read_stream(answer, LOSSLESS, 16.0)


def test_segments_of_half_a_song_are_a_preview() -> None:
    """Tidal calls it FULL all the same."""
    with pytest.raises(NotEntitled, match="16 s of 160 s"):
        read_stream(SEGMENTS, HI_RES, 160.0)


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
        floor=st.none() | st.sampled_from([tier.least for tier in TIERS]),
        ceiling=st.none() | st.sampled_from([tier.least for tier in TIERS]),
        codecs=st.sampled_from([(), ("flac",), ("aac",)]),
        accept_lower=st.booleans(),
    ),
    st.none() | st.sampled_from([tier.least for tier in TIERS]),
)
def test_ladder_only_goes_down(limit: str, preference: QualityPreference, offered: Quality | None) -> None:
    """The tiers are in order, none above the setting, none that the floor or the codecs rule out."""
    names = [tier.name for tier in LADDER.down(limit, preference, offered)]
    assert names == [name for name in NAMES if name in names]
    assert all(NAMES.index(name) >= NAMES.index(limit) for name in names)
    for tier in LADDER.down(limit, preference, offered):
        assert not (preference.floor and tier.most < preference.floor)
        assert not preference.codecs or tier.least.codec in preference.codecs
