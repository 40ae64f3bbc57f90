# ruff: noqa: PLR2004 the numbers are the format's
"""FLAC out of MP4, without encoding anything again.

Streaming services wrap FLAC into (fragmented) MP4, which few players take for what it is. The frames in
there are the very frames of a `.flac` file and so is the description of the stream, in the box `dfLa`:
https://github.com/xiph/flac/blob/master/doc/isoflac.txt. Only the wrapping is taken off, so the samples and
their MD5 stay what they were. ISO/IEC 14496-12 has the boxes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from attrs import frozen

from cratedig._errors import CorruptDownload
from cratedig._transfer.containers.boxes import Box, load, top_boxes, track_number

__all__ = ["flac_from_mp4", "native_flac"]

_COPY = 1 << 20
_WRAPPING = frozenset({b"ftyp", b"styp", b"moov", b"moof"})
"""What the first box of an MP4 file is."""
_SAMPLE_ENTRY = 28
"""Bytes of fields in a sound's sample entry, before the boxes in it."""
_LAST = 0x80
_STREAMINFO = 34


@frozen
class _Piece:
    """A run of FLAC frames: where it stands in the file, and how many bytes it has."""

    offset: int
    length: int


@frozen
class _Sound:
    """What the header says: the FLAC metadata, the track's number, and the size of samples that tell none."""

    metadata: bytes
    track: int
    sample_size: int


def flac_from_mp4(path: Path) -> Path:
    """Turn the MP4 file at ``path`` into a FLAC file beside it, and return that. Blocking.

    Every frame is copied, none is decoded, so that missing audio stays missing: whether the file is as long
    as its header says is for the verification that follows. The MP4 file is removed when the FLAC file is
    whole.

    :raises CorruptDownload: it is no MP4 file, has no FLAC in it, is encrypted or ends too early.
    """
    target = path.with_name(f"{path.stem}.flac")
    if target == path:
        raise ValueError("the MP4 file has the name that the FLAC file is to get")
    try:
        with path.open("rb") as source, target.open("wb") as flac:
            _convert(source, path.stat().st_size, flac)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    path.unlink()
    return target


def native_flac(path: Path) -> Path:
    """Take FLAC out of MP4 where the file at ``path`` is MP4, and return what is then there. Blocking.

    A file of another kind stays what it is.

    :raises CorruptDownload: as for :func:`flac_from_mp4`.
    """
    with path.open("rb") as file:
        wrapped = file.read(8)[4:] in _WRAPPING
    if wrapped and path.suffix == ".flac":
        path = path.replace(path.with_suffix(".mp4"))
    return flac_from_mp4(path) if wrapped else path


def _convert(source: BinaryIO, size: int, flac: BinaryIO) -> None:
    sound: _Sound | None = None
    copied = 0
    for top in top_boxes(source, size):
        if top.kind not in {b"moov", b"moof"}:
            continue
        box = load(source, top)
        if box.kind == b"moov":
            sound = _sound(box)
            flac.write(b"fLaC" + sound.metadata)
            pieces: Iterable[_Piece] = _pieces_of_table(box, sound)
        elif sound is None:
            raise CorruptDownload("the MP4 file has audio before its header")
        else:
            pieces = _pieces_of_fragment(box, sound, top.offset)
        for piece in pieces:
            copied += _copy(source, piece, size, flac)
    if not copied:
        raise CorruptDownload("the MP4 file has no audio" if sound else "the MP4 file has no header")


def _sound(moov: Box) -> _Sound:
    """Find the FLAC track.

    :raises CorruptDownload: there is none, or it is encrypted.
    """
    seen = []
    for track in moov.find(b"trak"):
        for stsd in track.find(b"mdia", b"minf", b"stbl", b"stsd"):
            for entry in stsd.children(8):
                if entry.kind == b"fLaC":
                    number = track_number(track)
                    return _Sound(_metadata(entry), number, _default_size(moov, number))
                seen.append(entry.kind.decode("latin-1"))
    if "enca" in seen:
        raise CorruptDownload("the audio in the MP4 file is encrypted")
    raise CorruptDownload(f"there is no FLAC in the MP4 file, only {', '.join(seen) or 'nothing'}")


def _metadata(entry: Box) -> bytes:
    """Return the metadata blocks of ``dfLa``, the last one marked as the last."""
    described = next((box for box in entry.children(_SAMPLE_ENTRY) if box.kind == b"dfLa"), None)
    if described is None:
        raise CorruptDownload("the FLAC in the MP4 file is not described")
    blocks, rest = [], bytes(described.body[4:])
    while len(rest) >= 4:
        end = 4 + int.from_bytes(rest[1:4])
        if end > len(rest):
            raise CorruptDownload("the description of the FLAC ends too early")
        blocks.append(bytes([rest[0] & ~_LAST]) + rest[1:end])
        rest = rest[end:]
    if not blocks or blocks[0][0] != 0 or len(blocks[0]) != 4 + _STREAMINFO:
        raise CorruptDownload("the FLAC in the MP4 file has no STREAMINFO")
    blocks[-1] = bytes([blocks[-1][0] | _LAST]) + blocks[-1][1:]
    return b"".join(blocks)


