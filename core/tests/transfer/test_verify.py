"""What is audio, which, and what is said of it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cratedig._errors import CorruptDownload, SourceError
from cratedig._model import Kind, Quality
from cratedig._transfer.verify import Promise, Tolerance, verify

MakeAudio = Callable[..., bytes]
FRAGMENTED = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}


def _put(staging: Path, data: bytes) -> Path:
    path = staging / "came.bin"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("container", "extension", "codec", "lossless"),
    [
        ("flac", "flac", "flac", True),
        ("mp3", "mp3", "mp3", False),
        ("mp4", "m4a", "aac", False),
        ("alac", "m4a", "alac", True),
        ("vorbis", "ogg", "vorbis", False),
        ("oggflac", "oga", "flac", True),
        ("opus", "opus", "opus", False),
        ("webm", "webm", "opus", False),
        ("wav", "wav", "wav", True),
        ("aiff", "aiff", "aiff", True),
        ("adts", "aac", "aac", False),
        ("wv", "wv", "wavpack", True),
    ],
)
def test_every_container(
    make_audio: MakeAudio, staging: Path, container: str, extension: str, codec: str, lossless: bool
) -> None:
    """Extension, codec, duration and rate are read from the file, whatever it is called."""
    data = make_audio(container, 3.0)
    found = verify(_put(staging, data), Promise(size=len(data), duration=3), staging)
    assert (found.extension, found.quality.codec, found.quality.lossless) == (extension, codec, lossless)
    assert found.duration == pytest.approx(3, abs=0.2)
    assert found.size == len(data)
    assert found.quality.bitrate
    assert found.quality.sample_rate in {16000, 44100, 48000}
    assert found.warnings == ()


def test_quality_numbers(make_audio: MakeAudio, staging: Path) -> None:
    """Depth, rate and bitrate are the file's own."""
    flac = verify(_put(staging, make_audio("flac", 1.0, rate=44100)), Promise(), staging).quality
    assert (flac.sample_rate, flac.bit_depth) == (44100, 16)
    mp3 = verify(_put(staging, make_audio("mp3", 2.0, rate=44100, b="192k")), Promise(), staging).quality
    assert mp3.bitrate in range(60, 200)


def test_fragmented_mp4(make_audio: MakeAudio, staging: Path) -> None:
    """A DASH file has no duration in its header; its fragments have."""
    found = verify(_put(staging, make_audio("mp4", 3.0, **FRAGMENTED)), Promise(duration=3), staging)
    assert found.duration == pytest.approx(3, abs=0.2)


def test_tags_do_not_disturb(make_audio: MakeAudio, staging: Path) -> None:
    """ID3 before and behind the audio, as MP3 and stray FLAC files have it, is not audio."""
    v2, v1 = b"ID3\x04\0\0\0\0\x02\0" + bytes(256), b"TAG" + bytes(125)
    for container in ("mp3", "flac"):
        data = make_audio(container, 2.0)
        found = verify(_put(staging, v2 + data + v1), Promise(duration=2), staging)
        assert (found.quality.codec, found.warnings) == (container, ())


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html><body>Log in</body></html>", "a web page"),
        (b"\n  <html lang=en>", "a web page"),
        (b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "an XML document"),
        (b'{"error": "expired"}', "a JSON document"),
        (b"#EXTM3U\n#EXT-X-VERSION:3", "a playlist"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
        (b"PK\x03\x04rest", "a zip archive"),
        (bytes(5000), "zeros"),
        (b"just text", "no audio format"),
        (b"ID3\x04\0\0\0\0\0\x10" + b"<html>", "no"),
    ],
)
def test_what_is_no_audio_is_named(staging: Path, data: bytes, what: str) -> None:
    """An error page is called one."""
    with pytest.raises(CorruptDownload, match=what):
        verify(_put(staging, data), Promise(), staging)


def test_promised_size(make_audio: MakeAudio, staging: Path) -> None:
    """Another size is said with both numbers; an album's size is no file's."""
    data = make_audio("flac")
    with pytest.raises(CorruptDownload, match=f"{len(data)} bytes, promised were 5"):
        verify(_put(staging, data), Promise(size=5), staging)
    album = Promise(size=5, duration=3000, kind=Kind.ALBUM)
    assert verify(_put(staging, data), album, staging).size == len(data)


def test_outside_staging(make_audio: MakeAudio, staging: Path) -> None:
    """A file elsewhere is not taken, however good it is."""
    elsewhere = staging.parent / "song.flac"
    elsewhere.write_bytes(make_audio("flac"))
    with pytest.raises(CorruptDownload, match="outside"):
        verify(elsewhere, Promise(), staging)


def test_another_codec_than_promised_is_told(make_audio: MakeAudio, staging: Path) -> None:
    """Whether a lower quality is welcome is policy; that it came is said."""
    promised = Promise(quality=Quality(codec="flac"))
    found = verify(_put(staging, make_audio("mp3")), promised, staging)
    assert "promised was FLAC" in found.warnings[0]


@pytest.mark.parametrize(("promised", "fine"), [(57, True), (63, True), (52, False), (70, False)])
def test_duration_within_tolerance(make_audio: MakeAudio, staging: Path, promised: float, fine: bool) -> None:
    """Five seconds or three per cent are allowed; beyond, both figures are said."""
    path = _put(staging, make_audio("flac", 60.0, rate=8000))
    if fine:
        assert verify(path, Promise(duration=promised), staging).duration == pytest.approx(60)
        return
    with pytest.raises(CorruptDownload, match=rf"60\.0 s, promised were {promised}\.0 s"):
        verify(path, Promise(duration=promised), staging)
    found = verify(path, Promise(duration=promised), staging, tolerance=Tolerance(seconds=30))
    assert found.duration == pytest.approx(60)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    container=st.sampled_from(
        ["flac", "mp3", "mp4", "fragmented", "opus", "webm", "wav", "aiff", "adts", "wv"]
    ),
    at=st.floats(0, 1, exclude_max=True),
    damage=st.binary(min_size=1, max_size=24),
)
def test_damage_is_a_source_error_or_nothing(
    make_audio: MakeAudio, staging: Path, container: str, at: float, damage: bytes
) -> None:
    """Whatever bytes are in the file, verification answers, and never with an error of its own."""
    options: dict[str, Any] = FRAGMENTED if container == "fragmented" else {}
    data = bytearray(make_audio("mp4" if options else container, 1.0, **options))
    # Headers are where the structure is, so half of the damage goes there.
    start = int(at * min(len(data), 800)) if len(damage) % 2 else int(at * len(data))
    data[start : start + len(damage)] = damage
    with contextlib.suppress(SourceError):
        verify(_put(staging, bytes(data)), Promise(duration=1), staging)
