"""Manifests: Tidal's JSON (BTS), DASH and HLS, read into addresses and seconds."""

from __future__ import annotations

import base64
import json
import re
from functools import partial
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree as ET

from attrs import field, frozen

from cratedig import NotEntitled, QualityUnavailable, UnexpectedResponse
from cratedig.reading import mapping, number, text, texts, whole
from cratedig_hifi.tiers import TIERS, Tier
from cratedig_hifi.tracks import unwrapped

MOST_SEGMENTS = 5000
_ATTRIBUTE = re.compile(r'URI="([^"]*)"')
_NUMBER = re.compile(r"\$Number(?:%0(\d{1,2})d)?\$")
_PROTECTED = "the audio is encrypted in this quality"


@frozen(kw_only=True)
class Manifest:
    """Where the audio is: one file, or segments to be appended in order. ``seconds`` are those it claims."""

    urls: tuple[str, ...] = field(repr=False)
    seconds: float | None = None
    bit_depth: int | None = None
    sample_rate: int | None = None


@frozen(kw_only=True)
class Packed:
    """A manifest's text, or the ``url`` where it is."""

    content: str = field(default="", repr=False)
    url: str = field(default="", repr=False)
    bit_depth: int | None = None
    sample_rate: int | None = None


def read_playback(answer: Any, tier: Tier) -> Packed:
    """Read the answer of ``/track/``.

    :raises NotEntitled: it is a preview.
    :raises QualityUnavailable: it is of another tier.
    :raises UnexpectedResponse: there is no manifest in it.
    """
    found = mapping(unwrapped(answer))
    _refuse_preview(text(found.get("assetPresentation")), "")
    word = text(found.get("audioQuality"))
    if word in {other.word for other in TIERS} - {tier.word}:
        raise QualityUnavailable(f"{tier.word} was asked for and {word} was sent")
    return Packed(
        content=_decoded(found.get("manifest")),
        bit_depth=whole(found.get("bitDepth")) or None,
        sample_rate=whole(found.get("sampleRate")) or None,
    )


def read_document(answer: Any, tier: Tier) -> Packed:
    """Read the answer of ``/trackManifests/``, in which the manifest is an address.

    :raises SourceError: as for :func:`read_playback`.
    """
    found = mapping(unwrapped(unwrapped(answer)))
    about = mapping(found.get("attributes")) or found
    _refuse_preview(text(about.get("trackPresentation")), text(about.get("previewReason")))
    if about.get("drmData"):
        raise QualityUnavailable(_PROTECTED)
    formats = texts(about.get("formats"))
    if formats and tier.format not in formats:
        raise QualityUnavailable(f"{tier.format} was asked for and {', '.join(formats)[:100]} was sent")
    address = about.get("uri") or about.get("url")
    if isinstance(address, str) and address.startswith("data:"):
        return Packed(content=_decoded(address.partition("base64,")[2]))
    return Packed(url=address_of(address))


def read_manifest(content: str, tier: Tier, base: str = "") -> Manifest | str:
    """Read a manifest of any kind; of a playlist of playlists the address of the first one.

    :raises QualityUnavailable: the audio is encrypted, or not in the codec of the tier.
    :raises UnexpectedResponse: it cannot be read.
    """
    head = content.lstrip("\ufeff \r\n\t")
    if head.startswith("#EXTM3U"):
        return _read_hls(head, base)
    if head.startswith("<"):
        return _read_mpd(head, tier, base)
    return _read_bts(head, tier)


def address_of(value: Any, base: str = "") -> str:
    """Return a whole address.

    :raises UnexpectedResponse: it is none.
    """
    try:
        address = urljoin(base, value.strip()) if isinstance(value, str) else ""
        sound = urlsplit(address).scheme in {"http", "https"} and bool(urlsplit(address).hostname)
    except ValueError:
        sound = False
    if not (sound and address.isprintable()):
        raise UnexpectedResponse("the manifest holds an address that is none")
    return address


def _refuse_preview(presentation: str, reason: str) -> None:
    if presentation.upper() == "PREVIEW" or reason:
        raise NotEntitled(
            f"only a preview is offered{': ' if reason else ''}{reason[:100]}",
            hint="the account behind the instance lacks a subscription",
        )


def _decoded(value: Any) -> str:
    try:
        content = base64.b64decode(value if isinstance(value, str) else b"", validate=False).decode()
    except ValueError:
        content = ""
    if not content:
        raise UnexpectedResponse("the answer holds no manifest that can be read")
    return content


