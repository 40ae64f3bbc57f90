"""What the API answers to "let me play this": the whole song or a preview, in which tier, from where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from cratedig import NotEntitled, Quality, UnexpectedResponse
from cratedig.manifests import Manifest, decoded, read_manifest
from cratedig.reading import require_mapping, text, whole
from cratedig.tiers import Tier
from cratedig_tidal.refusals import Protected, Unreadable
from cratedig_tidal.tiers import LADDER

_KINDS = frozenset({"application/vnd.tidal.bts", "application/dash+xml"})
_SUBSCRIPTION = "the account's subscription may lack the full song"


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
        raise NotEntitled("Tidal offers a preview only", hint=_SUBSCRIPTION)
    tier = LADDER.named(text(told.get("audioQuality"))) or asked
    manifest = _manifest(told)
    if not manifest.covers(duration):
        raise NotEntitled(f"Tidal offers {manifest.duration:.0f} s of {duration:.0f} s", hint=_SUBSCRIPTION)
    return Stream(tier=tier, manifest=manifest, quality=_quality(told, tier, manifest))


def _manifest(told: Mapping[str, Any]) -> Manifest:
    kind = text(told.get("manifestMimeType"))
    if kind not in _KINDS:
        raise Unreadable(f"the manifest is of a kind that nobody here knows: {kind[:60]}")
    try:
        manifest = read_manifest(decoded(told.get("manifest")))
    except UnexpectedResponse as error:
        raise Unreadable(error.message) from error
    if manifest.encryption:
        raise Protected(f"this tier is encrypted ({manifest.encryption})")
    if manifest.codec not in {"flac", "aac"}:
        raise Unreadable(f"this tier has a codec that nobody asked for: {manifest.codec or 'none'}")
    return manifest


def _quality(told: Mapping[str, Any], tier: Tier, manifest: Manifest) -> Quality:
    if manifest.codec != "flac":
        return tier.least if tier.least.codec == manifest.codec else Quality(codec=manifest.codec)
    return Quality(
        codec="flac",
        lossless=True,
        bit_depth=whole(told.get("bitDepth")) or None,
        sample_rate=whole(told.get("sampleRate")) or manifest.sample_rate,
    )
