# ruff: noqa: PLR2004 the numbers are the format's, sections 8 and 9 of the RFC
"""FLAC (RFC 9639): every frame's header is visited, because STREAMINFO may say anything.

Frame headers carry their own checksum and the number of their frame or first sample. Walking them finds a
hole, a missing end and a short clip under the header of the whole song. The checksum over the last frame
finds a file that lacks a single byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from attrs import frozen

from cratedig._errors import CorruptDownload
from cratedig._model import Quality
from cratedig._transfer.containers.crc import crc8, crc16
from cratedig._transfer.containers.facts import Facts
from cratedig._transfer.containers.tagged import average_bitrate, open_tagged
from cratedig._transfer.magic import audio_start

_SYNC = re.compile(rb"\xff[\xf8\xf9](?=[^\xf0-\xff])")
_WINDOW = 1 << 20
_LONGEST_HEADER = 16
_ID3V1 = 128


@frozen
class Frame:
    """One frame header: where it stands in the file, and how many samples it holds.

    ``number`` counts frames, or samples where the block size is ``variable``.
    """

    offset: int
    number: int
    samples: int
    variable: bool


def inspect_flac(path: Path, file: BinaryIO, size: int) -> Facts:
    """Read a FLAC file's header and walk its frames.

    :raises CorruptDownload: frames are missing or the last one is not whole.
    """
    from mutagen.flac import FLAC  # noqa: PLC0415 loaded on first use

    info = open_tagged(FLAC, path, "FLAC").info
    end = _audio_end(file, size)
    first, last = _walk(file, _audio_offset(file), end, info)
    _check_last(file, last, end)
    actual = _samples(first, last) / info.sample_rate
    declared = info.total_samples / info.sample_rate or None
    missing = (declared or 0.0) - actual
    quality = Quality(
        codec="flac",
        lossless=True,
        sample_rate=info.sample_rate,
        bit_depth=info.bits_per_sample,
        bitrate=average_bitrate(size, actual),
    )
    return Facts(
        quality=quality,
        extension="flac",
        declared=declared,
        actual=actual,
        short=f"{missing:.2f} s of audio are missing" if missing > 0 else "",
    )


def _audio_offset(file: BinaryIO) -> int:
    offset, last = audio_start(file) + 4, False
    while not last:
        file.seek(offset)
        head = file.read(4)
        if len(head) < 4:
            raise CorruptDownload("the file ends within its metadata")
        last = bool(head[0] & 0x80)
        offset += 4 + int.from_bytes(head[1:])
    return offset


def _audio_end(file: BinaryIO, size: int) -> int:
    file.seek(max(0, size - _ID3V1))
    return size - _ID3V1 if file.read(3) == b"TAG" else size


def _walk(file: BinaryIO, start: int, end: int, info: Any) -> tuple[Frame, Frame]:
    """Follow the frames from the first to the last of an unbroken row, and return these two."""
    first = last = None
    for frame in _frames(file, start, end):
        if last is None:
            first = last = frame
        elif frame.variable == last.variable and frame.number == last.number + (
            last.samples if last.variable else 1
        ):
            # Compressed audio may look like a header by chance, and even like the very next one: then the
            # real one is passed over, and the row goes on with the one after it.
            last = frame
    if first is None or last is None:
        raise CorruptDownload("the file has a FLAC header but no audio")
    if end - last.offset > _longest_frame(last, info):
        played = (last.number - first.number) * (1 if last.variable else first.samples) / info.sample_rate
        raise CorruptDownload(f"frames are missing or damaged {played:.1f} s into the file")
    return first, last


def _longest_frame(frame: Frame, info: Any) -> int:
    """Bytes of a frame that was not compressed at all, and then some."""
    return 1024 + frame.samples * int(info.channels) * (int(info.bits_per_sample) // 8 + 1)


def _samples(first: Frame, last: Frame) -> int:
    distance = last.number - first.number
    return (distance if last.variable else distance * first.samples) + last.samples


def _frames(file: BinaryIO, start: int, end: int) -> Iterator[Frame]:
    """Yield everything that is a frame header by its sync code and checksum."""
    offset = start
    while offset < end:
        file.seek(offset)
        window = file.read(min(_WINDOW + _LONGEST_HEADER, end - offset))
        for match in _SYNC.finditer(window):
            if match.start() < _WINDOW:
                header = window[match.start() : match.start() + _LONGEST_HEADER]
                if frame := _parse(header, offset + match.start()):
                    yield frame
        offset += _WINDOW


def _parse(head: bytes, offset: int) -> Frame | None:
    number, position = _coded_number(head)
    size_code, rate_code = head[2] >> 4, head[2] & 0x0F
    extra = {6: 1, 7: 2}.get(size_code, 0)
    length = position + extra + {12: 1, 13: 2, 14: 2}.get(rate_code, 0)
    if number is None or size_code == 0 or len(head) <= length or crc8(head[:length]) != head[length]:
        return None
    samples = _block_size(size_code, head[position : position + extra])
    return Frame(offset, number, samples, bool(head[1] & 1))


def _block_size(code: int, extra: bytes) -> int:
    if extra:
        return int.from_bytes(extra) + 1
    if code == 1:
        return 192
    return 576 << (code - 2) if code <= 5 else 256 << (code - 8)


def _coded_number(head: bytes) -> tuple[int | None, int]:
    """Decode the frame or sample number, in UTF-8's scheme stretched to 36 bits, at byte 4."""
    if len(head) < 6:
        return None, 0
    lead = head[4]
    ones = next((bit for bit in range(8) if not lead & 0x80 >> bit), 8)
    if ones == 0:
        return lead, 5
    rest = head[5 : 4 + ones]
    if ones in {1, 8} or any(byte & 0xC0 != 0x80 for byte in rest):
        return None, 0
    number = lead & 0x7F >> ones
    for byte in rest:
        number = number << 6 | byte & 0x3F
    return number, 4 + ones


def _check_last(file: BinaryIO, last: Frame, end: int) -> None:
    file.seek(last.offset)
    if crc16(file.read(end - last.offset)):
        raise CorruptDownload("the last frame is not whole: the end of the file is missing or damaged")
