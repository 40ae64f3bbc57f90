"""The source keeps the contract."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from shelf import Shelf, ShelfFaults

from cratedig_contracts import Expected, SourceContract


class TestExample(SourceContract):
    """Through its installed entry point, against a shelf on 127.0.0.1."""

    name = "example"
    query = "brass lanterns copper rain"
    expected = Expected(title="Copper Rain", artist="The Brass Lanterns", duration=16.0, codec="flac")

    @pytest.fixture
    def shelf(self) -> Iterator[Shelf]:
        with Shelf() as shelf:
            yield shelf
            assert shelf.errors == []

    @pytest.fixture
    def settings(self, shelf: Shelf) -> Mapping[str, Any]:
        return {"base_url": shelf.base_url, "token": shelf.token}

    @pytest.fixture
    def faults(self, shelf: Shelf) -> ShelfFaults:
        return ShelfFaults(shelf)
