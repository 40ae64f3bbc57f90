"""Tidal's tiers of quality, best first."""

from __future__ import annotations

from cratedig import Quality
from cratedig.tiers import Ladder, Tier

_CD = Quality(codec="flac", lossless=True, bit_depth=16, sample_rate=44_100)

LADDER = Ladder(
    (
        Tier(
            "HI_RES_LOSSLESS",
            least=Quality(codec="flac", lossless=True, bit_depth=24, sample_rate=44_100),
            most=Quality(codec="flac", lossless=True, bit_depth=24, sample_rate=192_000),
        ),
        Tier("LOSSLESS", _CD),
        Tier("HIGH", Quality(codec="aac", lossless=False, bitrate=320)),
        Tier("LOW", Quality(codec="aac", lossless=False, bitrate=96)),
    )
)
"""By the names that the API has for them."""

HI_RES = LADDER.tiers[0]
