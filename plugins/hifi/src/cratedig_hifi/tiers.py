"""Tidal's tiers, best first, by the words that ``/track/`` has for them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from cratedig import Quality
from cratedig.tiers import Ladder, Tier

HIRES = Tier(
    "HI_RES_LOSSLESS",
    least=Quality(codec="flac", bit_depth=24, sample_rate=44100),
    most=Quality(codec="flac", bit_depth=24, sample_rate=192000),
)
LOSSLESS = Tier("LOSSLESS", Quality(codec="flac", bit_depth=16, sample_rate=44100))
HIGH = Tier("HIGH", Quality(codec="aac", bitrate=320))
LOW = Tier("LOW", Quality(codec="aac", bitrate=96))
LADDER = Ladder((HIRES, LOSSLESS, HIGH, LOW))

FORMATS: Mapping[str, str] = MappingProxyType(
    {"HI_RES_LOSSLESS": "FLAC_HIRES", "LOSSLESS": "FLAC", "HIGH": "AACLC", "LOW": "HEAACV1"}
)
"""The words that ``/trackManifests/`` has."""


def catalogued(tiers: Sequence[Tier], tags: Collection[str]) -> tuple[Tier, ...]:
    """Leave hi-res out where the catalogue knows of none; every instance would have to be asked for it."""
    if not tags or "HIRES_LOSSLESS" in tags:
        return tuple(tiers)
    return tuple(tier for tier in tiers if tier is not HIRES) or tuple(tiers)


def promised(tags: Collection[str], audio_quality: str, limit: str) -> Quality | None:
    """Return what would be delivered, by the words of the catalogue, when ``limit`` is asked for."""
    word = "LOSSLESS" if "LOSSLESS" in tags else audio_quality
    there = HIRES if "HIRES_LOSSLESS" in tags else LADDER.named(word)
    return LADDER.at_most(there, limit).least if there else None
