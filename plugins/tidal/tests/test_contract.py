"""Tidal's source keeps the contract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from cratedig import Wanted
from cratedig_contracts import Expected, SourceContract
from cratedig_emulators.switches import Switches
from cratedig_emulators.tidal import TidalEmulator


class TestTidal(SourceContract):
    """Through its entry point, the real tidalapi and the emulated Tidal."""

    name = "tidal"
    query: ClassVar[str | Wanted] = Wanted(artist="The Brass Lanterns", title="Copper Rain")
    missing_target = "99999999"
    expected = Expected(title="Copper Rain", artist="The Brass Lanterns", duration=16.0, codec="flac")

    @pytest.fixture
    def settings(self, service: TidalEmulator) -> Mapping[str, Any]:
        # One file and no segments, whose FLAC is published as it came: progress ends at the file's size.
        return {
            **service.addresses(),
            "refresh_token": service.login().refresh,
            "quality": "LOSSLESS",
            "requests_per_period": 1000,
        }

    @pytest.fixture
    def target(self, service: TidalEmulator) -> str:
        return service.id_of("Copper Rain")

    @pytest.fixture
    def faults(self, service: TidalEmulator) -> Switches:
        return Switches(
            service, api=["/v1/search", "/v1/tracks/*", "/openapi/v2/tracks"], files=["GET /mediatracks/*"]
        )
