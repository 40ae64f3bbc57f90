"""Lidarr's source keeps the contract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import uuid4

import pytest

from cratedig import Wanted
from cratedig_contracts import Expected, SourceContract
from cratedig_emulators.lidarr import LidarrEmulator
from cratedig_emulators.switches import Switches


class LidarrFaults:
    """The usual misfortunes of the API, and a download that does not get on; no file comes over HTTP."""

    def __init__(self, service: LidarrEmulator) -> None:
        self._service = service
        switches = Switches(service, api=["/api/*"], files=[])
        self.status, self.html, self.active = switches.status, switches.html, switches.active
        self.malformed_json, self.hostile_json = switches.malformed_json, switches.hostile_json

    def clear(self) -> None:
        self._service.heal()
        self._service.work.hold = ""

    def slow(self) -> None:
        """Let a download stand still half-way; no file is in the library yet.

        Albums stay: the source may be about to tell Lidarr something of one that it has just delivered.
        """
        with self._service.lock:
            for shelved in self._service.shelf.albums.values():
                for path in shelved.files.values():
                    path.unlink(missing_ok=True)
                shelved.files.clear()
            self._service.work.hold = "downloading"

    stall = slow

    def expired_login(self) -> None:
        self._service.api_key = uuid4().hex


class LidarrProgram:
    """What the kit may count at Lidarr."""

    def __init__(self, service: LidarrEmulator) -> None:
        self._service = service

    def jobs(self) -> int:
        return len(self._service.searches())

    def requests(self) -> int:
        return len(self._service.requests)


class TestLidarr(SourceContract):
    """Through its entry point, against the emulated Lidarr, which has no bodies of files."""

    name = "lidarr"
    query: ClassVar[str | Wanted] = Wanted(artist="Kettle & Moss", album="Field Recordings of Nowhere")
    missing_target = "00000000-0000-4000-8000-000000000000"
    expected = Expected(title="Field Recordings of Nowhere", artist="Kettle & Moss", codec="flac")

    @pytest.fixture
    def settings(self, bench: Any) -> Mapping[str, Any]:
        return {**bench.own(), "requests_per_period": 1000}

    @pytest.fixture
    def target(self, bench: Any) -> str:
        return str(bench.service.foreign_id("Field Recordings of Nowhere"))

    @pytest.fixture
    def faults(self, bench: Any) -> LidarrFaults:
        return LidarrFaults(bench.service)

    @pytest.fixture
    def program(self, bench: Any) -> LidarrProgram:
        return LidarrProgram(bench.service)
