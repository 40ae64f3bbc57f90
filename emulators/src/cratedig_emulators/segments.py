"""Audio cut into the segments of a DASH or HLS stream: one that initialises, and the audio after it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import lru_cache

import av
from attrs import frozen

_OPTIONS = {
    "strict": "-2",
    "movflags": "empty_moov+default_base_moof+dash",
    "fflags": "+bitexact",
}


@frozen
class Segmented:
    """``durations`` are those of ``parts``, in ticks of ``timescale`` to the second."""

    init: bytes
    parts: tuple[bytes, ...]
    durations: tuple[int, ...]
    timescale: int

    @property
    def files(self) -> tuple[bytes, ...]:
        """All segments, the one that initialises first."""
        return (self.init, *self.parts)


@lru_cache(maxsize=128)
def segmented(data: bytes, seconds: float = 1.0) -> Segmented:
    """Cut a FLAC or M4A file into segments of about ``seconds``; nothing is encoded again."""
    init, parts, durations, timescale = b"", [], [], 1
    part = b""
    for kind, box in _boxes(_fragmented(data, seconds)):
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


def _fragmented(data: bytes, seconds: float) -> bytes:
    target = io.BytesIO()
    options = {**_OPTIONS, "frag_duration": str(round(seconds * 1_000_000))}
    with (
        av.open(io.BytesIO(data), "r") as source,
        av.open(target, "w", format="mp4", options=options) as muxed,
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
