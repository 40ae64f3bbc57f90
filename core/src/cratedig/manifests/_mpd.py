"""MPD (DASH, ISO/IEC 23009-1): segments by a template and a timeline, each of them counted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree as ET

from attrs import frozen

from cratedig._errors import UnexpectedResponse
from cratedig.manifests._limits import MAX_ADDRESS, MAX_SEGMENTS, address_of, addresses_of
from cratedig.manifests._model import Manifest, codec_of
from cratedig.reading import text, whole

_PLACE = re.compile(r"\$(?:(RepresentationID|Bandwidth|Number|Time)(?:%0([0-9]{1,2})d)?)?\$")
_COUNTED = re.compile(r"\$(?:Number|Time)(?:%0[0-9]{1,2}d)?\$")
_NOT_SOUND = ("video", "image", "text", "application")


@frozen
class _Choice:
    """A representation with all that it inherits from; itself first, the MPD last."""

    chain: tuple[ET.Element, ...]

    def told(self, name: str, default: str = "") -> str:
        """An attribute, the nearest one."""
        return next((value for one in self.chain if (value := one.get(name))), default)

    def below(self, path: str) -> Iterator[ET.Element]:
        """What lies below it or what it inherits from, the nearest first."""
        return (found for one in self.chain if (found := one.find(path)) is not None)

    @property
    def is_sound(self) -> bool:
        return not (self.told("mimeType") or self.told("contentType")).startswith(_NOT_SOUND)

    def base(self, base: str) -> str:
        """What addresses are relative to."""
        for one in reversed(self.chain):
            own = one.findtext("{*}BaseURL")
            base = address_of(own, base) if own else base
        return base


def read_mpd(content: str, base: str = "", codec: str = "") -> Manifest:
    """Read an MPD found at ``base``: its best sound, one in ``codec`` before any other.

    :raises UnexpectedResponse: it is none, or does not say how many segments there are and where.
    """
    root = _root(content)
    choices = [choice for choice in _choices(root) if choice.is_sound]
    if not choices:
        raise UnexpectedResponse("the MPD has no sound")
    best = max(choices, key=lambda one: _worth(one, codec))
    protection = root.find(".//{*}ContentProtection")
    init, urls, duration = _segments(best, best.base(base))
    return Manifest(
        urls=urls,
        init=init,
        codec=codec_of(best.told("codecs")),
        mime_type=text(best.told("mimeType")).lower(),
        encryption="" if protection is None else text(protection.get("value"))[:40] or "unnamed",
        duration=duration,
        sample_rate=whole(best.told("audioSamplingRate")),
    )


def _root(content: str) -> ET.Element:
    # Entities that grow need a document type, and no MPD has one. Text, unlike bytes, is read as UTF-8
    # whatever it declares, so that none can hide in another encoding.
    if "<!DOCTYPE" in content or "<!ENTITY" in content:
        raise UnexpectedResponse("the MPD declares entities")
    try:
        return ET.fromstring(content)  # noqa: S314 - see above
    except (ET.ParseError, ValueError) as error:
        raise UnexpectedResponse("the manifest is no XML") from error


def _choices(root: ET.Element) -> Iterator[_Choice]:
    periods = root.findall("{*}Period")
    if len(periods) != 1:
        raise UnexpectedResponse("expected an MPD with one period")
    for group in periods[0].iterfind("{*}AdaptationSet"):
        for one in group.iterfind("{*}Representation"):
            yield _Choice((one, group, periods[0], root))


def _worth(choice: _Choice, codec: str) -> tuple[bool, int]:
    return codec_of(choice.told("codecs")) == codec, whole(choice.told("bandwidth")) or 0


def _segments(choice: _Choice, base: str) -> tuple[str, tuple[str, ...], float | None]:
    """The address that initialises, those of the segments, and their seconds."""
    template = _Choice(tuple(choice.below("{*}SegmentTemplate")))
    timeline = next(template.below("{*}SegmentTimeline"), None)
    first, media = whole(template.told("startNumber", "1")), template.told("media")
    if timeline is None or first is None or not _COUNTED.search(media):
        raise UnexpectedResponse("the MPD does not list its segments")
    fixed: dict[str, Any] = {
        "RepresentationID": choice.told("id")[:256],
        "Bandwidth": choice.told("bandwidth", "0")[:20],
    }
    times = list(_times(timeline))
    urls = (
        _filled(media, {**fixed, "Number": first + at, "Time": start}) for at, (start, _) in enumerate(times)
    )
    start = template.told("initialization")
    seconds = sum(ticks for _, ticks in times) / (whole(template.told("timescale")) or 1)
    return address_of(_filled(start, fixed), base) if start else "", addresses_of(urls, base), seconds or None


def _times(timeline: ET.Element) -> Iterator[tuple[int, int]]:
    """When each segment begins, and for how many ticks it lasts: an S is one segment, and ``r`` more."""
    at = count = 0
    for entry in timeline.iterfind("{*}S"):
        ticks, more, start = whole(entry.get("d")), whole(entry.get("r", "0")), whole(entry.get("t"))
        if ticks is None or more is None or (count := count + 1 + more) > MAX_SEGMENTS:
            raise UnexpectedResponse("the MPD's segments cannot be counted")
        at = at if start is None else start
        yield from ((at + ticks * index, ticks) for index in range(1 + more))
        at += ticks * (1 + more)


def _filled(template: str, values: Mapping[str, Any]) -> str:
    if "$" in _PLACE.sub("", template) or len(template) > MAX_ADDRESS:
        raise UnexpectedResponse("the MPD names its segments in a way that nobody here knows")

    def value(found: re.Match[str]) -> str:
        return str(values.get(found[1], "")).zfill(int(found[2] or 1)) if found[1] else "$"

    return _PLACE.sub(value, template)
