"""Shorter queries, few and never so short that they flood."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cratedig._matching import ladder
from cratedig._model import Wanted


@pytest.mark.parametrize(
    ("query", "rungs"),
    [
        ("Queen - Bohemian Rhapsody (Remastered 2011)", ["Queen Bohemian Rhapsody", "bohemian rhapsody"]),
        ("Eminem Stan (Live) feat. Dido and Friends", ["Eminem Stan feat. Dido and Friends", "Eminem Stan"]),
        ("Eminem feat. Dido - Stan", ["Eminem Stan"]),
        ("Adele Hello", []),
        ("One", []),
    ],
)
def test_brackets_go_first_then_guests_then_the_artist(query: str, rungs: list[str]) -> None:
    """Each rung drops what a service is least likely to know."""
    assert list(ladder(query)) == rungs


def test_fields_make_better_rungs_than_text() -> None:
    """With fields the version words go and only the first artist stays."""
    wanted = Wanted(artist="Daft Punk feat. Pharrell Williams", title="Get Lucky - Radio Edit")
    assert list(ladder(wanted.query, wanted)) == [
        "Daft Punk Get Lucky Radio Edit",
        "daft punk get lucky",
        "get lucky",
    ]


def test_one_word_is_asked_only_when_it_is_the_title() -> None:
    """A single word floods a service; a title of one word has no other way."""
    wanted = Wanted(artist="Adele", title="Hello (Live)")
    assert list(ladder("Adele Hello (Live)", wanted)) == ["Adele Hello", "hello"]
    assert all(len(rung.split()) > 1 for rung in ladder("Adele Hello (Live)"))


def test_the_ladder_has_four_rungs_at_most() -> None:
    """Text that could be read in many ways still asks a service no more than four times."""
    rungs = ladder("Big Band & Co feat. Some Guest - Fine Song (Live)")
    assert list(rungs) == [
        "Big Band & Co feat. Some Guest Fine Song",
        "Big Band & Co Fine Song",
        "big band fine song",
        "fine song",
    ]


@given(st.text(max_size=80), st.text(max_size=40), st.text(max_size=40))
def test_there_are_few_and_no_two_alike(query: str, artist: str, title: str) -> None:
    """At most four rungs, none empty, none twice, none the query again, whatever the text."""
    wanted = Wanted(artist=artist, title=title) if (artist + title).strip() else None
    rungs = list(ladder(query, wanted))
    assert len(rungs) <= 4
    assert all(rungs)
    assert len({rung.casefold() for rung in [query, *rungs]}) == len(rungs) + 1
