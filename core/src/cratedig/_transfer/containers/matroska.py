"""WebM and Matroska (RFC 9559), which mutagen does not read: codec, duration, and whether all is there."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from attrs import define, field

from cratedig._errors import CorruptDownload
from cratedig._model import Quality
from cratedig._transfer.containers.ebml import Element, content, decimal, elements, unsigned
from cratedig._transfer.containers.facts import Facts
from cratedig._transfer.containers.tagged import average_bitrate, whole

_EBML, _DOCTYPE, _SEGMENT = 0x1A45DFA3, 0x4282, 0x18538067
_INFO, _SCALE, _DURATION = 0x1549A966, 0x2AD7B1, 0x4489
_TRACKS, _TRACK, _TYPE, _CODEC = 0x1654AE6B, 0xAE, 0x83, 0x86
_AUDIO, _RATE, _DEPTH = 0xE1, 0xB5, 0x6264
_CLUSTER, _TIME, _SIMPLE_BLOCK, _GROUP, _BLOCK = 0x1F43B675, 0xE7, 0xA3, 0xA0, 0xA1
_SOUND = 2
_CODECS = {"OPUS": "opus", "VORBIS": "vorbis", "FLAC": "flac", "AAC": "aac", "MPEG/L3": "mp3", "ALAC": "alac"}


@define
class _Found:
    """What the walk has gathered so far."""

    doctype: str = ""
    scale: int = 1_000_000
    ticks: float = 0.0
    codec: str = ""
    sound: bool = False
    rate: float = 0.0
    depth: int = 0
    cluster: int = 0
    last_time: int = field(default=-1)


def inspect_matroska(_path: Path, file: BinaryIO, size: int) -> Facts:
    """Read a WebM or Matroska file's header and walk its clusters.

    :raises CorruptDownload: it is cut, or holds no sound.
    """
    found = _Found()
    _walk(file, 0, size, found)
    if not found.sound:
        raise CorruptDownload("the Matroska file holds no sound track")
    if found.last_time < 0:
        raise CorruptDownload("the Matroska file has a header but no audio")
    declared = found.ticks * found.scale / 1e9 or None
    actual = found.last_time * found.scale / 1e9
    lossless = found.codec in {"flac", "alac"}
    quality = Quality(
        codec=found.codec,
        lossless=lossless,
        sample_rate=whole(found.rate),
        bit_depth=whole(found.depth) if lossless else None,
        bitrate=average_bitrate(size, actual),
    )
    return Facts(
        quality=quality,
        extension="webm" if found.doctype == "webm" else "mka",
        declared=declared,
        # The last block's own length is not told; the header's figure is right where both agree.
        actual=declared if declared and abs(declared - actual) <= 1.0 else actual,
    )


_INSIDE = frozenset({_EBML, _SEGMENT, _INFO, _TRACKS, _TRACK, _AUDIO, _CLUSTER, _GROUP})


def _walk(file: BinaryIO, start: int, end: int, found: _Found) -> None:
    for element in elements(file, start, end):
        if element.end is not None and element.end > end:
            raise CorruptDownload(f"{element.end - end} bytes are missing at the end of the Matroska file")
        if element.size is None:
            continue
        if element.id == _TRACK:
            _track(file, element, found)
        elif element.id in _INSIDE:
            _walk(file, element.start, element.start + element.size, found)
        else:
            _value(file, element, found)


def _value(file: BinaryIO, element: Element, found: _Found) -> None:
    match element.id:
        case 0x4282:
            found.doctype = content(file, element).decode("ascii", "replace").strip("\0")
        case 0x2AD7B1:
            found.scale = unsigned(file, element) or found.scale
        case 0x4489:
            found.ticks = decimal(file, element)
        case 0xE7:
            found.cluster = unsigned(file, element)
        case 0xA3 | 0xA1:
            offset = int.from_bytes(content(file, element)[1:3], signed=True)
            found.last_time = max(found.last_time, found.cluster + offset)


def _track(file: BinaryIO, track: Element, found: _Found) -> None:
    inside = {element.id: element for element in elements(file, track.start, track.end or 0)}
    if _TYPE not in inside or unsigned(file, inside[_TYPE]) != _SOUND or found.sound:
        return
    found.sound = True
    name = content(file, inside[_CODEC]).decode("ascii", "replace") if _CODEC in inside else ""
    found.codec = next((codec for mark, codec in _CODECS.items() if mark in name), name.lower()[:20])
    audio = inside.get(_AUDIO)
    for element in elements(file, audio.start, audio.end or 0) if audio else ():
        if element.id == _RATE:
            found.rate = decimal(file, element)
        elif element.id == _DEPTH:
            found.depth = unsigned(file, element)
