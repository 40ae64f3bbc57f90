"""The two kinds of manifest: one file (BTS), or segments (DASH)."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from attrs import frozen

from cratedig.reading import mapping, text, whole
from cratedig_tidal.refusals import Protected, Unreadable

BTS, DASH = "application/vnd.tidal.bts", "application/dash+xml"
_LONGEST = 4 * 1024 * 1024
_MOST_SEGMENTS = 50_000
_CODECS = (("flac", "flac"), ("mp4a", "aac"))
_NUMBER = re.compile(r"\$Number(?:%0([1-9])d)?\$")
_MPD = "{*}"


@frozen(kw_only=True)
class Manifest:
    """Where the bytes are: one file or, if ``segmented``, its segments in order.

    ``mp4`` says whether the file is MP4, whatever is in it; ``duration`` in seconds, ``sample_rate`` in Hz.
    """

    urls: tuple[str, ...]
    codec: str
    segmented: bool
    mp4: bool
    duration: float | None = None
    sample_rate: int | None = None


def read_manifest(kind: str, encoded: Any) -> Manifest:
    """Read a manifest.

    :raises Unreadable: it is of another kind, or makes no sense.
    :raises Protected: what it leads to is encrypted.
    """
    if kind not in {BTS, DASH}:
        raise Unreadable(f"the manifest is of a kind that nobody here knows: {kind[:60]}")
    try:
        data = base64.b64decode(encoded, validate=True) if len(encoded) <= _LONGEST else b""
        return _bts(json.loads(data)) if kind == BTS else _dash(data)
    except (binascii.Error, ET.ParseError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise Unreadable(f"the manifest makes no sense ({type(error).__name__})") from error


def _bts(told: Any) -> Manifest:
    protection = text(mapping(told).get("encryptionType")) or "NONE"
    if protection != "NONE":
        raise Protected(f"this tier is encrypted ({protection[:20]})")
    urls = tuple(mapping(told).get("urls") or ())
    kind = text(mapping(told).get("mimeType"))
    return Manifest(
        urls=_checked(urls[:1]),
        codec=_codec(text(mapping(told).get("codecs"))),
        segmented=False,
        mp4="mp4" in kind,
    )


def _dash(data: bytes) -> Manifest:
    if b"<!" in data:
        # No manifest has a document type; one that has is out for entities that grow.
        raise Unreadable("the manifest makes no sense (it declares entities)")
    root = ET.fromstring(data)  # noqa: S314 - see above
    if root.find(f".//{_MPD}ContentProtection") is not None:
        raise Protected("this tier is encrypted")
    sets = [one for one in root.iterfind(f".//{_MPD}AdaptationSet") if "video" not in one.get("mimeType", "")]
    best = max(
        ((one, own) for one in sets for own in one.iterfind(f"{_MPD}Representation")),
        key=lambda pair: whole(pair[1].get("bandwidth")) or 0,
    )
    return _represented(*best)


def _represented(adaptation: ET.Element, representation: ET.Element) -> Manifest:
    template = representation.find(f"{_MPD}SegmentTemplate")
    template = adaptation.find(f"{_MPD}SegmentTemplate") if template is None else template
    if template is None:
        raise Unreadable("the manifest lists no segments")
    durations = list(_durations(template))
    timescale = whole(template.get("timescale")) or 1
    first = 1 if (start := whole(template.get("startNumber"))) is None else start
    media = [_numbered(template.get("media", ""), first + at) for at in range(len(durations))]
    return Manifest(
        urls=_checked((template.get("initialization", ""), *media)),
        codec=_codec(representation.get("codecs", "") or adaptation.get("codecs", "")),
        segmented=True,
        mp4=True,
        duration=sum(durations) / timescale,
        sample_rate=whole(representation.get("audioSamplingRate")),
    )


def _durations(template: ET.Element) -> Iterator[int]:
    """The ticks of every segment: each `S` stands for one, and for ``r`` more."""
    count = 0
    for entry in template.iterfind(f"{_MPD}SegmentTimeline/{_MPD}S"):
        again = int(entry.get("r", "0"))
        count += 1 + again
        if again < 0 or count > _MOST_SEGMENTS:
            raise Unreadable("the manifest's segments cannot be counted")
        yield from [int(entry.attrib["d"])] * (1 + again)


def _numbered(template: str, number: int) -> str:
    address, times = _NUMBER.subn(lambda found: str(number).zfill(int(found[1] or 1)), template)
    if not times or "$" in address:
        raise Unreadable("the manifest names its segments in a way that nobody here knows")
    return address


def _checked(urls: tuple[Any, ...]) -> tuple[str, ...]:
    if not urls or not all(isinstance(url, str) and _is_address(url) for url in urls):
        raise Unreadable("the manifest leads nowhere")
    return urls


def _is_address(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _codec(told: str) -> str:
    for start, codec in _CODECS:
        if told.lower().startswith(start):
            return codec
    raise Unreadable(f"this tier has a codec that nobody asked for: {told[:20] or 'none'}")
