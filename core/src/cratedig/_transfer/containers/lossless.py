"""Monkey's Audio and WavPack."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

from cratedig._errors import CorruptDownload
from cratedig._model import Quality
from cratedig._transfer.containers.facts import Facts
from cratedig._transfer.containers.tagged import average_bitrate, open_tagged, whole

_BLOCK_HEADER = 32


def inspect_ape(path: Path, _file: BinaryIO, size: int) -> Facts:
    """Read the header of Monkey's Audio."""
    from mutagen.monkeysaudio import MonkeysAudio  # noqa: PLC0415 loaded on first use

    return _facts(open_tagged(MonkeysAudio, path, "Monkey's Audio").info, "ape", "ape", size)


def inspect_wavpack(path: Path, file: BinaryIO, size: int) -> Facts:
    """Read the header of WavPack and walk its blocks.

    :raises CorruptDownload: the last block is not whole.
    """
    from mutagen.wavpack import WavPack  # noqa: PLC0415 loaded on first use

    offset = 0
    while offset + _BLOCK_HEADER <= size:
        file.seek(offset)
        head = file.read(8)
        if head[:4] != b"wvpk":
            break
        offset += 8 + int.from_bytes(head[4:8], "little")
    if offset > size:
        raise CorruptDownload(f"{offset - size} bytes are missing at the end of the WavPack file")
    return _facts(open_tagged(WavPack, path, "WavPack").info, "wavpack", "wv", size)


def _facts(info: Any, codec: str, extension: str, size: int) -> Facts:
    quality = Quality(
        codec=codec,
        lossless=True,
        sample_rate=whole(info.sample_rate),
        bit_depth=whole(getattr(info, "bits_per_sample", None)),
        bitrate=average_bitrate(size, info.length),
    )
    return Facts(quality=quality, extension=extension, declared=info.length or None)
