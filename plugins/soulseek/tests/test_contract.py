"""Soulseek's source keeps the contract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import uuid4

import pytest

from cratedig import Wanted
from cratedig_contracts import Expected, SourceContract
from cratedig_emulators.server import Fault
from cratedig_emulators.soulseek import Script, SlskdEmulator
from cratedig_emulators.switches import Switches


class SlskdSwitches(Switches):
    """The usual misfortunes; files come from peers, by way of slskd, so those are its own."""

    def __init__(self, service: SlskdEmulator) -> None:
        super().__init__(service, api=["/api/v0/*"], files=[])
        self._slskd = service

    def clear(self) -> None:
        super().clear()
        self._slskd.unscript()

    def expired_login(self) -> None:
        self._slskd.api_key = f"planted-{uuid4().hex}"

    def truncate(self) -> None:
        self._slskd.script(Script(kept=0.5))

    def stall(self) -> None:
        self._slskd.script(Script(hang="InProgress"))

    def slow(self) -> None:
        self._slskd.script(Script(share=0.0005))


class SlskdProgram:
    """What the kit may count at slskd, and how it goes away."""

    def __init__(self, service: SlskdEmulator) -> None:
        self._slskd = service

    def jobs(self) -> int:
        return self._slskd.downloads.enqueued.total()

    def requests(self) -> int:
        return len(self._slskd.requests)

    def away(self) -> None:
        self._slskd.fault("*", Fault(reset=True))

    def back(self) -> None:
        self._slskd.heal("*")


class TestSoulseek(SourceContract):
    """Through its entry point, against the emulated slskd."""

    name = "soulseek"
    query: ClassVar[str | Wanted] = Wanted(artist="The Brass Lanterns", title="Copper Rain")
    missing_target = "peer one/7/no such file.flac"
    album_query: ClassVar[Wanted | None] = Wanted(artist="Mira Oldenburg", album="Glasshouse Songs")
    expected = Expected(title="Copper Rain", artist="The Brass Lanterns", duration=16.0, codec="flac")

    @pytest.fixture
    def settings(self, slskd: SlskdEmulator) -> Mapping[str, Any]:
        return {
            "base_url": slskd.base_url,
            "api_key": slskd.api_key,
            "download_dir": str(slskd.downloads.downloads),
            "path_map": {slskd.there: str(slskd.folder)},
            "poll_interval": 0.05,
        }

    @pytest.fixture
    def target(self, bench: Any) -> str:
        return str(bench.target()[1])

    @pytest.fixture
    def program(self, slskd: SlskdEmulator) -> SlskdProgram:
        return SlskdProgram(slskd)

    @pytest.fixture
    def faults(self, slskd: SlskdEmulator) -> SlskdSwitches:
        return SlskdSwitches(slskd)
