"""What the two routes to a track's audio answer: a manifest, or where it is, unless it is a preview's."""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from cratedig import NotEntitled, QualityUnavailable
from cratedig.manifests import address_of, decoded
from cratedig.reading import mapping, text, texts, whole
from cratedig.tiers import Tier
from cratedig_hifi.tiers import FORMATS, LADDER
from cratedig_hifi.tracks import unwrapped

ENCRYPTED = "the audio is encrypted in this quality"


@frozen(kw_only=True)
class Offer:
    """A manifest's address, of the web or a ``data:`` one that holds it; depth and rate, where told."""

    address: str = field(repr=False)
    bit_depth: int | None = None
    sample_rate: int | None = None


def read_playback(answer: Any, tier: Tier) -> Offer:
    """Read the answer of ``/track/``.

    :raises NotEntitled: it is a preview.
    :raises QualityUnavailable: it is of another tier.
    :raises UnexpectedResponse: there is no manifest in it.
    """
    found = mapping(unwrapped(answer))
    _refuse_preview(text(found.get("assetPresentation")), "")
    word = text(found.get("audioQuality"))
    if word != tier.name and LADDER.named(word):
        raise QualityUnavailable(f"{tier.name} was asked for and {word} was sent")
    decoded(found.get("manifest"))
    return Offer(
        address=f"data:;base64,{found.get('manifest')}",
        bit_depth=whole(found.get("bitDepth")) or None,
        sample_rate=whole(found.get("sampleRate")) or None,
    )


def read_document(answer: Any, tier: Tier) -> Offer:
    """Read the answer of ``/trackManifests/``, in which the manifest is an address.

    :raises SourceError: as for :func:`read_playback`.
    """
    found = mapping(unwrapped(unwrapped(answer)))
    about = mapping(found.get("attributes")) or found
    _refuse_preview(text(about.get("trackPresentation")), text(about.get("previewReason")))
    if about.get("drmData"):
        raise QualityUnavailable(ENCRYPTED)
    formats, wanted = texts(about.get("formats")), FORMATS[tier.name]
    if formats and wanted not in formats:
        raise QualityUnavailable(f"{wanted} was asked for and {', '.join(formats)[:100]} was sent")
    address = about.get("uri") or about.get("url")
    if isinstance(address, str) and address.startswith("data:"):
        return Offer(address=address)
    return Offer(address=address_of(address))


def _refuse_preview(presentation: str, reason: str) -> None:
    if presentation.upper() == "PREVIEW" or reason:
        raise NotEntitled(
            f"only a preview is offered{': ' if reason else ''}{reason[:100]}",
            hint="the account behind the instance lacks a subscription",
        )
