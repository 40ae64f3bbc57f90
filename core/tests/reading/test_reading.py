"""What the tolerant readers make of anything that JSON can hold."""

import contextlib
import json
import math
import sys
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cratedig import reading
from cratedig._errors import UnexpectedResponse

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=10**300, max_value=10**400),
    st.floats(),
    st.text(st.characters(), max_size=200),
    st.from_regex(r"[+-]?[0-9_.eE]{1,70}", fullmatch=True),
    st.sampled_from(
        ["&#" + "9" * 4000 + ";", "x" * 10_000, "\ud800", "\u202e", "٣", "1" * 5000, "NaN", "Infinity"]
    ),
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
)


@given(ANYTHING)
def test_text_is_always_one_clean_line(value: object) -> None:
    """Any value becomes an encodable, trimmed line of bounded length."""
    line = reading.text(value)
    line.encode()
    assert len(line) <= reading.MAX_TEXT
    assert line == line.strip()
    assert not any(ord(character) < 32 or 0x7F <= ord(character) < 0xA0 for character in line)


@given(ANYTHING)
def test_texts_are_clean_and_never_empty(value: object) -> None:
    """Any value becomes a tuple of non-empty lines."""
    lines = reading.texts(value)
    assert isinstance(lines, tuple)
    assert all(line and line == line.strip() for line in lines)


@given(ANYTHING)
def test_number_is_finite_and_not_negative(value: object) -> None:
    """Any value becomes a finite float of zero or more, or none."""
    found = reading.number(value)
    assert found is None or (type(found) is float and math.isfinite(found) and found >= 0)


@given(ANYTHING)
def test_whole_fits_the_journal(value: object) -> None:
    """Any value becomes an int that a 64-bit column holds, or none."""
    found = reading.whole(value)
    assert found is None or (type(found) is int and 0 <= found < 2**63)


@given(ANYTHING)
def test_the_other_readers_keep_their_type(value: object) -> None:
    """Any value becomes a flag, an object, a list and a year or none."""
    assert type(reading.flag(value)) is bool
    assert isinstance(reading.mapping(value), Mapping)
    assert type(reading.items(value)) is list
    found = reading.year(value)
    assert found is None or 1800 <= found <= 2099


@given(ANYTHING)
@pytest.mark.parametrize("require", [reading.require_mapping, reading.require_items])
def test_require_raises_nothing_but_unexpected_response(
    require: Callable[..., object], value: object
) -> None:
    """The two that may raise, raise one error and nothing else."""
    with contextlib.suppress(UnexpectedResponse):
        assert require(value, "tracks") == value


@given(st.integers(min_value=0, max_value=2**63 - 1))
def test_whole_is_exact(value: int) -> None:
    """A large size survives as a number and as a string."""
    assert reading.whole(value) == reading.whole(str(value)) == value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("  Björk ", "Björk"),
        ("Simon &amp; Garfunkel", "Simon & Garfunkel"),
        ("two\r\nlines", "two lines"),
        ("bell\x07 zero\x00", "bell zero"),
        ("exe\u202eflac", "exeflac"),
        (42, "42"),
        (42.0, "42"),
        (1.5, "1.5"),
        (float("nan"), ""),
        (["first", "second"], "first"),
        ([["nested"]], ""),
        ([], ""),
        (None, ""),
        (True, ""),
        ({"text": "x"}, ""),
    ],
)
def test_text_reads(value: object, expected: str) -> None:
    """Text comes out of strings, numbers and lists."""
    assert reading.text(value) == expected


def test_text_survives_a_host_that_lowers_the_digits_limit() -> None:
    """An entity with more digits than int() takes stays as it is."""
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(640)
    try:
        assert reading.text("&#" + "9" * 1000 + ";").startswith("&#999")
    finally:
        sys.set_int_max_str_digits(before)


def test_text_of_a_number_too_long_to_write_is_empty() -> None:
    """Python refuses to write out thousands of digits, and no id has them."""
    assert reading.text(10**5000) == ""


def test_text_of_ten_megabytes_is_cut() -> None:
    """Only the head of a huge string is looked at."""
    assert reading.text("a" * 10_000_000) == "a" * 4096