def _default_size(moov: Box, track: int) -> int:
    return next((box.number(16) for box in moov.find(b"mvex", b"trex") if box.number(4) == track), 0)


# -- fragments -------------------------------------------------------------------------------------------


def _pieces_of_fragment(moof: Box, sound: _Sound, start: int) -> Iterator[_Piece]:
    """Where the frames of one fragment are; ``start`` is the place of its ``moof``."""
    for traf in moof.find(b"traf"):
        head = next(traf.find(b"tfhd"), None)
        if head is None:
            raise CorruptDownload("a fragment of the MP4 file is damaged")
        if head.number(4) != sound.track:
            continue
        base, size = _defaults(head, start, sound.sample_size)
        at = base
        for run in traf.find(b"trun"):
            offset, length = _run(run, size)
            at = base + offset if offset is not None else at
            yield _Piece(at, length)
            at += length


def _defaults(head: Box, start: int, size: int) -> tuple[int, int]:
    """Return what offsets count from, and the size of samples that tell none."""
    flags, at = head.number(1, 3), 8
    base = start
    if flags & 0x01:
        base, at = head.number(at, 8), at + 8
    at += (4 if flags & 0x02 else 0) + (4 if flags & 0x08 else 0)
    return base, head.number(at) if flags & 0x10 else size


def _run(run: Box, size: int) -> tuple[int | None, int]:
    """Return where a run begins, if it says so, and how many bytes its samples have."""
    flags, count, at = run.number(1, 3), run.number(4), 8
    offset = None
    if flags & 0x01:
        offset, at = int.from_bytes(run.body[at : at + 4], signed=True), at + 4
    at += 4 if flags & 0x04 else 0
    if not flags & 0x200:
        return offset, count * size
    step = 4 * (flags >> 8 & 0x0F).bit_count()
    at += 4 if flags & 0x100 else 0
    if at + (count - 1) * step + 4 > len(run.body):
        raise CorruptDownload("a fragment of the MP4 file lists more audio than it has room for")
    return offset, sum(run.number(at + i * step) for i in range(count))


# -- one table -------------------------------------------------------------------------------------------


def _pieces_of_table(moov: Box, sound: _Sound) -> Iterator[_Piece]:
    """Where the frames of a file without fragments are; nothing where the fragments have them all."""
    for track in moov.find(b"trak"):
        if track_number(track) == sound.track:
            for stbl in track.find(b"mdia", b"minf", b"stbl"):
                yield from _chunks(stbl)


def _chunks(stbl: Box) -> Iterator[_Piece]:
    sizes = _sizes(stbl)
    counts = _counts(stbl)
    for place in _places(stbl):
        yield _Piece(place, sum(islice(sizes, next(counts, 0))))


def _sizes(stbl: Box) -> Iterator[int]:
    for stsz in stbl.find(b"stsz"):
        same, count = stsz.number(4), stsz.number(8)
        for index in range(count):
            yield same or stsz.number(12 + 4 * index)


def _places(stbl: Box) -> Iterator[int]:
    for kind, width in ((b"stco", 4), (b"co64", 8)):
        for table in stbl.find(kind):
            for index in range(table.number(4)):
                yield table.number(8 + width * index, width)


def _counts(stbl: Box) -> Iterator[int]:
    """How many samples each chunk has: rows of first chunk and count, each valid until the next row."""
    for stsc in stbl.find(b"stsc"):
        rows = [(stsc.number(8 + 12 * i), stsc.number(12 + 12 * i)) for i in range(stsc.number(4))]
        for index, (first, count) in enumerate(rows):
            last = rows[index + 1][0] if index + 1 < len(rows) else None
            chunk = first
            while last is None or chunk < last:
                yield count
                chunk += 1


# -- bytes -----------------------------------------------------------------------------------------------


def _copy(source: BinaryIO, piece: _Piece, size: int, flac: BinaryIO) -> int:
    if piece.offset < 0 or piece.offset + piece.length > size:
        raise CorruptDownload(
            f"{piece.offset + piece.length - size} bytes of audio are missing in the MP4 file"
        )
    source.seek(piece.offset)
    left = piece.length
    while left:
        data = source.read(min(left, _COPY))
        if not data:
            raise CorruptDownload("the MP4 file became shorter while it was read")
        flac.write(data)
        left -= len(data)
    return piece.length
