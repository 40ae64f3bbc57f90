# ruff: noqa: PLR2004 the numbers are the format's
"""EBML (RFC 8794): the tree below Matroska and WebM."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from attrs import frozen

from cratedig._errors import CorruptDownload


@frozen
class Element:
    """An element: its id, where its content starts, and its size, ``None`` when it is left open."""

    id: int
    start: int
    size: int | None

    @property
    def end(self) -> int | None:
        """The offset behind it."""
        return None if self.size is None else self.start + self.size


def elements(file: BinaryIO, start: int, end: int) -> Iterator[Element]:
    """Yield the elements between two offsets; after one of open size the walk goes on inside it.

    :raises CorruptDownload: the bytes are no EBML.
    """
    offset = start
    while offset < end:
        file.seek(offset)
        head = file.read(12)
        id_, length = _number(head, keep_marker=True)
        size, width = _number(head[length:], keep_marker=False)
        content = offset + length + width
        is_open = size == (1 << 7 * width) - 1
        yield Element(id_, content, None if is_open else size)
        offset = content if is_open else content + size


def unsigned(file: BinaryIO, element: Element) -> int:
    """Read a whole number."""
    return int.from_bytes(content(file, element)[:8])


def decimal(file: BinaryIO, element: Element) -> float:
    """Read a floating-point number of 4 or 8 bytes."""
    data = content(file, element)
    if len(data) not in {4, 8}:
        return 0.0
    return float(struct.unpack(">f" if len(data) == 4 else ">d", data)[0])


def content(file: BinaryIO, element: Element) -> bytes:
    """Read a small element's content."""
    file.seek(element.start)
    return file.read(min(element.size or 0, 1024))


def _number(data: bytes, *, keep_marker: bool) -> tuple[int, int]:
    """Decode a number whose leading zero bits tell its width."""
    width = 9 - data[0].bit_length() if data else 9
    if width > 8 or len(data) < width:
        raise CorruptDownload("the Matroska file is cut or damaged")
    value = int.from_bytes(data[:width])
    return (value if keep_marker else value & (1 << 7 * width) - 1), width
