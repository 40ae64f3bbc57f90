"""Data is frozen, checked at the border, and ordered where it has an order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cratedig import (
    AlbumFile,
    Attempt,
    AttemptOutcome,
    Availability,
    Delivery,
    Download,
    DownloadEvent,
    DownloadState,
    FileResult,
    Kind,
    Quality,
    QualityPreference,
    RawSearchResult,
    SearchResult,
    TransferUpdate,
    Wanted,
)

numbers = st.none() | st.integers(0, 10_000)
qualities = st.builds(
    Quality,
    codec=st.sampled_from(["", "flac", "mp3", "aac", "opus", "wav", "ALAC"]),
    lossless=st.sampled_from([None, True, False]),
    bitrate=numbers,
    sample_rate=numbers,
    bit_depth=numbers,
)


@given(a=qualities, b=qualities, c=qualities)
def test_qualities_are_totally_ordered(a: Quality, b: Quality, c: Quality) -> None:
    """Transitive, consistent both ways, and lossless is always above lossy."""
    assert (a < b) == (b > a)
    assert (a <= b) or (b <= a)
    if a < b < c:
        assert a < c
    if a.is_lossless and not b.is_lossless:
        assert a > b
    assert max(a, b, c).rank == max(a.rank, b.rank, c.rank)


@given(quality=qualities, floor=qualities, ceiling=qualities)
def test_a_preference_accepts_what_is_between_its_bounds(
    quality: Quality, floor: Quality, ceiling: Quality
) -> None:
    """Nothing below the floor, nothing above the ceiling; what tells nothing is a matter of policy."""
    tells = bool(quality.codec or quality.bitrate or quality.lossless is not None)
    strict = QualityPreference(floor=floor, ceiling=ceiling, accept_unknown=False)
    assert strict.accepts(quality) == (tells and floor <= quality <= ceiling)
    assert QualityPreference(floor=floor).accepts(None)
    assert not strict.accepts(None)


def test_codecs_are_compared_in_lower_case() -> None:
    """FLAC is flac, wherever it comes from."""
    assert QualityPreference(codecs=("FLAC",)).accepts(Quality(codec="Flac"))
    assert not QualityPreference(codecs=("mp3",)).accepts(Quality(codec="flac"))


def test_qualities_read_as_people_write_them() -> None:
    """Codec and the numbers that matter for it."""
    assert str(Quality(codec="flac", bit_depth=24, sample_rate=96000)) == "FLAC 24/96"
    assert str(Quality(codec="flac", bit_depth=16, sample_rate=44100)) == "FLAC 16/44.1"
    assert str(Quality(codec="mp3", bitrate=320)) == "MP3 320"
    assert str(Quality()) == "unknown"
    assert str(Quality(lossless=True)) == "lossless"


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("target_id", "", ValueError),
        ("target_id", 7, TypeError),
        ("title", None, TypeError),
        ("title", "x" * 5000, ValueError),
        ("artist", b"bytes", TypeError),
        ("duration", -1, ValueError),
        ("duration", float("nan"), ValueError),
        ("duration", float("inf"), ValueError),
        ("duration", "200", TypeError),
        ("duration", True, TypeError),
        ("year", 2001.5, TypeError),
        ("size", -5, ValueError),
        ("kind", "playlist", ValueError),
        ("quality", "flac", TypeError),
        ("availability", {}, TypeError),
        ("extra", [], TypeError),
    ],
)
def test_a_result_with_a_wrong_field_is_refused_by_its_name(field: str, value: Any, error: type) -> None:
    """The message names the field, so that an author sees what the service sent."""
    fields: dict[str, Any] = {"target_id": "1", "title": "Song", field: value}
    with pytest.raises(error) as caught:
        RawSearchResult(**fields)
    assert field in str(caught.value) or field == "kind"


def test_kinds_can_be_given_as_text() -> None:
    """A source need not import the enumeration."""
    assert RawSearchResult(target_id="1", title="x", kind="album").kind is Kind.ALBUM


def test_a_wish_says_something() -> None:
    """Nothing at all is refused; an album without a title is a wish for an album."""
    for nothing in ({}, {"text": "  "}, {"duration": 3.0}, {"year": 2000}):
        with pytest.raises(ValueError, match="nothing to look for"):
            Wanted(**nothing)
    assert Wanted(artist="A", album="B").kind is Kind.ALBUM
    assert Wanted(artist="A", album="B", title="C").kind is Kind.TRACK
    assert Wanted.of("some words").query == "some words"
    wish = Wanted(isrc="QZABC2000001")
    assert Wanted.of(wish) is wish


def _download(**more: Any) -> Download:
    fields: dict[str, Any] = {"id": "1", "source": "s", "target_id": "t", "display_name": "n"}
    return Download(**fields, state=DownloadState.INITIALIZING, dest_dir=Path("/music"), **more)


@pytest.mark.parametrize(
    "thing",
    [
        Wanted(text="x"),
        Quality(),
        QualityPreference(),
        Availability(),
        RawSearchResult(target_id="1", title="x"),
        SearchResult(target_id="1", title="x", source="s"),
        FileResult(path=Path("x"), size=1),
        Attempt(number=1, source="s", target_id="t", started_at=0, ended_at=0, outcome=AttemptOutcome.FAILED),
        _download(),
        DownloadEvent(download=_download(), before=None, at=0.0),
    ],
    ids=lambda thing: type(thing).__name__,
)
def test_what_people_are_given_is_frozen(thing: Any) -> None:
    """No field can be set, and none can be added."""
    for field in attrs.fields(type(thing)):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(thing, field.name, None)
    with pytest.raises((attrs.exceptions.FrozenInstanceError, AttributeError)):
        thing.something_new = 1


def test_states_are_text_with_an_end() -> None:
    """They print, compare and serialise as text; three of them are the end."""
    assert {state for state in DownloadState if state.terminal} == {
        DownloadState.COMPLETED,
        DownloadState.ERRORED,
        DownloadState.CANCELLED,
    }
    assert json.dumps([DownloadState.IN_PROGRESS]) == '["InProgress"]'
    assert DownloadState("Completed") is DownloadState.COMPLETED


def test_a_key_names_a_result_on_a_command_line() -> None:
    """Source and target, with a colon; a target may have colons of its own."""
    assert SearchResult(target_id="a:b", title="x", source="s").key == "s:a:b"


@pytest.mark.parametrize(
    "named",
    [
        Delivery(path=Path("a"), name=f"{'a' * 4096} - {'t' * 4096}"),
        AlbumFile(path=Path("a"), name=f"{'a' * 4096} - {'t' * 4096}"),
        TransferUpdate(transfer_id="1", state=DownloadState.COMPLETED, name=f"{'a' * 4096} - {'t' * 4096}"),
    ],
)
def test_a_name_put_together_from_two_texts_is_shortened(
    named: Delivery | AlbumFile | TransferUpdate,
) -> None:
    """Artist and title may each have all characters that a text may have; what joins them is no bug."""
    assert named.name == "a" * 4096


def test_a_name_is_a_text() -> None:
    """Anything else is refused, as everywhere."""
    wrong: Any = 3
    with pytest.raises(TypeError, match="name: expected text"):
        Delivery(path=Path("a"), name=wrong)
