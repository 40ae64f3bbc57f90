"""The audio of each tier, whole and in the segments of a fragmented MP4 file."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import av

from cratedig_emulators.audio import make_audio
from cratedig_emulators.catalogue import Track
from cratedig_emulators.hifi.recipes import HIGH, HIRES, LOSSLESS, LOW

SEGMENT_SECONDS = 4.0
_ENCODINGS: dict[str, dict[str, Any]] = {
    HIRES: {"codec": "flac", "sample_rate": 96000, "bit_depth": 24},
    LOSSLESS: {"codec": "flac"},
    HIGH: {"codec": "aac", "bitrate": 320},
    LOW: {"codec": "aac", "bitrate": 96},
}
_OPTIONS = {
    "movflags": "empty_moov+default_base_moof",
    "frag_duration": str(int(SEGMENT_SECONDS * 1_000_000)),
    "strict": "-2",
    "fflags": "+bitexact",
}


def numbers(tier: str) -> tuple[int, int]:
    """Return bits and Hz of a tier."""
    made = _ENCODINGS[tier]
    return made.get("bit_depth", 16), made.get("sample_rate", 44100)


def whole(track: Track, tier: str) -> bytes:
    """Return one file: native FLAC, or AAC in M4A."""
    return make_audio(track, tagged=False, **_ENCODINGS[tier])


@lru_cache(maxsize=64)
def segments(track: Track, tier: str) -> tuple[bytes, ...]:
    """Return the initialisation segment and then the audio, about four seconds each."""
    parts: list[bytes] = [b""]
    for kind, box in _boxes(_fragmented(whole(track, tier))):
        if kind in {b"ftyp", b"moov"}:
            parts[0] += box
        elif kind == b"moof":
            parts.append(box)
        elif kind == b"mdat":
            parts[-1] += box
    return tuple(parts)


def claiming(flac: bytes, seconds: float) -> bytes:
    """Return the same FLAC file under a header that claims another length."""
    rate = int.from_bytes(flac[18:21]) >> 4
    samples = round(seconds * rate)
    return (
        flac[:21]
        + ((flac[21] & 0xF0 | samples >> 32).to_bytes() + (samples & 0xFFFFFFFF).to_bytes(4))
        + flac[26:]
    )


def _fragmented(data: bytes) -> bytes:
    target = io.BytesIO()
    with (
        av.open(io.BytesIO(data), "r") as source,
        av.open(target, "w", format="mp4", options=_OPTIONS) as container,
    ):
        stream: Any = container.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(source.streams.audio[0]):
            if packet.dts is not None:
                packet.stream = stream
                container.mux(packet)
    return target.getvalue()


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    offset = 0
    while offset < len(data):
        size = int.from_bytes(data[offset : offset + 4])
        yield data[offset + 4 : offset + 8], data[offset : offset + size]
        offset += size
