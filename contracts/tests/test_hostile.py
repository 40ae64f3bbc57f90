"""Spoilt answers are of every kind, and the answer they are made of stays whole."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import find, given, settings
from hypothesis import strategies as st

from cratedig_contracts import hostile_json, mutated
from cratedig_contracts.hostile import places

ANSWER = {"tracks": [{"id": 7, "title": "Copper Rain", "artist": {"name": "The Brass Lanterns"}}], "total": 1}
WHOLE = copy.deepcopy(ANSWER)


def test_every_place_is_known() -> None:
    """Down to the values in lists in objects."""
    found = list(places(ANSWER))
    assert ("tracks", 0, "artist", "name") in found
    assert len(found) == 7


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_the_original_stays_as_it_is(data: Any) -> None:
    """However deep the spoilt one was changed."""
    spoilt = data.draw(mutated(ANSWER))
    if isinstance(spoilt, dict):
        spoilt.clear()
    assert ANSWER == WHOLE


def test_values_go_missing_and_are_replaced_and_the_whole_may_be_another() -> None:
    """Each kind of damage comes up."""
    quick = settings(max_examples=3000, deadline=None, database=None)

    def seen(what: Any, *more: Any) -> None:
        find(mutated(ANSWER, *more), what, settings=quick)

    seen(lambda one: isinstance(one, dict) and one.keys() == {"tracks"})
    seen(lambda one: isinstance(one, dict) and isinstance(one.get("total"), str))
    seen(lambda one: isinstance(one, int | list))
    seen(lambda one: "PREVIEW" in str(one), "PREVIEW")


@settings(max_examples=100, deadline=None)
@given(hostile_json())
def test_hostile_values_are_values_of_json(value: Any) -> None:
    """Each could really have come from a service."""
    assert json.dumps(value)
