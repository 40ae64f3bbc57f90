"""Real, tagged, playable audio, made when it is asked for and the same every time.

PyAV does the encoding because its wheels carry the encoders: nothing has to be installed besides.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import av
from attrs import field, frozen

from cratedig_emulators.catalogue import Track
from cratedig_emulators.keeping import kept
from cratedig_emulators.tagging import with_tags
from cratedig_emulators.tones import DEEP, sample_width, sound


@frozen(kw_only=True)
class Format:
    """How one kind of file is made. ``sample_rate`` is set where a codec has just one."""

    container: str
    codec: str
    extension: str
    content_type: str
    sample_rate: int | None = None
    codec_options: Mapping[str, str] = field(factory=dict)
    container_options: Mapping[str, str] = field(factory=dict)


_FRAGMENTS = {"movflags": "frag_keyframe+empty_moov+default_base_moof", "strict": "-2"}

FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "flac": Format(container="flac", codec="flac", extension="flac", content_type="audio/flac"),
        "mp3": Format(
            container="mp3",
            codec="libmp3lame",
            extension="mp3",
            content_type="audio/mpeg",
            codec_options={"compression_level": "8"},
            container_options={"id3v2_version": "0"},
        ),
        "aac": Format(
            container="ipod",
            codec="aac",
            extension="m4a",
            content_type="audio/mp4",
            codec_options={"aac_coder": "fast"},
        ),
        "alac": Format(container="ipod", codec="alac", extension="m4a", content_type="audio/mp4"),
        "vorbis": Format(
            container="ogg",
            codec="vorbis",
            extension="ogg",
            content_type="audio/ogg",
            codec_options={"strict": "-2"},
        ),
        "opus": Format(
            container="ogg", codec="libopus", extension="opus", content_type="audio/ogg", sample_rate=48000
        ),
        "opus-webm": Format(
            container="webm", codec="libopus", extension="webm", content_type="audio/webm", sample_rate=48000
        ),
        "wav": Format(container="wav", codec="pcm_s16le", extension="wav", content_type="audio/wav"),
        "flac-mp4": Format(
            container="mp4",
            codec="flac",
            extension="mp4",
            content_type="audio/mp4",
            container_options=_FRAGMENTS,
        ),
    }
)
"""What ``codec=`` of :func:`make_audio` accepts."""


_SAMPLE_FORMATS = {("flac", DEEP): "s32", ("alac", DEEP): "s32p", ("alac", 16): "s16p"}
"""Where the encoder has to be told how deep; the others take what their name says."""


@lru_cache(maxsize=512)
def make_audio(
    track: Track,
    *,
    codec: str = "flac",
    seconds: float | None = None,
    sample_rate: int = 44100,
    bit_depth: int = 16,
    bitrate: int | None = None,
    tagged: bool = True,
) -> bytes:
    """Make a whole stereo file of ``track`` in one of :data:`FORMATS`.

    ``seconds`` defaults to the track's own, ``sample_rate`` is in Hz, ``bitrate`` in kbit/s; ``bit_depth``
    is 16, or 24 for FLAC, ALAC and WAV. Equal arguments give equal bytes, kept for the process's life, and in
    the folder that the variable ``CRATEDIG_EMULATORS_CACHE`` names for other processes, too.
    """
    made = FORMATS[codec]
    rate = made.sample_rate or sample_rate
    length = track.seconds if seconds is None else seconds

    def make() -> bytes:
        data = _encode(made, sound(track, rate, bit_depth, round(length * rate)), rate, bit_depth, bitrate)
        return with_tags(data, track) if tagged else data

    return kept(f"{codec} {(track, length, rate, bit_depth, bitrate, tagged)}", make)


def _encode(made: Format, sound: Iterator[bytes], rate: int, bit_depth: int, bitrate: int | None) -> bytes:
    target = io.BytesIO()
    options = {"fflags": "+bitexact", **made.container_options}
    with av.open(target, "w", format=made.container, options=options) as container:
        stream: Any = container.add_stream(
            _codec_for(made, bit_depth), rate=rate, layout="stereo", options=dict(made.codec_options)
        )
        if layout := _SAMPLE_FORMATS.get((made.codec, bit_depth)):
            stream.format = layout
        if bitrate is not None:
            stream.bit_rate = bitrate * 1000
        for frame in _frames(sound, rate, bit_depth):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return target.getvalue()


def _codec_for(made: Format, bit_depth: int) -> str:
    return "pcm_s24le" if made.codec == "pcm_s16le" and bit_depth == DEEP else made.codec


def _frames(sound: Iterator[bytes], rate: int, bit_depth: int) -> Iterator[av.AudioFrame]:
    width = 2 * sample_width(bit_depth)
    position = 0
    for second in sound:
        frame = av.AudioFrame(
            format="s32" if bit_depth == DEEP else "s16", layout="stereo", samples=len(second) // width
        )
        frame.sample_rate = rate
        frame.pts = position
        plane: Any = frame.planes[0]
        plane.update(second.ljust(plane.buffer_size, b"\0"))
        position += frame.samples
        yield frame
