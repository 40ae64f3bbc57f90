"""Tidal's tiers of quality, and how far down a download may go."""

from __future__ import annotations

from attrs import frozen

from cratedig import Quality, QualityPreference

_HI_RES_BITS, _CD_RATE, _BEST_RATE = 24, 44_100, 192_000


@frozen
class Tier:
    """A tier by the name that the API has for it. ``promised`` is what its name alone says.

    Within a tier, recordings differ: none is worse than ``least`` or better than ``most``.
    """

    name: str
    promised: Quality
    least: Quality
    most: Quality


def _flac(bits: int, rate: int | None = None) -> Quality:
    return Quality(codec="flac", lossless=True, bit_depth=bits, sample_rate=rate)


def _aac(name: str, bitrate: int) -> Tier:
    quality = Quality(codec="aac", lossless=False, bitrate=bitrate)
    return Tier(name, quality, quality, quality)


TIERS = (
    Tier(
        "HI_RES_LOSSLESS",
        _flac(_HI_RES_BITS),
        _flac(_HI_RES_BITS, _CD_RATE),
        _flac(_HI_RES_BITS, _BEST_RATE),
    ),
    Tier("LOSSLESS", _flac(16, _CD_RATE), _flac(16, _CD_RATE), _flac(16, _CD_RATE)),
    _aac("HIGH", 320),
    _aac("LOW", 96),
)
"""Best first."""

NAMES = tuple(tier.name for tier in TIERS)


def tier_of(name: str) -> Tier | None:
    """The tier of that name, ``None`` for names that nobody knows or that are withdrawn (MQA)."""
    return next((tier for tier in TIERS if tier.name == name), None)


def at_most(best: Tier, limit: str) -> Tier:
    """The better of all tiers that are no better than either."""
    return TIERS[max(NAMES.index(best.name), NAMES.index(limit))]


def ladder(limit: str, preference: QualityPreference | None, offered: Quality | None) -> list[Tier]:
    """The tiers to ask for, best first: from ``limit`` down to what is still welcome."""
    return [tier for tier in TIERS[NAMES.index(limit) :] if welcome(tier, preference, offered)]


def welcome(tier: Tier, preference: QualityPreference | None, offered: Quality | None) -> bool:
    """Whether some recording of this tier may be what was asked for."""
    if preference is None:
        return True
    floors = [preference.floor, None if preference.accept_lower else offered]
    if any(floor is not None and tier.most < floor for floor in floors):
        return False
    if preference.ceiling is not None and tier.least > preference.ceiling:
        return False
    return not preference.codecs or tier.promised.codec in preference.codecs
