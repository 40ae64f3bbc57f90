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
    SourceError,
)
from cratedig.manifests import MAX_SEGMENTS, read_manifest
from cratedig.tiers import Tier
from cratedig_contracts import hostile_json, mutated
from cratedig_emulators.catalogue import DEFAULT
from cratedig_emulators.hifi import HifiEmulator, Recipe
from cratedig_emulators.messages import Request
from cratedig_hifi import HifiSettings
from cratedig_hifi.offers import Offer, read_document, read_playback
from cratedig_hifi.tiers import HIGH, HIRES, LADDER, LOSSLESS, LOW, catalogued, promised
from cratedig_hifi.tracks import read_search, read_track

TIERS = LADDER.tiers
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

JSON = hostile_json()


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
    for result in survives(lambda: read_search(answer, best.name)) or []:
        assert result.target_id.isdecimal()
        assert result.title


@settings(max_examples=300)
@given(mutated(PLAYBACK) | JSON, mutated(DOCUMENT) | JSON, st.sampled_from(TIERS))
def test_mutated_playbacks(playback: Any, document: Any, tier: Tier) -> None:
    """A manifest, an address, or a SourceError."""
    for offer in (
        survives(lambda: read_playback(playback, tier)),
        survives(lambda: read_document(document, tier)),
    ):
        assert offer is None or offer.address.startswith(("http://", "https://", "data:"))


@settings(max_examples=400)
@given(cut(MPD) | cut(BTS) | cut(HLS) | st.text())
def test_mutated_manifests(content: str) -> None:
    """Whole web addresses, not too many of them."""
    found = survives(lambda: read_manifest(content, "http://127.0.0.1/1/manifests/x/media.m3u8"))
    assert found is None or 0 < len(found.urls) <= MAX_SEGMENTS
    assert found is None or all(url.startswith(("http://", "https://")) for url in found.parts)


def test_manifests_as_they_should_be() -> None:
    """All three kinds list what there is, in order, with the seconds that they claim."""
    dash, hls, file = map(read_manifest, (MPD, HLS, BTS))
    assert [url.partition("?")[0].rpartition("/")[2] for url in dash.parts] == [f"{n}.mp4" for n in range(5)]
    assert [len(hls.parts), hls.duration, dash.duration] == [5, 16.0, 16.0]
    assert (len(file.parts), file.duration) == (1, None)


def test_preview_is_told_by_its_reason_too() -> None:
    """A reason for a preview is enough, whatever the presentation says."""
    about = {"trackPresentation": "FULL", "previewReason": "FULL_REQUIRES_SUBSCRIPTION", "uri": "http://h/"}
    with pytest.raises(NotEntitled, match="FULL_REQUIRES_SUBSCRIPTION"):
        read_document({"data": {"data": {"attributes": about}}}, LOSSLESS)


def test_forks_write_answers_in_their_own_way() -> None:
    """Bare or wrapped, `url` for `uri`, `tracks` for `items`, tracks in wrappers: all are read."""
    assert read_document({"url": "http://h/x"}, LOSSLESS) == Offer(address="http://h/x")
    rows = SEARCH["data"]["items"]
    for answer in ({"items": rows}, rows, {"data": {"tracks": {"items": rows}}}, {"tracks": rows}):
        assert len(read_search(answer, HIRES.name)) == len(rows)
    assert read_track({"item": rows[0], "type": "track"}, HIRES.name)


def test_track_that_may_not_be_played_is_none() -> None:
    """A withdrawn track is no result."""
    row = SEARCH["data"]["items"][0]
    assert read_track({**row, "streamReady": False}, HIRES.name) is None
    assert read_track({**row, "allowStreaming": False}, HIRES.name) is None
    assert read_track({**row, "allowStreaming": None}, HIRES.name) is not None


FLOOR = Quality(codec="flac", bit_depth=16, sample_rate=44100)


@pytest.mark.parametrize(
    ("best", "preference", "offered", "tiers"),
    [
        (LOSSLESS, None, None, (LOSSLESS, HIGH, LOW)),
        (HIRES, QualityPreference(floor=FLOOR), None, (HIRES, LOSSLESS)),
        (LOW, QualityPreference(floor=FLOOR), None, ()),
        (HIRES, QualityPreference(ceiling=FLOOR), None, (LOSSLESS, HIGH, LOW)),
        (HIRES, QualityPreference(codecs=("aac",)), None, (HIGH, LOW)),
        (LOSSLESS, QualityPreference(accept_lower=False), None, (LOSSLESS,)),
        (HIRES, QualityPreference(accept_lower=False), LOSSLESS.least, (HIRES, LOSSLESS)),
    ],
)
def test_tiers_follow_the_wish(
    best: Tier, preference: QualityPreference | None, offered: Quality | None, tiers: tuple[Tier, ...]
) -> None:
    """From the setting down to the floor; where that is above the setting, there is none."""
    assert LADDER.down(best.name, preference, offered) == tiers


def test_hires_is_not_asked_for_where_there_is_none() -> None:
    """The catalogue's tags spare a request to every instance; where nothing else is welcome, it is."""
    assert catalogued(TIERS, ["LOSSLESS"]) == (LOSSLESS, HIGH, LOW)
    assert catalogued(TIERS, ["LOSSLESS", "HIRES_LOSSLESS"]) == TIERS
    assert catalogued(TIERS, []) == TIERS
    assert catalogued((HIRES,), ["LOSSLESS"]) == (HIRES,)


def test_what_is_promised_is_what_would_be_asked_for() -> None:
    """The catalogue's tags and the setting together make the offer."""
    assert promised(["LOSSLESS", "HIRES_LOSSLESS"], "LOSSLESS", HIRES.name) == HIRES.least
    assert promised(["LOSSLESS", "HIRES_LOSSLESS"], "LOSSLESS", LOSSLESS.name) == LOSSLESS.least
    assert promised(["LOSSLESS"], "LOSSLESS", HIRES.name) == LOSSLESS.least
    assert promised([], "HIGH", HIRES.name) == HIGH.least
    assert promised([], "", HIRES.name) is None


@pytest.mark.parametrize("address", ["music", "http://h?x=1", "http://planted:word@c@d"])
def test_what_is_no_address_is_refused_unseen(address: str) -> None:
    """The message has the number of the wrong one in the list and not its text."""
    with pytest.raises(ValueError, match="number 2 is no address") as caught:
        HifiSettings(instances=["http://h", address])
    assert "planted" not in str(caught.value)
