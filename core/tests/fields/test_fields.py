"""Settings fields that many sources have."""

from __future__ import annotations

import pytest
from attrs import frozen

from cratedig.fields import address, choice


@frozen
class Example:
    """Settings of a source."""

    base: str = address("https://music.example")
    own: str = address()
    tier: str = choice(("HIGH", "LOW"), "HIGH")


def test_what_people_write_is_put_in_order() -> None:
    """No slash at the end of an address, capitals where the service has them."""
    found = Example(base="http://127.0.0.1:8000/api/", tier=" low")
    assert found == Example(base="http://127.0.0.1:8000/api", tier="LOW")
    assert Example().own == ""


@pytest.mark.parametrize(
    "wrong",
    [
        {"base": ""},
        {"base": "music"},
        {"base": "ftp://h"},
        {"own": "http://h?x"},
        {"own": "http://h/a b"},
        {"tier": "MID"},
    ],
)
def test_what_cannot_be_meant_is_refused(wrong: dict[str, str]) -> None:
    """The engine tells the person which setting it is."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Example(**wrong)
