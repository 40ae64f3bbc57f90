"""Deezer's source keeps the contract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import uuid4

import pytest

from cratedig import Wanted
from cratedig_contracts import Expected, SourceContract
from cratedig_emulators.deezer import DeezerEmulator
from cratedig_emulators.switches import Switches


class DeezerSwitches(Switches):
    """The usual misfortunes, and a login that has ended."""

    def __init__(self, service: DeezerEmulator) -> None:
        api = ["/ajax/*", "/search/*", "/track/*", "/v1/*"]
        super().__init__(service, api=api, files=["/media/*", "/mobile/*"])
        self._deezer = service

    def expired_login(self) -> None:
        self._deezer.revoke()


class TestDeezer(SourceContract):
    """Through its entry point, against the emulated Deezer."""

    name = "deezer"
    query: ClassVar[str | Wanted] = Wanted(artist="The Brass Lanterns", title="Copper Rain")
    missing_target = "77"
    expected = Expected(title="Copper Rain", artist="The Brass Lanterns", duration=16.0, codec="flac")

    @pytest.fixture
    def settings(self, deezer: DeezerEmulator) -> Mapping[str, Any]:
        return {
            "gw_base": deezer.base_url,
            "api_base": deezer.base_url,
            "media_base": deezer.base_url,
            "arl": deezer.account.arl,
            "stripe_secret": deezer.stripe_secret,
            "requests_per_period": 1000,
        }

    @pytest.fixture
    def planted(self) -> Mapping[str, Any]:
        return {"arl": f"planted{uuid4().hex}", "stripe_secret": uuid4().hex[:16]}

    @pytest.fixture
    def target(self, deezer: DeezerEmulator) -> str:
        return str(deezer.song("Copper Rain").number)

    @pytest.fixture
    def faults(self, deezer: DeezerEmulator) -> DeezerSwitches:
        return DeezerSwitches(deezer)
