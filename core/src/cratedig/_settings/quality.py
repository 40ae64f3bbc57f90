"""Qualities as people write them: ``flac``, ``flac 24/96``, ``mp3 320``, ``lossless``."""

from __future__ import annotations

import re

from cratedig._model import Quality

EXPECTED = "a quality such as flac, flac 24/96, mp3 320, lossless or 256"

_QUALITY = re.compile(
    r"(?P<name>[a-z][a-z0-9]*)?\s*(?:(?P<depth>\d{1,2})/(?P<rate>\d{1,3}(?:\.\d+)?)|(?P<bitrate>\d{1,5}))?"
)


def parse_quality(text: str) -> Quality:
    """The quality that ``text`` names: codec, ``lossless`` or ``lossy``; then kbit/s, or bits/kHz.

    :raises ValueError: it names none.
    """
    found = _QUALITY.fullmatch(text.strip().lower())
    if not found or not any(found.groups()):
        raise ValueError(f"expected {EXPECTED}")
    name = found["name"] or ""
    stated = {"lossless": True, "lossy": False}.get(name)
    return Quality(
        codec="" if stated is not None else name,
        # Bits and kHz without a codec can only mean a lossless file.
        lossless=True if stated is None and not name and found["depth"] else stated,
        bitrate=int(found["bitrate"]) if found["bitrate"] else None,
        bit_depth=int(found["depth"]) if found["depth"] else None,
        sample_rate=round(float(found["rate"]) * 1000) if found["rate"] else None,
    )
