"""The real engine with the emulated YouTube behind its proxy setting."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cratedig import Download
from cratedig_contracts import Bench
from cratedig_emulators.youtube import Video, YouTubeEmulator


class YouTubeBench(Bench):
    """An engine with the emulated YouTube behind it."""

    source = "youtube"

    def __init__(self, yt: YouTubeEmulator, folder: Path) -> None:
        super().__init__(folder)
        self.yt = yt

    def own(self) -> dict[str, Any]:
        """What stands under ``[sources.youtube]``."""
        return {"proxy": self.yt.proxy_url, "verify_tls": False}

    def download(self, target: str | Video, **settings: Any) -> Download:
        """The record of one download when it has ended."""
        return self.fetch(target.id if isinstance(target, Video) else target, **settings)


@pytest.fixture
def yt() -> Iterator[YouTubeEmulator]:
    """YouTube, and the proof at the end that nothing asked for what it does not have."""
    with YouTubeEmulator() as emulator:
        yield emulator
        assert emulator.errors == []
        assert emulator.strays == []


@pytest.fixture
def bench(yt: YouTubeEmulator, tmp_path: Path) -> YouTubeBench:
    """Open engines on ``yt``."""
    return YouTubeBench(yt, tmp_path)


@pytest.fixture
def first(yt: YouTubeEmulator) -> Video:
    """Pick the emulator's first video, label-delivered audio."""
    return next(iter(yt.videos.values()))
