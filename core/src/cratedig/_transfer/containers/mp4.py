"""MP4 and M4A, whole or in fragments: every box lies within the file, and the samples' own times count."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from cratedig._errors import CorruptDownload
from cratedig._model import Quality
from cratedig._transfer.containers.boxes import Box, load, top_boxes, track_number
from cratedig._transfer.containers.facts import Facts
from cratedig._transfer.containers.tagged import average_bitrate, kilobits, open_tagged, whole


def inspect_mp4(path: Path, file: BinaryIO, size: int) -> Facts:
    """Read an MP4 file's header, its boxes and the times of its samples.

    :raises CorruptDownload: a box reaches beyond the end, or header or audio are missing.
    """
    from mutagen.mp4 import MP4  # noqa: PLC0415 loaded on first use

    top = list(top_boxes(file, size))
    moov = next((load(file, box) for box in top if box.kind == b"moov"), None)
    if moov is None or not any(box.kind == b"mdat" for box in top):
        raise CorruptDownload(f"the MP4 file has no {'header' if moov is None else 'audio'}")
    info = open_tagged(MP4, path, "MP4").info
    fragments = [load(file, box) for box in top if box.kind == b"moof"]
    audio = sum(box.size - box.head for box in top if box.kind == b"mdat")
    actual = _duration(moov, fragments, audio)
    codec = "aac" if info.codec.startswith("mp4a") else info.codec.lower()
    lossless = codec in {"alac", "flac"}
    quality = Quality(
        codec=codec,
        lossless=lossless,
        sample_rate=whole(info.sample_rate),
        bit_depth=whole(info.bits_per_sample) if lossless else None,
        bitrate=kilobits(info.bitrate) or average_bitrate(size, actual),
    )
    return Facts(quality=quality, extension="m4a", declared=info.length or None, actual=actual)


def _duration(moov: Box, fragments: list[Box], audio: int) -> float | None:
    """Seconds of the first sound track, from the times of its samples."""
    for track in moov.find(b"trak"):
        handler = next(track.find(b"mdia", b"hdlr"), None)
        if handler is not None and bytes(handler.body[8:12]) == b"soun":
            return _track_duration(moov, track, fragments, audio)
    raise CorruptDownload("the MP4 file has no sound track")


def _track_duration(moov: Box, track: Box, fragments: list[Box], audio: int) -> float | None:
    header = next(track.find(b"mdia", b"mdhd"), None)
    if header is None:
        raise CorruptDownload("the MP4 header is damaged")
    scale = header.number(20 if header.body[0] else 12)
    track_id = track_number(track)
    ticks = sum(map(_table_ticks, track.find(b"mdia", b"minf", b"stbl", b"stts")))
    ticks += _fragment_ticks(moov, fragments, track_id)
    for sizes in track.find(b"mdia", b"minf", b"stbl", b"stsz"):
        if _sample_bytes(sizes) > audio:
            raise CorruptDownload("the MP4 file lists more audio than it holds")
    return ticks / scale if scale and ticks else None


def _table_ticks(stts: Box) -> int:
    entries = min(stts.number(4), len(stts.body) // 8)
    return sum(stts.number(8 + 8 * i) * stts.number(12 + 8 * i) for i in range(entries))


def _sample_bytes(stsz: Box) -> int:
    same, count = stsz.number(4), stsz.number(8)
    if same:
        return same * count
    return sum(stsz.number(12 + 4 * i) for i in range(min(count, len(stsz.body) // 4)))


def _fragment_ticks(moov: Box, fragments: list[Box], track_id: int) -> int:
    defaults = {box.number(4): box.number(12) for box in moov.find(b"mvex", b"trex")}
    return sum(
        _run_ticks(run, _default(traf, defaults))
        for moof in fragments
        for traf in moof.find(b"traf")
        if next(traf.find(b"tfhd")).number(4) == track_id
        for run in traf.find(b"trun")
    )


def _default(traf: Box, defaults: dict[int, int]) -> int:
    head = next(traf.find(b"tfhd"))
    flags = head.number(1, 3)
    offset = 8 + (8 if flags & 0x01 else 0) + (4 if flags & 0x02 else 0)
    return head.number(offset) if flags & 0x08 else defaults.get(head.number(4), 0)


def _run_ticks(run: Box, default: int) -> int:
    flags, count = run.number(1, 3), run.number(4)
    if not flags & 0x100:
        return count * default
    start = 8 + (4 if flags & 0x01 else 0) + (4 if flags & 0x04 else 0)
    step = 4 * (flags >> 8 & 0x0F).bit_count()
    return sum(run.number(start + step * i) for i in range(min(count, len(run.body) // step)))
