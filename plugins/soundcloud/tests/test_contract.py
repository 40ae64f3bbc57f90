"""The source keeps the contract, against the emulated SoundCloud."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from cratedig_contracts import Expected, SourceContract
from cratedig_emulators.server import Fault
from cratedig_emulators.soundcloud import SoundCloudEmulator
from cratedig_emulators.soundcloud.media import media, segments
from cratedig_emulators.switches import Switches

_API = ["/", "/search/*", "/tracks/*", "/resolve", "/media/*", "/assets/*"]
_FILES = ["/segments/*", "/progressive/*"]


class SoundCloudSwitches(Switches):
    """The usual misfortunes, and a login that has ended."""

    def __init__(self, service: SoundCloudEmulator) -> None:
        super().__init__(service, api=_API, files=_FILES)
        self._sc = service

    def hostile_json(self) -> None:
        """Answer with other types than yt-dlp knows."""
        body = b'{"collection": 7, "id": [], "media": {"transcodings": [null, 3]}, "url": {"x": 1}}'
        self._plant(_API, Fault(body=body, content_type="application/json"))

    def expired_login(self) -> None:
        """Take another token from now on."""
        self._sc.expire_login()


class TestSoundCloud(SourceContract):
    """Through its entry point, with the real yt-dlp."""

    name = "soundcloud"
    query = "brass lanterns copper rain"
    missing_target = "77"
    expected = Expected(title="Copper Rain", artist="The Brass Lanterns", duration=16.0, codec="aac")

    @pytest.fixture
    def emulator(self) -> Iterator[SoundCloudEmulator]:
        """Start SoundCloud with its audio made, and see at the end that nothing else was asked for."""
        with SoundCloudEmulator() as emulator:
            sound = emulator.sound("Copper Rain")
            segments(sound, "aac_160k")
            media(sound, "mp3")
            yield emulator
            assert emulator.strays == []

    @pytest.fixture
    def settings(self, emulator: SoundCloudEmulator) -> Mapping[str, Any]:
        """Go through the emulator's proxy, logged in."""
        return {"proxy": emulator.proxy_url, "verify_tls": False, "oauth_token": emulator.oauth_token}

    @pytest.fixture
    def target(self, emulator: SoundCloudEmulator) -> str:
        """Take a track that the query finds."""
        return str(emulator.sound("Copper Rain").id)

    @pytest.fixture
    def faults(self, emulator: SoundCloudEmulator) -> SoundCloudSwitches:
        """Make the emulator misbehave."""
        return SoundCloudSwitches(emulator)
