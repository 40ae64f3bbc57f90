"""The Archive's names for audio formats, and what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from types import MappingProxyType

from cratedig import Quality

_KNOWN: Mapping[str, Quality] = MappingProxyType(
    {
        "24bit Flac": Quality(codec="flac", bit_depth=24),
        "Flac": Quality(codec="flac"),
        "Apple Lossless Audio": Quality(codec="alac"),
        "AIFF": Quality(codec="aiff"),
        "WAVE": Quality(codec="wav"),
        "320Kbps MP3": Quality(codec="mp3", bitrate=320),
        "VBR MP3": Quality(codec="mp3"),
        "256Kbps MP3": Quality(codec="mp3", bitrate=256),
        "MP3": Quality(codec="mp3"),
        "192Kbps MP3": Quality(codec="mp3", bitrate=192),
        "Opus": Quality(codec="opus"),
        "Ogg Vorbis": Quality(codec="vorbis"),
        "M4A": Quality(codec="aac"),
        "MPEG-4 Audio": Quality(codec="aac"),
        "AAC": Quality(codec="aac"),
        "128Kbps MP3": Quality(codec="mp3", bitrate=128),
        "64Kbps MP3": Quality(codec="mp3", bitrate=64),
    }
)
PREFERRED = tuple(_KNOWN)
"""Best first."""

_BY_EXTENSION: Mapping[str, str] = MappingProxyType(
    {
        ".flac": "Flac",
        ".mp3": "MP3",
        ".ogg": "Ogg Vorbis",
        ".opus": "Opus",
        ".m4a": "M4A",
        ".wav": "WAVE",
        ".aif": "AIFF",
        ".aiff": "AIFF",
    }
)


def format_of(name: str, stated: str) -> str:
    """Find the format's known name; by the extension where the Archive's word is new; "" when it is no audio.

    Formats that nothing here can verify (Shorten, Windows Media) count as no audio.
    """
    extension = PurePosixPath(name).suffix.lower()
    if extension not in _BY_EXTENSION:
        return ""
    return stated if stated in _KNOWN else _BY_EXTENSION[extension]


def quality_of(format_name: str, bitrate: int | None) -> Quality:
    """Say what a format promises; ``bitrate`` in kbit/s stands in where the name has none."""
    known = _KNOWN.get(format_name, Quality())
    rate = known.bitrate or bitrate
    return Quality(codec=known.codec, bit_depth=known.bit_depth, bitrate=None if known.is_lossless else rate)


def is_lossless(format_name: str) -> bool:
    """Whether the format keeps every sample."""
    return quality_of(format_name, None).is_lossless
