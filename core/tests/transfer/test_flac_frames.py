"""Compressed audio may look like a frame's header by chance; the row of real frames is found all the same."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest

from cratedig import CorruptDownload
from cratedig._transfer.containers.crc import crc8
from cratedig._transfer.containers.flac import _walk

INFO = SimpleNamespace(sample_rate=44100, channels=2, bits_per_sample=16)
AUDIO = b"\x55" * 4000


def header(number: int, *, variable: bool = False) -> bytes:
    """A frame header of 4096 samples, stereo, 16 bits, 44.1 kHz."""
    head = bytes([0xFF, 0xF9 if variable else 0xF8, 0xC9, 0x18, number])
    return head + bytes([crc8(head)])


def walked(*parts: bytes) -> tuple[int, int]:
    """The numbers of the first and the last frame of what is put together."""
    data = b"".join(parts)
    first, last = _walk(io.BytesIO(data), 0, len(data), INFO)
    return first.number, last.number


@pytest.mark.parametrize("variable", [False, True])
def test_a_chance_header_with_the_next_number_breaks_no_row(variable: bool) -> None:
    """Whether it claims the other way of counting or the same one: the frames after it are still found."""
    frames = [header(number) + AUDIO for number in range(6)]
    chance = header(3, variable=variable) + AUDIO
    assert walked(*frames[:3], chance, *frames[3:]) == (0, 5)


def test_a_hole_in_the_row_is_found() -> None:
    """Three frames that are not there are more than chance."""
    frames = [header(number) + AUDIO * 5 for number in range(9)]
    with pytest.raises(CorruptDownload, match="missing or damaged"):
        walked(*frames[:3], *frames[6:])
