# ruff: noqa: PLR2004 the numbers are the formats'
"""What a file is, by its first bytes and not by its name."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import BinaryIO


class Container(StrEnum):
    """The containers that are recognised; the value is what people call them."""

    FLAC = "FLAC"
    MP3 = "MP3"
    AAC = "AAC"
    MP4 = "MP4"
    OGG = "Ogg"
    MATROSKA = "Matroska"
    WAV = "WAV"
    AIFF = "AIFF"
    APE = "Monkey's Audio"
    WAVPACK = "WavPack"


_HEAD = 512

_STARTS: tuple[tuple[bytes, Container], ...] = (
    (b"fLaC", Container.FLAC),
    (b"OggS", Container.OGG),
    (b"\x1aE\xdf\xa3", Container.MATROSKA),
    (b"MAC ", Container.APE),
    (b"wvpk", Container.WAVPACK),
)

_FOREIGN: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"(?:\xef\xbb\xbf)?\s*(?i:<!doctype\s+html|<html|<head|<body|<script|<!--)"), "a web page"),
    (re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml|[A-Za-z]+[\s>])"), "an XML document"),
    (re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\{\s*["}]|\[\s*[\[{"\]])'), "a JSON document"),
    (re.compile(rb"#EXTM3U|#EXTINF"), "a playlist"),
    (re.compile(rb"\x1f\x8b"), "a gzip archive"),
    (re.compile(rb"PK\x03\x04"), "a zip archive"),
    (re.compile(rb"\xff\xd8\xff|\x89PNG|GIF8"), "a picture"),
    (re.compile(rb"%PDF"), "a PDF"),
    (re.compile(rb"\x00{64}"), "zeros"),
)


def audio_start(file: BinaryIO) -> int:
    """Return the offset behind any ID3v2 tags at the beginning (some writers stack several)."""
    offset = 0
    while True:
        file.seek(offset)
        head = file.read(10)
        if len(head) < 10 or head[:3] != b"ID3" or max(head[6:10]) > 127:
            return offset
        size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
        offset += 10 + size + (10 if head[5] & 0x10 else 0)


def sniff(file: BinaryIO) -> Container | None:
    """Name the container, ``None`` when it is none of the known ones."""
    file.seek(audio_start(file))
    head = file.read(_HEAD)
    for start, container in _STARTS:
        if head.startswith(start):
            return container
    return _by_form(head) or _by_sync(head.lstrip(b"\0"))


def describe(file: BinaryIO) -> str:
    """Say what a file that is no audio seems to be."""
    file.seek(0)
    head = file.read(_HEAD)
    return next((what for pattern, what in _FOREIGN if pattern.match(head)), "no audio format that is known")


def _by_form(head: bytes) -> Container | None:
    if head[4:8] in {b"ftyp", b"styp", b"moov"}:
        return Container.MP4
    if head[:4] in {b"RIFF", b"RF64"} and head[8:12] == b"WAVE":
        return Container.WAV
    return Container.AIFF if head[:4] == b"FORM" and head[8:12] in {b"AIFF", b"AIFC"} else None


def _by_sync(head: bytes) -> Container | None:
    """MPEG audio has no magic number but a sync pattern, with two bits that tell the layer."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    if head[1] & 0xF6 == 0xF0:
        return Container.AAC
    valid = head[1] & 0x06 == 0x02 and head[2] & 0xF0 != 0xF0 and head[2] & 0x0C != 0x0C
    return Container.MP3 if valid else None
