"""What is played is told as it is, and what is broken does not count as whole."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from cratedig_emulators.audio import FORMATS, make_audio
from cratedig_emulators.catalogue import DEFAULT
from cratedig_emulators.playing import Played, play

TRACK = next(iter(DEFAULT))
SECONDS = 4
RAISES = ("aac", "alac", "flac", "flac-mp4")
"""Those whose end is missed by the container or by the last frame."""


def audio(codec: str, sample_rate: int = 44100, bit_depth: int = 16) -> bytes:
    """A file of four seconds."""
    return make_audio(TRACK, codec=codec, seconds=SECONDS, sample_rate=sample_rate, bit_depth=bit_depth)


def share(data: bytes) -> float:
    """How much of four seconds plays; nothing where the decoder gives the file up."""
    try:
        return play(data).seconds / SECONDS
    except av.FFmpegError:
        return 0.0


@pytest.mark.parametrize(
    ("codec", "name", "rate", "depth"),
    [
        ("flac", "flac", 96000, 24),
        ("flac-mp4", "flac", 44100, 16),
        ("alac", "alac", 44100, 16),
        ("alac", "alac", 96000, 24),
        ("wav", "pcm_s24le", 44100, 24),
    ],
)
def test_lossless_file_is_told_to_the_sample(codec: str, name: str, rate: int, depth: int) -> None:
    """Codec, rate, depth and every sample."""
    expected = Played(codec=name, sample_rate=rate, samples=SECONDS * rate, bit_depth=depth)
    assert play(audio(codec, rate, depth)) == expected


@pytest.mark.parametrize(
    ("codec", "name", "rate"),
    [
        ("mp3", "mp3", 44100),
        ("aac", "aac", 44100),
        ("vorbis", "vorbis", 44100),
        ("opus", "opus", 48000),
        ("opus-webm", "opus", 48000),
    ],
)
def test_lossy_file_has_no_bit_depth(codec: str, name: str, rate: int) -> None:
    """The codec has one name, whichever of its decoders was at work."""
    played = play(audio(codec))
    assert (played.codec, played.sample_rate, played.bit_depth) == (name, rate, 0)
    assert played.seconds == pytest.approx(SECONDS, abs=0.1)


def test_file_on_disk_is_played_like_its_bytes(tmp_path: Path) -> None:
    """A path does as well, whatever the file is called."""
    path = tmp_path / "song"
    path.write_bytes(audio("flac"))
    assert play(path) == play(audio("flac"))


@pytest.mark.parametrize("codec", sorted(FORMATS))
def test_file_cut_short_is_not_whole(codec: str) -> None:
    """Half the bytes are an error, or half the sound: never all of it, whatever the header says."""
    data = audio(codec)
    half = data[: len(data) // 2]
    assert share(half) < 0.6
    assert (share(half) == 0.0) is (codec in RAISES)


@pytest.mark.parametrize("codec", sorted(set(FORMATS) - {"wav"}))
def test_hole_in_the_middle_is_not_whole(codec: str) -> None:
    """Zeros in the place of some frames are an error, or frames that are missing."""
    data = audio(codec)
    middle = len(data) // 2
    assert share(data[:middle] + bytes(4000) + data[middle + 4000 :]) < 0.97


@pytest.mark.parametrize("codec", ["flac", "flac-mp4", "opus", "vorbis"])
def test_changed_byte_is_not_whole_where_there_are_checksums(codec: str) -> None:
    """One bit of FLAC or Ogg is enough."""
    data = bytearray(audio(codec))
    data[len(data) // 2] ^= 0x01
    assert share(bytes(data)) < 0.98


@pytest.mark.parametrize("data", [b"", b"<html>busy</html>" * 99], ids=["empty", "page"])
def test_what_is_no_audio_raises(data: bytes) -> None:
    """Nothing and a page are errors."""
    with pytest.raises(av.FFmpegError):
        play(data)
