"""Ogg (RFC 3533): pages with a length, a running number, a checksum, and a flag on the last one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from attrs import frozen

from cratedig._errors import CorruptDownload
from cratedig._model import Quality
from cratedig._transfer.containers.crc import crc32
from cratedig._transfer.containers.facts import Facts
from cratedig._transfer.containers.tagged import average_bitrate, kilobits, open_tagged, whole

_HEADER = 27
_LAST = 0x04


@frozen
class Page:
    """Where a page stands, how long it is, its flags, stream and running number."""

    offset: int
    length: int
    flags: int
    serial: int
    number: int


def inspect_ogg(path: Path, file: BinaryIO, size: int) -> Facts:
    """Read the header of Vorbis, Opus or FLAC in Ogg and walk the pages.

    :raises CorruptDownload: pages are missing or the last one is not whole.
    """
    last = _walk(file, size)
    codec, kind = _codec(file)
    info = open_tagged(kind, path, f"Ogg {codec.title()}").info
    lossless = codec == "flac"
    quality = Quality(
        codec=codec,
        lossless=lossless,
        sample_rate=whole(getattr(info, "sample_rate", 48000)),
        bit_depth=whole(getattr(info, "bits_per_sample", None)) if lossless else None,
        bitrate=average_bitrate(size, info.length) or kilobits(getattr(info, "bitrate", None)),
    )
    return Facts(
        quality=quality,
        extension={"opus": "opus", "flac": "oga"}.get(codec, "ogg"),
        declared=info.length or None,
        cut="" if last.flags & _LAST else "the stream's last page is missing",
    )


def _codec(file: BinaryIO) -> tuple[str, Any]:
    from mutagen import oggflac, oggopus, oggspeex, oggvorbis  # noqa: PLC0415 loaded on first use

    file.seek(0)
    head = file.read(128)
    for mark, codec, kind in (
        (b"\x01vorbis", "vorbis", oggvorbis.OggVorbis),
        (b"OpusHead", "opus", oggopus.OggOpus),
        (b"\x7fFLAC", "flac", oggflac.OggFLAC),
        (b"Speex   ", "speex", oggspeex.OggSpeex),
    ):
        if mark in head:
            return codec, kind
    raise CorruptDownload("the Ogg file holds no audio that is known")


def _walk(file: BinaryIO, size: int) -> Page:
    """Visit all pages; return the last."""
    numbers: dict[int, int] = {}
    last = None
    for page in _pages(file, size):
        if page.number not in {0, numbers.get(page.serial, -1) + 1}:
            raise CorruptDownload("pages are missing in the middle of the Ogg file")
        numbers[page.serial] = page.number
        last = page
    if last is None:
        raise CorruptDownload("the Ogg file has no pages")
    _check_page(file, last)
    return last


def _pages(file: BinaryIO, size: int) -> Iterator[Page]:
    offset = 0
    while offset < size:
        file.seek(offset)
        head = file.read(_HEADER + 255)
        if head[:4] != b"OggS" or len(head) < _HEADER + head[26]:
            raise CorruptDownload(f"the Ogg file is cut or damaged at byte {offset} of {size}")
        length = _HEADER + head[26] + sum(head[_HEADER : _HEADER + head[26]])
        if offset + length > size:
            raise CorruptDownload(f"{offset + length - size} bytes of the last Ogg page are missing")
        serial, number = (int.from_bytes(head[at : at + 4], "little") for at in (14, 18))
        yield Page(offset, length, head[5], serial, number)
        offset += length


def _check_page(file: BinaryIO, page: Page) -> None:
    file.seek(page.offset)
    data = file.read(page.length)
    if crc32(data[:22] + b"\0\0\0\0" + data[26:]) != int.from_bytes(data[22:26], "little"):
        raise CorruptDownload("the last Ogg page is damaged")
