"""The audio of each tier, whole and in the segments of a fragmented MP4 file."""

from __future__ import annotations

from typing import Any

from cratedig_emulators.audio import make_audio
from cratedig_emulators.catalogue import Track
from cratedig_emulators.hifi.recipes import HIGH, HIRES, LOSSLESS, LOW
from cratedig_emulators.segments import segmented

SEGMENT_SECONDS = 4.0
_ENCODINGS: dict[str, dict[str, Any]] = {
    HIRES: {"codec": "flac", "sample_rate": 96000, "bit_depth": 24},
    LOSSLESS: {"codec": "flac"},
    HIGH: {"codec": "aac", "bitrate": 320},
    LOW: {"codec": "aac", "bitrate": 96},
}


def numbers(tier: str) -> tuple[int, int]:
    """Return bits and Hz of a tier."""
    made = _ENCODINGS[tier]
    return made.get("bit_depth", 16), made.get("sample_rate", 44100)


def whole(track: Track, tier: str) -> bytes:
    """Return one file: native FLAC, or AAC in M4A."""
    return make_audio(track, tagged=False, **_ENCODINGS[tier])


def segments(track: Track, tier: str) -> tuple[bytes, ...]:
    """Return the initialisation segment and then the audio, about four seconds each."""
    return segmented(whole(track, tier), SEGMENT_SECONDS).files


def claiming(flac: bytes, seconds: float) -> bytes:
    """Return the same FLAC file under a header that claims another length."""
    rate = int.from_bytes(flac[18:21]) >> 4
    samples = round(seconds * rate)
    return (
        flac[:21]
        + ((flac[21] & 0xF0 | samples >> 32).to_bytes() + (samples & 0xFFFFFFFF).to_bytes(4))
        + flac[26:]
    )
