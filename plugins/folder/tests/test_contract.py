"""The folder's source keeps the contract."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from cratedig import Wanted
from cratedig_contracts import Expected, SourceContract


class TestFolder(SourceContract):
    """Through its entry point, with a folder of real files."""

    name = "folder"
    query: ClassVar[str | Wanted] = Wanted(artist="The Brass Lanterns", title="Slow Tram Home")
    missing_target = "/nowhere/no such file.flac"
    expected = Expected(title="Slow Tram Home", artist="The Brass Lanterns", duration=2.0, codec="flac")

    @pytest.fixture
    def settings(self, music: Path) -> Mapping[str, Any]:
        return {"paths": [str(music)]}

    @pytest.fixture
    def target(self, music: Path) -> str:
        return str(next(music.rglob("*.flac")))
