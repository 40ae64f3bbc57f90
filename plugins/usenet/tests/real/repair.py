"""A PAR2 file with which one lost article of a post can be made again (Parity Volume Set, version 2.0)."""

from __future__ import annotations

import functools
import hashlib
import operator
import struct
import zlib
from collections.abc import Iterator, Mapping

from cratedig_emulators.usenet.posts import ARTICLE

_START = 16384
"""The first bytes of a file, of which the format keeps a sum of their own."""


def par2(files: Mapping[str, bytes]) -> bytes:
    """One recovery block, that of exponent 0: all blocks added up, which in this field is XOR."""
    ids = {_file_id(name, data): (name, data) for name, data in files.items()}
    order = sorted(ids, key=lambda one: one[::-1])
    main = struct.pack("<QI", ARTICLE, len(ids)) + b"".join(order)
    packets = [_packet(main, b"Main", main), _packet(main, b"Creator", _padded(b"cratedig's tests"))]
    for file_id, (name, data) in ids.items():
        packets.append(_packet(main, b"FileDesc", _description(file_id, name, data)))
        sums = b"".join(hashlib.md5(b).digest() + struct.pack("<I", zlib.crc32(b)) for b in _blocks(data))
        packets.append(_packet(main, b"IFSC", file_id + sums))
    parity = struct.pack("<I", 0) + _sum(block for data in files.values() for block in _blocks(data))
    return b"".join([*packets, _packet(main, b"RecvSlic", parity)])


def _packet(main: bytes, kind: bytes, body: bytes) -> bytes:
    rest = hashlib.md5(main).digest() + b"PAR 2.0\0" + kind.ljust(8, b"\0") + body
    length = struct.pack("<Q", 32 + len(rest))
    return b"PAR2\0PKT" + length + hashlib.md5(rest).digest() + rest


def _file_id(name: str, data: bytes) -> bytes:
    start = hashlib.md5(data[:_START]).digest()
    return hashlib.md5(start + struct.pack("<Q", len(data)) + _latin(name)).digest()


def _description(file_id: bytes, name: str, data: bytes) -> bytes:
    sums = hashlib.md5(data).digest() + hashlib.md5(data[:_START]).digest()
    return file_id + sums + struct.pack("<Q", len(data)) + _padded(_latin(name))


def _latin(name: str) -> bytes:
    """The format knows no UTF-8 either; NZBGet reads names as Latin-1."""
    return name.encode("latin-1")


def _padded(text: bytes) -> bytes:
    return text + b"\0" * (-len(text) % 4)


def _blocks(data: bytes) -> Iterator[bytes]:
    for begin in range(0, len(data), ARTICLE):
        yield data[begin : begin + ARTICLE].ljust(ARTICLE, b"\0")


def _sum(blocks: Iterator[bytes]) -> bytes:
    numbers = (int.from_bytes(block, "little") for block in blocks)
    return functools.reduce(operator.xor, numbers).to_bytes(ARTICLE, "little")
