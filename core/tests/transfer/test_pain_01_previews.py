"""Pain 1: a preview of 30 seconds saved as the song, under a header of full length."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cratedig._errors import NotEntitled
from cratedig._transfer.verify import Promise, Verified, verify

MakeAudio = Callable[..., bytes]
RATE = 8000


@pytest.fixture
def check(staging: Path) -> Callable[..., Verified]:
    """Verify bytes against a promised duration."""

    def run(data: bytes, duration: float | None = None) -> Verified:
        path = staging / "song"
        path.write_bytes(data)
        return verify(path, Promise(duration=duration), staging)

    return run


def fake_streaminfo(data: bytes, seconds: float) -> bytes:
    """Set the 36 bits of STREAMINFO that count the samples."""
    field = int.from_bytes(data[18:26]) >> 36 << 36 | int(seconds * RATE)
    return data[:18] + field.to_bytes(8) + data[26:]


@pytest.mark.parametrize("container", ["flac", "mp3", "mp4", "opus", "webm", "wav"])
def test_a_short_clip_is_a_preview(
    make_audio: MakeAudio, check: Callable[..., Verified], container: str
) -> None:
    """30 seconds where 245 were promised is a preview, in any container, and both figures are said."""
    with pytest.raises(NotEntitled, match="preview: 30 s of 245 s"):
        check(make_audio(container, 30.0, rate=RATE), 245)


def test_a_faked_header_does_not_help(make_audio: MakeAudio, check: Callable[..., Verified]) -> None:
    """STREAMINFO says 245 seconds and the promise agrees; the frames say 30."""
    faked = fake_streaminfo(make_audio("flac", 30.0, rate=RATE), 245)
    with pytest.raises(NotEntitled, match="preview: 30 s of 245 s"):
        check(faked, 245)


def test_a_faked_header_is_seen_without_a_promise(
    make_audio: MakeAudio, check: Callable[..., Verified]
) -> None:
    """Where nothing was promised, the file's own header is what it is held against."""
    faked = fake_streaminfo(make_audio("flac", 30.0, rate=RATE), 245)
    with pytest.raises(NotEntitled, match="preview: 30 s of 245 s"):
        check(faked)


def test_a_faked_xing_header_does_not_help(make_audio: MakeAudio, check: Callable[..., Verified]) -> None:
    """An MP3 whose Xing header counts the frames of the whole song is counted frame by frame."""
    data = bytearray(make_audio("mp3", 30.0, rate=RATE))
    at = max(data.find(b"Xing"), data.find(b"Info"))
    assert at > 0
    frames = int.from_bytes(data[at + 8 : at + 12])
    data[at + 8 : at + 12] = (frames * 245 // 30).to_bytes(4)
    with pytest.raises(NotEntitled, match="preview: 30 s of 24"):
        check(bytes(data))


def test_a_minute_of_four_is_a_preview(make_audio: MakeAudio, check: Callable[..., Verified]) -> None:
    """Some services cut at other lengths; less than 60 % of a song is none."""
    with pytest.raises(NotEntitled, match="preview: 60 s of 245 s"):
        check(make_audio("flac", 60.0, rate=RATE), 245)


def test_short_pieces_are_songs(make_audio: MakeAudio, check: Callable[..., Verified]) -> None:
    """An interlude of 30 seconds that was promised as such is welcome, and so is one nobody described."""
    clip = make_audio("flac", 30.0, rate=RATE)
    assert check(clip, 31).duration == pytest.approx(30)
    assert check(clip).duration == pytest.approx(30)
