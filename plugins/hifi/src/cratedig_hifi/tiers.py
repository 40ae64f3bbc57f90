"""Tidal's tiers, best first, and which of them a person's wish allows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import frozen

from cratedig import Quality, QualityPreference, QualityUnavailable


@frozen(kw_only=True)
class Tier:
    """``word`` is what ``/track/`` calls it, ``format`` what ``/trackManifests/`` does.

    ``least`` is what a file of it has in any case, ``most`` what it can have.
    """

    word: str
    format: str
    least: Quality
    most: Quality

    @property
    def flac(self) -> bool:
        """Whether the audio is FLAC, in whatever wrapping."""
        return self.least.is_lossless

    @property
    def codec(self) -> str:
        """What a manifest's ``codecs`` begins with."""
        return "flac" if self.flac else "mp4a"


def _lossy(bitrate: int) -> Quality:
    return Quality(codec="aac", bitrate=bitrate)


_CD = Quality(codec="flac", bit_depth=16, sample_rate=44100)
HIRES = Tier(
    word="HI_RES_LOSSLESS",
    format="FLAC_HIRES",
    least=Quality(codec="flac", bit_depth=24, sample_rate=44100),
    most=Quality(codec="flac", bit_depth=24, sample_rate=192000),
)
LOSSLESS = Tier(word="LOSSLESS", format="FLAC", least=_CD, most=_CD)
HIGH = Tier(word="HIGH", format="AACLC", least=_lossy(320), most=_lossy(320))
LOW = Tier(word="LOW", format="HEAACV1", least=_lossy(96), most=_lossy(96))
TIERS = (HIRES, LOSSLESS, HIGH, LOW)


def named(word: str) -> Tier:
    """Find the tier that ``/track/`` calls so."""
    return next(tier for tier in TIERS if tier.word == word)


def allowed(best: Tier, preference: QualityPreference | None, offered: Quality | None) -> tuple[Tier, ...]:
    """Return the tiers to try, in order: from ``best`` down to what is welcome.

    A floor above ``best`` is a wish for this one download and counts for more. Where a lower quality than
    was ``offered`` is not accepted, nothing below that is tried.

    :raises QualityUnavailable: none is welcome.
    """
    if preference is None:
        return TIERS[TIERS.index(best) :]
    welcome = [tier for tier in TIERS if _welcome(tier, preference)]
    usual = [tier for tier in welcome if TIERS.index(tier) >= TIERS.index(best)]
    chosen = usual or welcome[-1:]
    if not preference.accept_lower:
        chosen = [tier for tier in chosen if offered is None or tier.most >= offered]
        chosen = chosen if offered else chosen[:1]
    if not chosen:
        raise QualityUnavailable("none of Tidal's qualities is one that was asked for")
    return tuple(chosen)


def catalogued(tiers: Sequence[Tier], tags: Sequence[str]) -> tuple[Tier, ...]:
    """Leave hi-res out where the catalogue knows of none; every instance would have to be asked for it."""
    if not tags or "HIRES_LOSSLESS" in tags:
        return tuple(tiers)
    return tuple(tier for tier in tiers if tier is not HIRES) or tuple(tiers)


def _welcome(tier: Tier, preference: QualityPreference) -> bool:
    floor, ceiling, codecs = preference.floor, preference.ceiling, preference.codecs
    too_low = floor is not None and tier.most < floor
    too_high = ceiling is not None and tier.least > ceiling
    return not too_low and not too_high and (not codecs or tier.least.codec in codecs)


def promised(tags: Iterable[str], audio_quality: str, best: Tier) -> Quality | None:
    """Return what would be delivered, by the words of the catalogue, when ``best`` is asked for."""
    known = {*tags, audio_quality}
    if known & {"HIRES_LOSSLESS", "HI_RES_LOSSLESS"}:
        there = HIRES
    elif "LOSSLESS" in known:
        there = LOSSLESS
    else:
        there = next((tier for tier in (HIGH, LOW) if tier.word in known), LOW)
        if there.word not in known:
            return None
    return max(there, best, key=TIERS.index).least
