"""Qobuz' source keeps the contract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar
from uuid import uuid4

import pytest

from cratedig import Wanted
from cratedig_contracts import Expected, SourceContract
from cratedig_emulators.qobuz import QobuzEmulator
from cratedig_emulators.switches import Switches


class QobuzSwitches(Switches):
    """The usual misfortunes, and a login that has expired."""

    def __init__(self, service: QobuzEmulator) -> None:
        super().__init__(service, api=["/api.json/*"], files=["/file"])
        self._qobuz = service

    def clear(self) -> None:
        self._qobuz.renew()

    def expired_login(self) -> None:
        self._qobuz.expire()


class TestQobuz(SourceContract):
    """Through its entry point, against the emulated Qobuz."""

    name = "qobuz"
    query: ClassVar[str | Wanted] = Wanted(artist="The Brass Lanterns", title="Copper Rain")
    missing_target = "77"
    expected = Expected(title="Copper Rain", artist="The Brass Lanterns", duration=16.0, codec="flac")

    @pytest.fixture
    def service(self, qobuz_service: QobuzEmulator) -> QobuzEmulator:
        qobuz_service.renew()
        return qobuz_service

    @pytest.fixture
    def settings(self, service: QobuzEmulator) -> Mapping[str, Any]:
        return {
            "api_base": service.api_base,
            "app_id": service.app_id,
            "app_secret": service.app_secret,
            "user_auth_token": service.token,
            "requests_per_period": 1000,
        }

    @pytest.fixture
    def secrets(self, service: QobuzEmulator) -> Iterable[str]:
        return service.tokens.keys()

    @pytest.fixture
    def planted(self) -> Mapping[str, Any]:
        return {"app_secret": uuid4().hex}

    @pytest.fixture
    def target(self, service: QobuzEmulator) -> str:
        return str(service.song("Copper Rain").id)

    @pytest.fixture
    def faults(self, service: QobuzEmulator) -> QobuzSwitches:
        return QobuzSwitches(service)
