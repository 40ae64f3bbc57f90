"""The Archive's source keeps the contract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from cratedig import SourceError, Unavailable, Wanted
from cratedig_contracts import Expected, SourceContract
from cratedig_emulators.archive import ArchiveEmulator
from cratedig_emulators.switches import Switches


class TestArchive(SourceContract):
    """Through its entry point, against the emulated Archive."""

    name = "archive"
    query: ClassVar[str | Wanted] = Wanted(artist="The Brass Lanterns", title="Copper Rain")
    missing_target = "no-such-item/no such file.flac"
    expected = Expected(title="Copper Rain", artist="The Brass Lanterns", duration=16.0, codec="flac")
    page_means: ClassVar[type[SourceError]] = Unavailable

    @pytest.fixture
    def service(self, archive_service: ArchiveEmulator) -> ArchiveEmulator:
        archive_service.heal()
        return archive_service

    @pytest.fixture
    def settings(self, service: ArchiveEmulator) -> Mapping[str, Any]:
        return {"base_url": service.base_url, "requests_per_period": 1000}

    @pytest.fixture
    def target(self) -> str:
        return "the-brass-lanterns-slow-tram-home/02 - Copper Rain.flac"

    @pytest.fixture
    def faults(self, service: ArchiveEmulator) -> Switches:
        return Switches(service, api=["/advancedsearch.php", "/metadata/*"], files=["GET /12/items/*"])
