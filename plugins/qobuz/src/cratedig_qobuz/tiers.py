"""Qobuz' four formats, from the best to the smallest, and which of them may be asked for."""

from __future__ import annotations

from attrs import frozen

from cratedig import Quality, QualityPreference


@frozen
class Tier:
    """A ``format_id`` and the best that comes under it."""

    format_id: int
    best: Quality


LADDER = (
    Tier(27, Quality(codec="flac", lossless=True, bit_depth=24, sample_rate=192_000)),
    Tier(7, Quality(codec="flac", lossless=True, bit_depth=24, sample_rate=96_000)),
    Tier(6, Quality(codec="flac", lossless=True, bit_depth=16, sample_rate=44_100)),
    Tier(5, Quality(codec="mp3", lossless=False, bitrate=320)),
)
FORMATS = tuple(tier.format_id for tier in LADDER)


def offer(highest: int, maximum: Quality | None) -> Quality:
    """What a track comes in whose best is ``maximum``, where at most the format ``highest`` is asked for."""
    best = next(tier.best for tier in LADDER if tier.format_id == highest)
    return min(best, maximum) if maximum else best


def choices(highest: int, maximum: Quality | None, preference: QualityPreference | None) -> list[int]:
    """The formats to ask for, the best first; the preference may leave none.

    Qobuz itself answers with the next lower format, so more than the first is only needed after a refusal.
    Where lower is not accepted, there is only the first.
    """
    allowed = FORMATS[FORMATS.index(highest) :]
    if preference is None:
        return list(allowed)
    welcome = [one for one in allowed if preference.accepts(offer(one, maximum))]
    return welcome if preference.accept_lower else welcome[:1]