def _read_bts(content: str, tier: Tier) -> Manifest:
    try:
        found = mapping(json.loads(content))
    except (ValueError, RecursionError):
        found = {}
    urls = found.get("urls")
    if not (isinstance(urls, list) and 0 < len(urls) <= MOST_SEGMENTS):
        raise UnexpectedResponse("the manifest lists no address")
    if text(found.get("encryptionType")).upper() not in {"", "NONE"} or found.get("keyId"):
        raise QualityUnavailable(_PROTECTED)
    codecs = text(found.get("codecs")).lower()
    if codecs and not codecs.startswith(tier.codec):
        raise QualityUnavailable(f"{tier.word} was asked for and {codecs[:20]} was sent")
    return Manifest(urls=tuple(map(address_of, urls)))


def _read_hls(content: str, base: str) -> Manifest | str:
    urls: list[str] = []
    seconds, after_variant, ended = 0.0, False, False
    for line in filter(None, map(str.strip, content.splitlines())):
        if line.startswith("#EXT-X-KEY") and "METHOD=NONE" not in line:
            raise QualityUnavailable(_PROTECTED)
        if line.startswith("#EXT-X-BYTERANGE") or "BYTERANGE=" in line:
            raise UnexpectedResponse("the playlist takes its segments out of one file")
        if line.startswith("#EXT-X-MAP"):
            found = _ATTRIBUTE.search(line)
            urls.append(address_of(found[1] if found else None, base))
        elif line.startswith("#EXTINF:"):
            seconds += number(line[8:].partition(",")[0]) or 0.0
        elif not line.startswith("#"):
            if after_variant:
                return address_of(line, base)
            urls.append(address_of(line, base))
        after_variant = after_variant or line.startswith("#EXT-X-STREAM-INF")
        ended = ended or line == "#EXT-X-ENDLIST"
    if not (ended and 0 < len(urls) <= MOST_SEGMENTS):
        raise UnexpectedResponse("the playlist has no segments, or no end")
    return Manifest(urls=tuple(urls), seconds=seconds or None)


def _read_mpd(content: str, tier: Tier, base: str) -> Manifest:
    if "<!DOCTYPE" in content or "<!ENTITY" in content:
        raise UnexpectedResponse("the manifest is no MPD")
    try:
        # Without a document type there is nothing in XML that could do harm.
        root = ET.fromstring(re.sub(r'\sxmlns="[^"]*"', "", content, count=1))  # noqa: S314
    except (ET.ParseError, ValueError) as error:
        raise UnexpectedResponse("the manifest is no MPD") from error
    if next(root.iter("ContentProtection"), None) is not None:
        raise QualityUnavailable(_PROTECTED)
    for group in root.iter("AdaptationSet"):
        for one in group.iter("Representation"):
            codecs = (one.get("codecs") or group.get("codecs") or "").lower()
            template = one.find("SegmentTemplate")
            template = group.find("SegmentTemplate") if template is None else template
            if template is not None and (not codecs or codecs.startswith(tier.codec)):
                return _segments(template, one.get("id") or "", base)
    raise QualityUnavailable(f"the manifest has nothing in {tier.codec}")


def _segments(template: ET.Element, name: str, base: str) -> Manifest:
    """``initialization`` first, then numbers from ``startNumber``: one for each S, and ``r`` more of it."""
    rows = [(number(row.get("d")), _repeats(row)) for row in template.iter("S")]
    count = sum(repeats + 1 for _, repeats in rows)
    media = (template.get("media") or "").replace("$RepresentationID$", name)
    first = (template.get("initialization") or "").replace("$RepresentationID$", name)
    start = whole(template.get("startNumber") or "1")
    if not (0 < count <= MOST_SEGMENTS and start is not None and first and _NUMBER.search(media)):
        raise UnexpectedResponse("the MPD has no segments that can be counted")
    numbers = range(start, start + count)
    urls = [first, *(_NUMBER.sub(partial(_numbered, n), media) for n in numbers)]
    scale = number(template.get("timescale") or "1") or 1.0
    seconds = sum((length or 0.0) * (repeats + 1) for length, repeats in rows) / scale
    return Manifest(urls=tuple(address_of(url, base) for url in urls), seconds=seconds or None)


def _numbered(place: int, found: re.Match[str]) -> str:
    return f"{place:0{found[1] or 1}d}"


def _repeats(row: ET.Element) -> int:
    repeats = whole(row.get("r") or "0")
    if repeats is None or repeats > MOST_SEGMENTS:
        raise UnexpectedResponse("the MPD has no segments that can be counted")
    return repeats
