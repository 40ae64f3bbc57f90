"""The model as JSON and back."""

from __future__ import annotations

import json
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from attrs import asdict, field, frozen
from hypothesis import given
from hypothesis import strategies as st
from typed_settings import Secret, SecretStr

from cratedig._journal import codec
from cratedig._journal.port import Archived
from cratedig._model import (
    Attempt,
    AttemptOutcome,
    Availability,
    Candidate,
    Download,
    DownloadState,
    FileResult,
    Kind,
    Plan,
    Quality,
    QualityPreference,
    RawSearchResult,
    SearchResult,
    Wanted,
)

TEXT = st.text(st.characters(), max_size=20)
FILLED = TEXT.filter(str.strip)
COUNT = st.integers(0, 2**70)
NUMBER = st.floats(0, 1e12)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
EXTRA = st.dictionaries(TEXT, JSON, max_size=3)
PATHS = TEXT.map(Path)


def _maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def _some(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(strategy, max_size=3).map(tuple)


QUALITIES = st.builds(
    Quality, codec=TEXT, lossless=_maybe(st.booleans()), bitrate=_maybe(COUNT), bit_depth=_maybe(COUNT)
)
RESULTS = st.builds(
    RawSearchResult, target_id=FILLED, title=TEXT, kind=st.sampled_from(Kind), artist=TEXT,
    duration=_maybe(NUMBER), year=_maybe(COUNT), isrc=_maybe(TEXT), quality=_maybe(QUALITIES),
    availability=_maybe(st.builds(Availability, free_slots=_maybe(COUNT))), extra=EXTRA,
)  # fmt: skip
PREFERENCES = st.builds(
    QualityPreference, floor=_maybe(QUALITIES), codecs=_some(TEXT), accept_lower=st.booleans()
)
PLANS = st.builds(
    Plan, candidates=_some(st.builds(Candidate, source=TEXT, target_id=TEXT, promise=_maybe(RESULTS))),
    chain=_some(TEXT), wanted=_maybe(st.builds(Wanted, text=FILLED, duration=_maybe(NUMBER))),
    quality=_maybe(PREFERENCES), name=TEXT,
)  # fmt: skip
FILES = st.builds(FileResult, path=PATHS, size=COUNT, duration=_maybe(NUMBER), quality=_maybe(QUALITIES))
ATTEMPTS = st.builds(
    Attempt, number=COUNT, source=TEXT, target_id=TEXT, started_at=NUMBER, ended_at=NUMBER,
    outcome=st.sampled_from(AttemptOutcome), reason=TEXT, received=COUNT, quality=_maybe(QUALITIES),
)  # fmt: skip
DOWNLOADS = st.builds(
    Download, id=TEXT, source=TEXT, target_id=TEXT, display_name=TEXT, state=st.sampled_from(DownloadState),
    dest_dir=PATHS, kind=st.sampled_from(Kind), detail=TEXT, progress=NUMBER, size=_maybe(COUNT),
    file_path=_maybe(PATHS), files=_some(FILES), attempts=_some(ATTEMPTS), quality_got=_maybe(QUALITIES),
    priority=st.integers(), started_at=_maybe(NUMBER), extra=EXTRA,
)  # fmt: skip
ARCHIVED = st.builds(
    Archived,
    source=TEXT,
    target_id=TEXT,
    path=PATHS,
    size=COUNT,
    download_id=TEXT,
    at=NUMBER,
    files=_some(FILES),
)


@given(st.one_of(DOWNLOADS, PLANS, ARCHIVED))
def test_everything_that_is_stored_round_trips(value: Any) -> None:
    """What was written is read back equal, as one line of ASCII."""
    text = codec.dumps(value)
    assert text.isascii()
    assert "\n" not in text
    assert codec.loads(type(value), text) == value


def test_a_search_result_keeps_what_the_source_said() -> None:
    """The promise of a candidate survives without the engine's own stamps."""
    other = SearchResult(target_id="y", title="Song", source="b")
    found = SearchResult(target_id="x", title="Song", source="a", score=0.5, alternates=(other,), size=7)
    kept = codec.loads(
        Plan, codec.dumps(Plan(candidates=(Candidate(source="a", target_id="x", promise=found),)))
    )
    promise = kept.candidates[0].promise
    assert promise == RawSearchResult(target_id="x", title="Song", size=7)


@frozen(kw_only=True)
class Older:
    """A class as it was."""

    name: str
    gone: int = 7


@frozen(kw_only=True)
class Newer:
    """The same class a few versions later."""

    name: str
    added: tuple[int, ...] = field(default=(1,))
    kinds: frozenset[Kind] = frozenset()


def test_keys_of_newer_versions_are_ignored_and_missing_ones_default() -> None:
    """Two versions may read each other's rows."""
    assert codec.loads(Newer, codec.dumps(Older(name="n", gone=8))) == Newer(name="n", added=(1,))
    assert codec.loads(Older, codec.dumps(Newer(name="n", kinds=frozenset(Kind)))) == Older(name="n")


def test_an_empty_value_is_kept_where_it_is_not_the_default() -> None:
    """Only what goes without saying is left out."""
    assert codec.loads(Newer, codec.dumps(Newer(name="", added=()))) == Newer(name="", added=())


def test_a_set_of_kinds_round_trips() -> None:
    """Collections come back as what they were."""
    assert codec.loads(Newer, codec.dumps(Newer(name="n", kinds=frozenset(Kind)))).kinds == frozenset(Kind)


@pytest.mark.parametrize("text", ["[]", "{", "null", '{"name": 1, "kinds": ["opera"]}', "{}", '{"kinds": 3}'])
def test_rubbish_is_a_value_or_type_error(text: str) -> None:
    """What cannot be read says so in one of two ways."""
    with pytest.raises((TypeError, ValueError)):
        codec.loads(Newer, text)


class Colour(Enum):
    """Something of a plugin's own."""

    RED = (1, 2)


def test_what_json_lacks_becomes_what_is_nearest() -> None:
    """An ``extra`` that a plugin filled with its own objects can be stored."""
    extra = {1: {2}, "path": Path("/a"), "enum": Colour.RED, "tuple": (1, (2,)), "id": Path, None: b"x"}
    found = json.loads(json.dumps(codec.plain(extra)))
    assert found == {
        "1": [2],
        "path": "/a",
        "enum": [1, 2],
        "tuple": [1, [2]],
        "id": str(Path),
        "None": "b'x'",
    }


def test_a_secret_is_never_written() -> None:
    """A secret in a text field or deep in ``extra`` is stored as its mask."""
    planted = f"planted-{uuid4()}"
    result = RawSearchResult(
        target_id="x",
        title=SecretStr(planted),
        extra={"deep": [{"token": SecretStr(planted), "other": Secret(planted)}], SecretStr(planted): 1},
    )
    text = codec.dumps(Candidate(source="a", target_id="x", promise=result))
    assert planted in str(asdict(result)["title"])
    assert planted not in text
