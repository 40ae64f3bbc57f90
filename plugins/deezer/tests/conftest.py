"""The real engine with the emulated Deezer behind all three addresses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cratedig import Download
from cratedig_contracts import Bench
from cratedig_emulators.deezer import DeezerEmulator

GATEWAY = "/ajax/gw-light.php"


class DeezerBench(Bench):
    """Somebody with an account at the emulated Deezer."""

    source = "deezer"

    def __init__(self, service: DeezerEmulator, folder: Path) -> None:
        super().__init__(folder)
        self.service = service

    def own(self) -> dict[str, Any]:
        """What stands under ``[sources.deezer]``."""
        base = self.service.base_url
        return {
            "gw_base": base,
            "api_base": base,
            "media_base": base,
            "arl": self.service.account.arl,
            "stripe_secret": self.service.stripe_secret,
        }

    def download(self, title: str, *, wish: Any = None, searched: bool = False, **settings: Any) -> Download:
        """The record of one download of a title, or of a target's number."""
        target = self.number(title) if title[:1].isalpha() else title
        return self.fetch(target, wish=wish, searched=title if searched else "", **settings)

    def number(self, title: str) -> str:
        """The target that a title of the emulator's is."""
        return str(self.service.song(title).number)

    def calls(self, method: str) -> list[Any]:
        """The requests for one method of the gateway."""
        return [seen for seen in self.service.log.all(GATEWAY) if f"method={method}" in seen.query]


@pytest.fixture
def deezer() -> Iterator[DeezerEmulator]:
    with DeezerEmulator() as service:
        yield service
    assert service.errors == []


@pytest.fixture
def bench(deezer: DeezerEmulator, tmp_path: Path) -> DeezerBench:
    return DeezerBench(deezer, tmp_path)
