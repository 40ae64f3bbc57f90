"""Audio cut into the segments of a DASH stream: one that initialises, and about a second each after it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import lru_cache

import av
from attrs import frozen

_OPTIONS = {
    "strict": "-2",
    "movflags": "empty_moov+default_base_moof+dash",
    "frag_duration": "1000000",
    "fflags": "+bitexact",
}


@frozen
class Segmented:
    """``durations`` are those of ``parts``, in ticks of ``timescale`` to the second."""

    init: bytes
    parts: tuple[bytes, ...]
    durations: tuple[int, ...]
    timescale: int


@lru_cache(maxsize=128)
def segmented(data: bytes) -> Segmented:
    """Cut a FLAC or M4A file; nothing is encoded again."""
    init, parts, durations, timescale = b"", [], [], 1
    part = b""
    for kind, box in _boxes(_fragmented(data)):
        if kind in {b"ftyp", b"moov"}:
            init += box
        elif kind == b"sidx":
            timescale = int.from_bytes(box[16:20])
            durations.append(int.from_bytes(box[-8:-4]))
            part = box
        elif kind == b"moof":
            part += box
        elif kind == b"mdat":
            parts.append(part + box)
    return Segmented(init, tuple(parts), tuple(durations), timescale)


def _fragmented(data: bytes) -> bytes:
    target = io.BytesIO()
    with (
        av.open(io.BytesIO(data), "r") as source,
        av.open(target, "w", format="mp4", options=_OPTIONS) as muxed,
    ):
        stream = muxed.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(audio=0):
            if packet.dts is not None:
                packet.stream = stream
                muxed.mux(packet)
    return target.getvalue()


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    offset = 0
    while offset < len(data):
        size = int.from_bytes(data[offset : offset + 4])
        yield data[offset + 4 : offset + 8], data[offset : offset + size]
        offset += size
