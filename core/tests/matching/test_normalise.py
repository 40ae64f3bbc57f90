"""Spellings of one name come out alike."""

# ruff: noqa: RUF001 - the look-alike signs are what it is about

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cratedig._matching import normalise


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("The Beatles", "beatles"),
        ("Simon & Garfunkel", "Simon and Garfunkel"),
        ("Guns N' Roses", "Guns and Roses"),
        ("Beyoncé", "BEYONCE"),
        ("Ke$ha", "Kesha"),
        ("P!nk", "Pink"),
        ("Motörhead", "Motorhead"),
        ("R.E.M.", "REM"),
        ("Don’t Stop", "Dont Stop"),
        ("Ｐｅｒｆｕｍｅ", "Perfume"),
        ("Eminem feat. Rihanna", "Eminem"),
        ("Stan (ft. Dido)", "Stan"),
        ("Кино", "Kino"),
        ("Ζορμπάς", "Zorbas"),
        ("しょうねん", "shounen"),
        ("ガッツ", "gattsu"),
        ("MØ", "MO"),
        ('Blue Monday (12" Mix)', "Blue Monday 12 inch mix"),
    ],
)
def test_spellings_of_one_name_are_alike(left: str, right: str) -> None:
    """Marks, case, width, articles, guests, "&" and the script make no difference."""
    assert normalise(left) == normalise(right)


@pytest.mark.parametrize("name", ["!!!", "÷", "The", "A", "???", "+"])
def test_a_name_of_signs_or_of_an_article_is_kept(name: str) -> None:
    """Nothing is normalised away altogether."""
    assert normalise(name)


@given(st.text(max_size=60))
def test_normalising_is_done_once(text: str) -> None:
    """Any text has a normal form, and it is empty only for blank ones."""
    assert bool(normalise(text)) == bool("".join(text.split())) or not text.isprintable()