@pytest.mark.parametrize(
    ("value", "expected"),
    [("a", ("a",)), (["a", " ", None, 3], ("a", "3")), (None, ()), (["x"] * 5000, ("x",) * 1000)],
)
def test_texts_reads(value: object, expected: tuple[str, ...]) -> None:
    """Lists and single values become tuples."""
    assert reading.texts(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("3.5", 3.5),
        (" 4 ", 4.0),
        (3, 3.0),
        ("1e3", 1000.0),
        (["7"], 7.0),
        ("3:45", None),
        ("-1", None),
        (-1, None),
        ("1_000", None),
        ("nan", None),
        (True, None),
        (10**400, None),
        ("1e999", None),
        (-0.0, 0.0),
    ],
)
def test_number_reads(value: object, expected: float | None) -> None:
    """Numbers come out of numbers and plain numeric strings."""
    assert reading.number(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("320", 320),
        (199.7, 199),
        ("199.7", 199),
        (False, None),
        (2**63, None),
        (1e300, None),
        ("x", None),
        (-5, None),
    ],
)
def test_whole_reads(value: object, expected: int | None) -> None:
    """Fractions are cut off; what no column holds is none."""
    assert reading.whole(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, True),
        ("True", True),
        ("1", True),
        (1, True),
        (0, False),
        ("false", False),
        ("yes", False),
        (None, False),
    ],
)
def test_flag_reads(value: object, expected: bool) -> None:
    """Only the spellings of true are true."""
    assert reading.flag(value) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1999", 1999),
        ("01/02/1999", 1999),
        ("20051231", 2005),
        (2005, 2005),
        ("199", None),
        (1700000000, None),
        ("(P) 1971 Reprise", 1971),
        (["1969-09-26"], 1969),
        ("3024", None),
        (None, None),
    ],
)
def test_year_reads(value: object, expected: int | None) -> None:
    """A year stands in a date, in a sentence, or alone."""
    assert reading.year(value) == expected


def test_items_and_mapping_read() -> None:
    """A single object is a list of one; what is none is empty."""
    assert reading.items({"id": 1}) == [{"id": 1}]
    assert reading.items(None) == reading.items("abc") == []
    assert reading.mapping({"id": 1}) == {"id": 1}
    assert reading.mapping([1]) == {}


def test_require_says_what_came_instead() -> None:
    """The message has the type that came."""
    with pytest.raises(UnexpectedResponse, match="albums: expected a list, got null"):
        reading.require_items(None, "albums")
    with pytest.raises(UnexpectedResponse, match="tracks: expected a list, got an object"):
        reading.require_items({"planted": "secret"}, "tracks")
    with pytest.raises(UnexpectedResponse, match="answer: expected an object, got text"):
        reading.require_mapping(json.loads('"<html>"'), "answer")


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("usrc17607839", "USRC17607839"),
        ("US-RC1-76-07839", "USRC17607839"),
        ("US RC1 76 07839", "USRC17607839"),
        ("USRC1760783", None),
        ("USRC176078399", None),
        ("../17/../0002", None),
        ("", None),
        (None, None),
        (17607839, None),
    ],
)
def test_isrc_has_one_spelling(value: object, code: str | None) -> None:
    """Twelve characters in capitals, or nothing."""
    assert reading.isrc(value) == code


@pytest.mark.parametrize(
    ("title", "version", "whole"),
    [
        ("Harbour Lights", "Live", "Harbour Lights (Live)"),
        ("Harbour Lights (live)", "Live", "Harbour Lights (live)"),
        ("Harbour Lights", None, "Harbour Lights"),
        (None, "Live", ""),
        ("x" * 5000, "Live", "x" * reading.MAX_TEXT),
    ],
)
def test_version_stands_behind_the_title(title: object, version: object, whole: str) -> None:
    """Once, and a title that is none gets none."""
    assert reading.versioned(title, version) == whole


@given(ANYTHING)
def test_readers_of_titles_and_codes_take_anything(value: object) -> None:
    """None of them raises."""
    assert len(reading.versioned(value, value)) <= reading.MAX_TEXT
    assert reading.isrc(value) is None or len(reading.isrc(value) or "") == len("USRC17607839")


@pytest.mark.parametrize("failure", [ValueError, RecursionError])
def test_body_that_is_no_json_is_nothing(failure: type[Exception]) -> None:
    """Pages and endless nesting alike."""

    class Broken:
        def json(self) -> object:
            raise failure

    assert reading.json_of(Broken()) is None
