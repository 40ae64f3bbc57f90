"""Whether a file is real audio, found out by decoding it from its first sample to its last."""

from __future__ import annotations

import io
from pathlib import Path

import av
from attrs import frozen

_BITS = {"s16": 16, "s16p": 16, "s32": 24, "s32p": 24}

_STRICT = {"err_detect": "crccheck+explode"}
"""The decoder compares checksums only when it is told to: without, FLAC plays with a changed byte."""


@frozen(kw_only=True)
class Played:
    """What came out of a file.

    ``codec`` is FFmpeg's name of the coding, whichever decoder did it: flac, mp3, aac, alac, vorbis, opus,
    pcm_s16le. ``sample_rate`` is in Hz, ``samples`` is counted in one channel. ``bit_depth`` is 16, or 24
    for whatever was decoded to more than that, and 0 for a lossy codec, which has none.
    """

    codec: str
    sample_rate: int
    samples: int
    bit_depth: int

    @property
    def seconds(self) -> float:
        """How long it played."""
        return self.samples / self.sample_rate


def play(file: Path | bytes) -> Played:
    """Decode all of a file with one audio stream, and say what it was and how much of it there was.

    A file is whole when it played for as long as it should: compare ``seconds`` or ``samples`` with what you
    know of the recording, never with the file's own header. Damage shows in one of two ways. What cannot be
    read or decoded raises ``av.FFmpegError``: M4A without its index, FLAC or MP4 that ends within a frame,
    MP3 with rubbish in its middle. What can be skipped is skipped, and the samples are fewer: MP3, Ogg, WebM
    or WAV that was cut short, a broken frame of FLAC, a broken page of Ogg. A changed byte is found where
    there are checksums, in FLAC and Ogg; elsewhere it may play as a click, and in WAV anything does.
    """
    with av.open(file if isinstance(file, Path) else io.BytesIO(file), "r") as container:
        (stream,) = container.streams.audio
        context = stream.codec_context
        context.options = _STRICT
        samples = sum(frame.samples for frame in container.decode(stream))
        return Played(
            codec=context.codec.canonical_name,
            sample_rate=context.sample_rate,
            samples=samples,
            bit_depth=_BITS.get(context.format.name, 0),
        )
