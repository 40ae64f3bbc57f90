"""What the emulated indexer lists, as articles that a real program can read: yEnc, by http://www.yenc.org."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping

from cratedig_emulators.usenet.posts import Release, Spool, post, read_nzb

_PLUS_42 = bytes((byte + 42) % 256 for byte in range(256))
_CRITICAL = {b"\0": b"=@", b"\n": b"=J", b"\r": b"=M"}
_LINE = re.compile(rb".{1,127}(?:(?<==).)?", re.DOTALL)


def posted(name: str, files: Mapping[str, bytes]) -> tuple[Release, dict[str, bytes]]:
    """A release, and the body of each of its articles by message id."""
    spool = Spool()
    release = post(name, files, spool=spool)
    rows = read_nzb(release.nzb)
    pieces = {file: [spool.get(one) or b"" for one in ids] for file, ids in rows}
    bodies = {file: _bodies(file, data) for file, data in pieces.items()}
    return release, dict(pair for file, ids in rows for pair in zip(ids, bodies[file], strict=True))


def _bodies(file: str, pieces: list[bytes]) -> Iterator[bytes]:
    size, begin = sum(map(len, pieces)), 0
    for part, piece in enumerate(pieces, 1):
        header = (
            f"=ybegin part={part} total={len(pieces)} line=128 size={size} name={file}\r\n"
            f"=ypart begin={begin + 1} end={begin + len(piece)}\r\n"
        )
        footer = f"=yend size={len(piece)} part={part} pcrc32={zlib.crc32(piece):08x}\r\n"
        # yEnc knows no UTF-8: NZBGet reads a name as Latin-1.
        yield header.encode("latin-1") + encoded(piece) + footer.encode()
        begin += len(piece)


def encoded(piece: bytes) -> bytes:
    """The lines of yEnc that stand for ``piece``."""
    shifted = piece.translate(_PLUS_42).replace(b"=", b"=}")
    for byte, pair in _CRITICAL.items():
        shifted = shifted.replace(byte, pair)
    return b"".join(line + b"\r\n" for line in _LINE.findall(shifted))
