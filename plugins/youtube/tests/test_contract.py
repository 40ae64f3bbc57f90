"""The source keeps the contract, against the emulated YouTube."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from cratedig_contracts import Expected, SourceContract
from cratedig_emulators.server import Fault
from cratedig_emulators.youtube import YouTubeEmulator

_API, _PAGES, _MEDIA = "/youtubei/*", ("/", "/watch"), "/videoplayback"
_HOSTILE = {
    "contents": {"twoColumnSearchResultsRenderer": [1, None, {"primaryContents": "x"}]},
    "playabilityStatus": 7,
    "videoDetails": {"title": [], "lengthSeconds": {}, "videoId": 5},
    "streamingData": {"adaptiveFormats": [None, 3, {"itag": "x", "url": 9}]},
}


class YouTubeFaults:
    """The emulator's faults by the kit's names. There is no login to expire."""

    def __init__(self, yt: YouTubeEmulator) -> None:
        self._yt = yt

    def clear(self) -> None:
        """Behave again."""
        self._yt.heal()

    def status(self, code: int, retry_after: float | None = None) -> None:
        """Answer everything with ``code``."""
        pause = None if retry_after is None else f"{retry_after:g}"
        self._yt.fault("*", Fault(status=code, retry_after=pause))

    def html(self) -> None:
        """Be in maintenance."""
        for glob in (_API, *_PAGES):
            self._yt.fault(glob, Fault(html=True))

    def malformed_json(self) -> None:
        """Break off in the middle of JSON."""
        self._answer(b'{"contents": {"twoColumn')

    def hostile_json(self) -> None:
        """Answer with other types than yt-dlp knows."""
        self._answer(json.dumps(_HOSTILE).encode())

    def truncate(self) -> None:
        """Cut the connection in the middle of the media."""
        self._yt.fault(_MEDIA, Fault(truncate_at=40_000))

    def stall(self) -> None:
        """Send nothing more in the middle of the media."""
        self._yt.fault(_MEDIA, Fault(stall_at=40_000))

    def slow(self) -> None:
        """Let the media trickle."""
        self._yt.fault(_MEDIA, Fault(drip=(1024, 0.3)))

    def active(self) -> int:
        """Count the requests under way."""
        return sum(seen.ended_at is None for seen in self._yt.requests)

    def _answer(self, body: bytes) -> None:
        for glob in (_API, *_PAGES):
            self._yt.fault(glob, Fault(body=body, content_type="application/json"))


class TestYouTube(SourceContract):
    """Through its entry point, with the real yt-dlp."""

    name = "youtube"
    query = "brass lanterns slow tram home"
    missing_target = "ZZZZZZZZZZZ"
    expected = Expected(title="Slow Tram Home", artist="The Brass Lanterns", duration=13, codec="opus")

    @pytest.fixture
    def emulator(self) -> Iterator[YouTubeEmulator]:
        """Start YouTube, and see at the end that nothing else was asked for."""
        with YouTubeEmulator() as emulator:
            yield emulator
            assert emulator.strays == []

    @pytest.fixture
    def settings(self, emulator: YouTubeEmulator) -> Mapping[str, Any]:
        """Go through the emulator's proxy."""
        return {"proxy": emulator.proxy_url, "verify_tls": False}

    @pytest.fixture
    def target(self, emulator: YouTubeEmulator) -> str:
        """Take the first video, label-delivered audio."""
        return next(iter(emulator.videos))

    @pytest.fixture
    def faults(self, emulator: YouTubeEmulator) -> YouTubeFaults:
        """Make the emulator misbehave."""
        return YouTubeFaults(emulator)
