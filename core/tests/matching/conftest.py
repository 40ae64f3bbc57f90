"""Results to compare, with as few words as a test needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cratedig._model import SearchResult

MakeResult = Callable[..., SearchResult]


@pytest.fixture
def result() -> MakeResult:
    """Build a result of source ``a``; the target id is counted up unless it is given."""
    made = 0

    def make(artist: str, title: str, duration: float | None = None, **more: Any) -> SearchResult:
        nonlocal made
        made += 1
        fields = {"target_id": str(made), "source": "a", **more}
        return SearchResult(artist=artist, title=title, duration=duration, **fields)

    return make
