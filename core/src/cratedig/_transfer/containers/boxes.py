"""ISO base media boxes (ISO/IEC 14496-12): the tree below MP4, and the file's own level of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from attrs import frozen

from cratedig._errors import CorruptDownload

LARGE = 1
TO_THE_END = 0
_SHORTEST = 8
_LONGEST_HEADER = 64 * 1024 * 1024


@frozen
class TopBox:
    """A box of the file's own level: ``head`` and ``size`` are bytes of its header and of all of it."""

    kind: bytes
    offset: int
    head: int
    size: int


@frozen
class Box:
    """A box's type and content."""

    kind: bytes
    body: memoryview

    def children(self, skip: int = 0) -> Iterator[Box]:
        """Yield the boxes within, after ``skip`` bytes of fields."""
        yield from boxes(self.body[skip:])

    def find(self, *path: bytes) -> Iterator[Box]:
        """Yield the boxes at ``path`` below this one."""
        for box in self.children():
            if box.kind == path[0]:
                yield from box.find(*path[1:]) if path[1:] else (box,)

    def number(self, offset: int, length: int = 4) -> int:
        """Read a big-endian number.

        :raises CorruptDownload: the box ends before it.
        """
        data = self.body[offset : offset + length]
        if len(data) < length:
            raise CorruptDownload(f"the MP4 box {self.kind!r} is too short")
        return int.from_bytes(data)


def boxes(data: memoryview) -> Iterator[Box]:
    """Yield the boxes that lie one after the other in ``data``.

    :raises CorruptDownload: one claims more than there is.
    """
    offset = 0
    while offset + 8 <= len(data):
        size, head = box_size(data[offset : offset + 16])
        size = len(data) - offset if size == TO_THE_END else size
        if size < head or offset + size > len(data):
            raise CorruptDownload("the MP4 header is damaged")
        yield Box(bytes(data[offset + 4 : offset + 8]), data[offset + head : offset + size])
        offset += size


def box_size(head: memoryview | bytes) -> tuple[int, int]:
    """Return a box's size in bytes (0: to the end of the file) and that of its header."""
    size = int.from_bytes(head[:4])
    return (int.from_bytes(head[8:16]), 16) if size == LARGE else (size, 8)


def top_boxes(file: BinaryIO, size: int) -> Iterator[TopBox]:
    """Yield the boxes of a file of ``size`` bytes, one after the other, without reading what is in them.

    :raises CorruptDownload: one is damaged, or reaches beyond the end.
    """
    offset = 0
    while offset < size:
        file.seek(offset)
        first = file.read(16)
        length, head = box_size(first)
        length = size - offset if length == TO_THE_END else length
        if len(first) < _SHORTEST or length < head:
            raise CorruptDownload(f"the MP4 file is damaged at byte {offset} of {size}")
        if offset + length > size:
            raise CorruptDownload(f"{offset + length - size} bytes are missing at the end of the MP4 file")
        yield TopBox(first[4:8], offset, head, length)
        offset += length


def load(file: BinaryIO, box: TopBox) -> Box:
    """Read a header.

    :raises CorruptDownload: it is longer than any song's.
    """
    if box.size > _LONGEST_HEADER:
        raise CorruptDownload("the MP4 header is longer than any song's")
    file.seek(box.offset + box.head)
    return Box(box.kind, memoryview(file.read(box.size - box.head)))


def track_number(track: Box) -> int:
    """Read by which number fragments call the track of a ``trak``.

    :raises CorruptDownload: it is not told.
    """
    header = next(track.find(b"tkhd"), None)
    if header is None:
        raise CorruptDownload("the MP4 header is damaged")
    return header.number(20 if header.number(0, 1) else 12)
