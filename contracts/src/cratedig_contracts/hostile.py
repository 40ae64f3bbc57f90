"""Answers that no service should give: for tests that feed a source's parsers.

A test takes an answer that its emulator really gives, and lets hypothesis spoil it::

    @given(answer=mutated(SEARCH))
    def test_a_search_is_read_or_refused(answer):
        with suppress(SourceError):
            assert all(isinstance(one, RawSearchResult) for one in read_search(answer))
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

STRANGE: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 7, 2**70, 10**400, -(10**400), 1e308, -0.0, float("inf"), float("nan")),
    *("", " ", "0", "-1", "12", "44.1", "1e999", "null", "9" * 5000, "x" * 100_000),
    *("\0", "\ud800", "\x00\x1b[31m", "\u202e\x1b[2J", "&#" + "9" * 5000 + ";", "<b>"),
    *("../../etc/passwd", "file:///etc/passwd", "javascript:alert(1)", "http://[", "https://x/?etsp=1e9"),
    *([], [[]], [None], {}, {"id": {}}, {"items": 7}, {"a": [1]}, [{"name": [{}]}], [{"code": 7}, 3]),
)
"""Values that have been misread before: too large, not a number, another shape, not to be encoded."""


def hostile_json(*more: Any) -> st.SearchStrategy[Any]:
    """Any value of JSON, with :data:`STRANGE` ones and ``more`` in it: words of the service's own, say."""
    plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
    return st.recursive(
        plain | st.sampled_from((*STRANGE, *more)),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
        max_leaves=8,
    ).map(copy.deepcopy)


def mutated(answer: Any, *more: Any, most: int = 4) -> st.SearchStrategy[Any]:
    """``answer`` with up to ``most`` places missing, or with something of :func:`hostile_json` there.

    Now and then the whole of it is something else.
    """
    values = hostile_json(*more)
    return st.integers(0, _SELDOM).flatmap(
        lambda n: values if n == _SELDOM else _spoilt(answer, most, values)
    )


_SELDOM = 9
"""How often an answer is kept in its main shape, for each time that it is not."""


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path to every value inside of another one; keys and numbers."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        yield (*path, key)
        yield from places(item, (*path, key))


@st.composite
def _spoilt(draw: st.DrawFn, answer: Any, most: int, values: st.SearchStrategy[Any]) -> Any:
    answer = copy.deepcopy(answer)
    for _ in range(draw(st.integers(1, most))):
        if not (there := list(places(answer))):
            break
        *path, last = draw(st.sampled_from(there))
        holder = answer
        for key in path:
            holder = holder[key]
        if draw(st.booleans()):
            del holder[last]
        else:
            holder[last] = draw(values)
    return answer
