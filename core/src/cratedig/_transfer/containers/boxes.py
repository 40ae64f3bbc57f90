"""ISO base media boxes (ISO/IEC 14496-12): the tree below MP4."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from cratedig._errors import CorruptDownload

LARGE = 1
TO_THE_END = 0


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
