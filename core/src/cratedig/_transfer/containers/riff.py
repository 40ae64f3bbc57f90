"""WAV and AIFF: chunks that say how long they are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Literal

from cratedig._errors import CorruptDownload
from cratedig._model import Quality
from cratedig._transfer.containers.facts import Facts
from cratedig._transfer.containers.tagged import kilobits, open_tagged, whole

_UNKNOWN = 0xFFFFFFFF


def inspect_wav(path: Path, file: BinaryIO, size: int) -> Facts:
    """Read a WAV file's header and hold its ``data`` chunk against the file's length.

    :raises CorruptDownload: it reaches beyond the end.
    """
    from mutagen.wave import WAVE  # noqa: PLC0415 loaded on first use

    _check_chunks(file, size, "little", b"data")
    return _facts(open_tagged(WAVE, path, "WAV").info, "wav")


def inspect_aiff(path: Path, file: BinaryIO, size: int) -> Facts:
    """Do the same for AIFF and its ``SSND`` chunk.

    :raises CorruptDownload: it reaches beyond the end.
    """
    from mutagen.aiff import AIFF  # noqa: PLC0415 loaded on first use

    _check_chunks(file, size, "big", b"SSND")
    return _facts(open_tagged(AIFF, path, "AIFF").info, "aiff")


def _facts(info: object, codec: str) -> Facts:
    quality = Quality(
        codec=codec,
        lossless=True,
        sample_rate=whole(getattr(info, "sample_rate", None)),
        bit_depth=whole(getattr(info, "bits_per_sample", None)),
        bitrate=kilobits(getattr(info, "bitrate", None)),
    )
    return Facts(quality=quality, extension=codec, declared=getattr(info, "length", None) or None)


def _check_chunks(file: BinaryIO, size: int, order: Literal["little", "big"], audio: bytes) -> None:
    for name, start, length in _chunks(file, size, order):
        if name != audio:
            continue
        # RF64 and streamed WAV leave the length open.
        if length != _UNKNOWN and start + length > size:
            raise CorruptDownload(
                f"{start + length - size} bytes of audio are missing at the end of the file"
            )
        return
    raise CorruptDownload("the file has a header but no audio")


def _chunks(file: BinaryIO, size: int, order: Literal["little", "big"]) -> Iterator[tuple[bytes, int, int]]:
    offset = 12
    while offset + 8 <= size:
        file.seek(offset)
        head = file.read(8)
        length = int.from_bytes(head[4:8], order)
        yield head[:4], offset + 8, length
        offset += 8 + length + length % 2
