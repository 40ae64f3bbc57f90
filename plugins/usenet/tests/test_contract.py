"""Usenet's source keeps the contract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import pytest
from plugins.usenet.tests.conftest import Bench

from cratedig import Wanted
from cratedig_contracts import Expected, SourceContract
from cratedig_emulators.server import Fault
from cratedig_emulators.switches import Switches
from cratedig_emulators.usenet import NewznabEmulator, NzbgetEmulator


class UsenetSwitches(Switches):
    """The indexer's misfortunes, and those of the client's jobs."""

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench.indexer, api=["/api", "/getnzb/*"], files=[])
        self._bench = bench

    def clear(self) -> None:
        super().clear()
        self._bench.client.hold = ""
        self._bench.client.verdicts.clear()

    def expired_login(self) -> None:
        self._bench.indexer.error = (100, "Incorrect user credentials")

    def truncate(self) -> None:
        self._bench.client.verdicts[""] = "FAILURE/PAR"

    def stall(self) -> None:
        self._bench.client.hold = "downloading"

    def slow(self) -> None:
        self._bench.client.hold = "downloading"

    def active(self) -> int:
        return len(self._bench.client.alive())


class UsenetProgram:
    """What the kit may do to the client, and count there."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.back = client.heal

    def away(self) -> None:
        self._client.fault("*", Fault(status=503))

    def jobs(self) -> int:
        return len(self._client.added)

    def requests(self) -> int:
        return len(self._client.requests)


class TestUsenet(SourceContract):
    """Through its entry point, between an emulated indexer and an emulated NZBGet."""

    name = "usenet"
    query: ClassVar[str | Wanted] = Wanted(artist="Mira Oldenburg", album="Glasshouse Songs")
    missing_target = "0:no-such-release"
    expected = Expected(title="Glasshouse Songs", artist="Mira Oldenburg", codec="flac")

    @pytest.fixture
    def bench(self, newznab: NewznabEmulator, nzbget: NzbgetEmulator, tmp_path: Any) -> Bench:
        return Bench(newznab, nzbget, tmp_path / "bench")

    @pytest.fixture
    def settings(self, bench: Bench) -> Mapping[str, Any]:
        return bench.own()

    @pytest.fixture
    def target(self, bench: Bench) -> str:
        return f"0:{bench.indexer.guid(bench.indexer.release('glasshouse'))}"

    @pytest.fixture
    def faults(self, bench: Bench) -> UsenetSwitches:
        return UsenetSwitches(bench)

    @pytest.fixture
    def program(self, bench: Bench) -> UsenetProgram:
        return UsenetProgram(bench.client)
