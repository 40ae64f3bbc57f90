"""Tidal's source keeps the contract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from cratedig import Wanted
from cratedig_contracts import Expected, SourceContract
from cratedig_emulators.switches import Switches
from cratedig_emulators.tidal import TidalEmulator


class TidalLogin:
    """A person who opens the link when the kit says so."""

    def __init__(self, service: TidalEmulator) -> None:
        self._accounts = service.accounts

    def hold(self) -> None:
        self._accounts.pending = 10**6

    def confirm(self) -> None:
        self._accounts.approve()

    def secrets(self) -> list[str]:
        return self._accounts.secrets


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
    def login(self, service: TidalEmulator) -> TidalLogin:
        return TidalLogin(service)

    @pytest.fixture
    def login_settings(self, settings: Mapping[str, Any]) -> Mapping[str, Any]:
        return {key: value for key, value in settings.items() if key != "refresh_token"}

    @pytest.fixture
    def secrets(self, service: TidalEmulator) -> list[str]:
        return service.accounts.secrets

    @pytest.fixture
    def target(self, service: TidalEmulator) -> str:
        return service.id_of("Copper Rain")

    @pytest.fixture
    def faults(self, service: TidalEmulator) -> Switches:
        return Switches(
            service, api=["/v1/search", "/v1/tracks/*", "/openapi/v2/tracks"], files=["GET /mediatracks/*"]
        )
