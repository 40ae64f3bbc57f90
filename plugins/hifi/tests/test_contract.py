"""The HiFi source keeps the contract."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar
from uuid import uuid4

import pytest

from cratedig import SourceError, Unavailable, Wanted
from cratedig_contracts import Expected, SourceContract
from cratedig_emulators.hifi import HifiEmulator
from cratedig_emulators.switches import Switches


@pytest.fixture(scope="module")
def hifi_service() -> Iterator[HifiEmulator]:
    with HifiEmulator(login=("collector", f"planted-{uuid4()}")) as service:
        yield service


class TestHifi(SourceContract):
    """Through its entry point, against one emulated instance that asks for a login."""

    name = "hifi"
    query: ClassVar[str | Wanted] = Wanted(artist="The Brass Lanterns", title="Copper Rain")
    missing_target = "1"
    expected = Expected(title="Copper Rain", artist="The Brass Lanterns", duration=16.0, codec="flac")
    page_means: ClassVar[type[SourceError]] = Unavailable

    @pytest.fixture
    def service(self, hifi_service: HifiEmulator) -> HifiEmulator:
        hifi_service.heal()
        return hifi_service

    @pytest.fixture
    def settings(self, service: HifiEmulator) -> Mapping[str, Any]:
        user, password = service.login or ("", "")
        address = service.base_url.replace("://", f"://{user}:{password}@")
        # One file and no segments, whose FLAC is published as it came: progress ends at the file's size.
        return {
            "instances": [address],
            "quality": "LOSSLESS",
            "requests_per_period": 1000,
            "instance_timeout": 3.0,
        }

    @pytest.fixture
    def secrets(self, service: HifiEmulator) -> Iterable[str]:
        return (service.login or ("", ""))[1:]

    @pytest.fixture
    def target(self, service: HifiEmulator) -> str:
        return str(service.find("Copper Rain").id)

    @pytest.fixture
    def faults(self, service: HifiEmulator) -> Switches:
        return Switches(
            service,
            api=["/search/", "/info/", "/track/", "/trackManifests/"],
            files=["/mediatracks/*", "/1/manifests/*"],
        )
