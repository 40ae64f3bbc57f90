"""The real engine with the emulated SoundCloud behind its proxy setting."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cratedig import Download
from cratedig_contracts import Bench
from cratedig_emulators.soundcloud import Sound, SoundCloudEmulator


class SoundCloudBench(Bench):
    """Somebody without a login at the emulated SoundCloud."""

    source = "soundcloud"

    def __init__(self, sc: SoundCloudEmulator, folder: Path) -> None:
        super().__init__(folder)
        self.sc = sc

    def own(self) -> dict[str, Any]:
        """What stands under ``[sources.soundcloud]``."""
        return {"proxy": self.sc.proxy_url, "verify_tls": False}

    def login(self) -> dict[str, Any]:
        """The setting that logs in."""
        return {"oauth_token": self.sc.oauth_token}

    def download(self, target: str | Sound, *, wish: Any = None, **settings: Any) -> Download:
        """The record of one download when it has ended; ``wish`` is the quality that is asked for."""
        return self.fetch(str(target.id) if isinstance(target, Sound) else target, wish=wish, **settings)


@pytest.fixture
def sc() -> Iterator[SoundCloudEmulator]:
    """SoundCloud, and the proof at the end that nothing asked for what it does not have."""
    with SoundCloudEmulator() as emulator:
        yield emulator
        assert emulator.errors == []
        assert emulator.strays == []


@pytest.fixture
def bench(sc: SoundCloudEmulator, tmp_path: Path) -> SoundCloudBench:
    """Open engines on ``sc``."""
    return SoundCloudBench(sc, tmp_path)


@pytest.fixture
def first(sc: SoundCloudEmulator) -> Sound:
    """Pick the emulator's first upload, a label's."""
    return next(iter(sc.sounds.values()))
