"""What the API answers to "let me play this": the whole song or a preview, in which tier, from where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from cratedig import NotEntitled, Quality
from cratedig.reading import require_mapping, text, whole
from cratedig_tidal.manifests import Manifest, read_manifest
from cratedig_tidal.tiers import Tier, tier_of

_WHOLE_SONG = 0.85
"""Segments that last for less than this share of the song are a preview, whatever the answer says."""
_BITS = (8, 32)
_RATES = (8_000, 768_000)


@frozen(kw_only=True)
class Stream:
    """What will come, as the service has promised it."""

    tier: Tier
    manifest: Manifest
    quality: Quality


def read_stream(answer: Any, asked: Tier, duration: float | None) -> Stream:
    """Read the answer for the tier ``asked``; ``duration`` is the song's, in seconds.

    :raises NotEntitled: it is a preview.
    :raises SourceError: it cannot be read, or is encrypted.
    """
    told = require_mapping(answer, "playback")
    if text(told.get("assetPresentation")).upper() == "PREVIEW":
        raise _preview("Tidal offers a preview only")
    tier = tier_of(text(told.get("audioQuality"))) or asked
    manifest = read_manifest(text(told.get("manifestMimeType")), told.get("manifest"))
    if manifest.duration is not None and duration and manifest.duration < _WHOLE_SONG * duration:
        raise _preview(f"Tidal offers {manifest.duration:.0f} s of {duration:.0f} s")
    return Stream(tier=tier, manifest=manifest, quality=_quality(told, tier, manifest))


def _preview(message: str) -> NotEntitled:
    return NotEntitled(message, hint="the account's subscription may lack the full song")


def _quality(told: Mapping[str, Any], tier: Tier, manifest: Manifest) -> Quality:
    if manifest.codec != "flac":
        bitrate = tier.promised.bitrate if tier.promised.codec == manifest.codec else None
        return Quality(codec=manifest.codec, lossless=False, bitrate=bitrate)
    return Quality(
        codec="flac",
        lossless=True,
        bit_depth=_within(told.get("bitDepth"), _BITS),
        sample_rate=_within(told.get("sampleRate"), _RATES) or _within(manifest.sample_rate, _RATES),
    )


def _within(value: Any, limits: tuple[int, int]) -> int | None:
    count = whole(value)
    return count if count is not None and limits[0] <= count <= limits[1] else None
