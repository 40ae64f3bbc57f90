"""A path survives being written down as a target."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cratedig_folder.targets import to_path, to_target

NAMES = st.binary(min_size=1, max_size=80).filter(
    lambda name: not set(name) & {0, ord("/")} and name not in {b".", b".."}
)


@given(st.lists(NAMES, min_size=1, max_size=4))
def test_round_trip_of_any_bytes(names: list[bytes]) -> None:
    """Every path that a file system can hold comes back, by way of text that JSON and SQLite keep."""
    path = Path(os.fsdecode(b"/" + b"/".join(names)))
    target = to_target(path)
    assert target.isprintable()
    target.encode("utf-8")
    assert to_path(target) == path


@pytest.mark.parametrize("target", ["", "relative.flac", "/a%00b.flac", "\ud800", "/a\0b"])
def test_what_is_no_path(target: str) -> None:
    """Relative paths, null characters and lone surrogates are no targets."""
    assert to_path(target) is None


def test_ordinary_names_stay_readable() -> None:
    """Letters of any script and blanks are kept as they are."""
    assert to_target(Path("/Музыка/Größe 1.flac")) == "/Музыка/Größe 1.flac"
