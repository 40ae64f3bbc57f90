# ruff: noqa: PLR2004 the numbers are the format's (ISO/IEC 11172-3)
"""MP3 and AAC in ADTS: a chain of frames, each saying how long it is, so all of them can be counted."""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import BinaryIO

from attrs import frozen

from cratedig._errors import CorruptDownload
from cratedig._model import Quality
from cratedig._transfer.containers.facts import Facts
from cratedig._transfer.containers.tagged import average_bitrate, kilobits, open_tagged
from cratedig._transfer.magic import audio_start

_KILOBITS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KILOBITS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_MPEG1 = 3
_LAYER3 = 1
_LOST_MAX = 64 * 1024


@frozen
class Frame:
    """A frame's bytes, samples and sample rate."""

    length: int
    samples: int
    rate: int


@frozen
class Walk:
    """What a walk over all frames found, each of ``samples``; ``cut``: bytes that the last one lacks."""

    frames: int
    samples: int
    rate: int
    audio_bytes: int
    lost: int
    cut: int


def inspect_mp3(path: Path, file: BinaryIO, size: int) -> Facts:
    """Read an MP3 file's header and walk its frames.

    :raises CorruptDownload: there are none, or a long stretch is not MP3.
    """
    from mutagen.mp3 import MP3, BitrateMode  # noqa: PLC0415 loaded on first use

    info = open_tagged(MP3, path, "MP3").info
    start = audio_start(file)
    walk = _walk(file, start, _audio_end(file, size))
    counted = _counted_frames(file, start)
    # The frame that holds the count is silent and not counted.
    frames = walk.frames - (1 if counted else 0)
    actual = frames * walk.samples / walk.rate
    constant = info.bitrate_mode is BitrateMode.CBR
    bitrate = kilobits(info.bitrate) if constant else average_bitrate(walk.audio_bytes, actual)
    return Facts(
        quality=Quality(codec="mp3", lossless=False, bitrate=bitrate, sample_rate=walk.rate),
        extension="mp3",
        declared=counted * walk.samples / walk.rate if counted else None,
        actual=actual,
        cut=f"the last frame lacks {walk.cut} bytes" if walk.cut else "",
        # Encoders disagree on whether the counting frame counts.
        short=f"{counted - frames} of {counted} frames are missing" if counted > frames + 1 else "",
        warnings=(f"{walk.lost} bytes between the frames are not MP3",) if walk.lost else (),
    )


def _counted_frames(file: BinaryIO, start: int) -> int:
    """Frames that the first one says there are, in its Xing, Info or VBRI header; 0 when it does not."""
    file.seek(start)
    head = file.read(192)
    for mark in (b"Xing", b"Info"):
        at = head.find(mark, 0, 48)
        if at > 0 and head[at + 7] & 1:
            return int.from_bytes(head[at + 8 : at + 12])
    return int.from_bytes(head[50:54]) if head[36:40] == b"VBRI" else 0


def inspect_aac(path: Path, file: BinaryIO, size: int) -> Facts:
    """Read the header of AAC in ADTS and walk its frames."""
    from mutagen.aac import AAC  # noqa: PLC0415 loaded on first use

    info = open_tagged(AAC, path, "AAC").info
    quality = Quality(
        codec="aac", lossless=False, sample_rate=info.sample_rate, bitrate=average_bitrate(size, info.length)
    )
    cut = _adts_cut(file, audio_start(file), _audio_end(file, size))
    return Facts(
        quality=quality,
        extension="aac",
        declared=info.length,
        cut=f"the last frame lacks {cut} bytes" if cut else "",
    )


def _adts_cut(file: BinaryIO, start: int, end: int) -> int:
    """How many bytes the last frame lacks."""
    position = start
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        while position + 7 <= end and data[position] == 0xFF and data[position + 1] & 0xF6 == 0xF0:
            length = (data[position + 3] & 3) << 11 | data[position + 4] << 3 | data[position + 5] >> 5
            position += max(7, length)
    return max(0, position - end)


def _audio_end(file: BinaryIO, size: int) -> int:
    """Leave out ID3v1 and APEv2 tags, which stand behind the audio."""
    end = size
    file.seek(max(0, end - 128))
    if file.read(3) == b"TAG":
        end -= 128
    file.seek(max(0, end - 32))
    foot = file.read(32)
    if foot[:8] == b"APETAGEX":
        end -= int.from_bytes(foot[12:16], "little") + (32 if foot[23] & 0x80 else 0)
    return max(0, end)


def _walk(file: BinaryIO, start: int, end: int) -> Walk:
    position, frames, samples, audio, lost, cut, rate = start, 0, 0, 0, 0, 0, 0
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        while position + 4 <= end:
            frame = _frame(data, position)
            if frame is None or (rate and frame.rate != rate):
                following = _next_sync(data, position + 1, end)
                position, lost = following, lost + following - position
                continue
            rate, cut = frame.rate, max(0, position + frame.length - end)
            frames, samples, audio = frames + 1, frame.samples, audio + frame.length - cut
            position += frame.length
    if not frames or lost > max(_LOST_MAX, (end - start) // 10):
        raise CorruptDownload("the file begins like MP3, but most of it is something else")
    return Walk(frames, samples, rate, audio, lost, cut)


def _next_sync(data: mmap.mmap, position: int, end: int) -> int:
    found = data.find(b"\xff", position, end)
    return end if found < 0 else found


def _frame(data: mmap.mmap, position: int) -> Frame | None:
    second, third = data[position + 1], data[position + 2]
    version, layer = second >> 3 & 3, second >> 1 & 3
    bitrate, rate = third >> 4, third >> 2 & 3
    if data[position] != 0xFF or second < 0xE0 or layer != _LAYER3:
        return None
    if version not in _RATES or bitrate in {0, 15} or rate == 3:
        return None
    kilobit = (_KILOBITS_1 if version == _MPEG1 else _KILOBITS_2)[bitrate]
    samples = 1152 if version == _MPEG1 else 576
    hertz = _RATES[version][rate]
    return Frame(samples // 8 * kilobit * 1000 // hertz + (third >> 1 & 1), samples, hertz)
