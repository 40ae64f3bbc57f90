"""Real audio, made when it is needed, and a server that behaves as badly as real ones."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from fractions import Fraction
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import av
import pytest
from av.audio.frame import AudioFrame

MakeAudio = Callable[..., bytes]

_CODECS = {
    "flac": ("flac", "s16"),
    "mp3": ("libmp3lame", "s16p"),
    "mp4": ("aac", "fltp"),
    "ogg": ("libvorbis", "fltp"),
    "opus": ("libopus", "flt"),
    "webm": ("libopus", "flt"),
    "wav": ("pcm_s16le", "s16"),
    "aiff": ("pcm_s16be", "s16"),
    "adts": ("aac", "fltp"),
    "wv": ("wavpack", "s16p"),
}


@lru_cache(maxsize=64)
def _encode(container: str, seconds: float, rate: int, options: tuple[tuple[str, str], ...]) -> bytes:
    codec, sample_format = _CODECS[container]
    target = BytesIO()
    with av.open(target, "w", format=container, options=dict(options)) as output:
        stream = output.add_stream(codec, rate=rate, layout="mono")
        resampler = av.AudioResampler(format=sample_format, layout="mono", rate=rate)
        for frame in _tone(seconds, rate):
            for converted in resampler.resample(frame):
                output.mux(stream.encode(converted))
        for converted in resampler.resample(None):
            output.mux(stream.encode(converted))
        output.mux(stream.encode(None))
    return target.getvalue()


def _tone(seconds: float, rate: int) -> Iterator[AudioFrame]:
    total, done = int(seconds * rate), 0
    while done < total:
        count = min(1152, total - done)
        # A rising tone with some grit: silence would compress to nothing and hide what is cut off.
        values = array("h", (_sample(done + i, rate) for i in range(count)))
        frame = AudioFrame(format="s16", layout="mono", samples=count)
        frame.planes[0].update(values.tobytes().ljust(frame.planes[0].buffer_size, b"\0"))
        frame.sample_rate, frame.pts, frame.time_base = rate, done, Fraction(1, rate)
        done += count
        yield frame


def _sample(index: int, rate: int) -> int:
    time = index / rate
    return int(9000 * math.sin(6.283 * (220 + 3 * time) * time)) + (index * 7919 % 601)


@pytest.fixture(scope="session")
def make_audio() -> MakeAudio:
    """Encode a tone: ``make_audio("flac", 3.0, rate=8000)`` returns the file's bytes."""

    def make(container: str, seconds: float = 2.0, *, rate: int = 16000, **options: str) -> bytes:
        if container in {"opus", "webm"}:
            rate = 48000
        return _encode(container, seconds, rate, tuple(sorted(options.items())))

    return make


@pytest.fixture
def staging(tmp_path: Path) -> Path:
    """A folder that stands for a download's private one."""
    folder = tmp_path / ".cratedig-test"
    folder.mkdir()
    return folder


@pytest.fixture
def pool() -> Iterator[Executor]:
    """Threads for transfers; leaving it proves that none is stuck."""
    with ThreadPoolExecutor(max_workers=4) as executor:
        yield executor
