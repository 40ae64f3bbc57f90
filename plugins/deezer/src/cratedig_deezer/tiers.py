"""The formats that Deezer has, and which of them may be asked for."""

from __future__ import annotations

from attrs import frozen

from cratedig import Quality, QualityPreference


@frozen
class Tier:
    """One format by the service's name, with what its files are."""

    name: str
    quality: Quality
    extension: str


TIERS = (
    Tier("FLAC", Quality(codec="flac", lossless=True, sample_rate=44100, bit_depth=16), "flac"),
    Tier("MP3_320", Quality(codec="mp3", lossless=False, bitrate=320), "mp3"),
    Tier("MP3_128", Quality(codec="mp3", lossless=False, bitrate=128), "mp3"),
)
"""The best first. What comes before the one that was asked for is never offered: no falling up."""

NAMES = tuple(tier.name for tier in TIERS)


def allowed(quality: str, preference: QualityPreference | None) -> tuple[Tier, ...]:
    """Return the tiers from the setting ``quality`` down, as far as the preference goes down with it."""
    known = TIERS[NAMES.index(quality) :]
    if preference is None:
        return known
    return tuple(tier for tier in known if preference.accepts(tier.quality))
