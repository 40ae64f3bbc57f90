"""Pain 3: a truncated file that every tagger opens."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import mutagen
import pytest

from cratedig._errors import CorruptDownload
from cratedig._transfer.verify import Promise, Verified, verify

MakeAudio = Callable[..., bytes]
CONTAINERS = ["flac", "mp3", "mp4", "alac", "oggflac", "opus", "webm", "wav", "aiff", "adts", "wv"]


@pytest.fixture
def check(staging: Path) -> Callable[..., Verified]:
    """Verify bytes that nothing was promised of."""

    def run(data: bytes, promise: Promise | None = None) -> Verified:
        path = staging / "song.bin"
        path.write_bytes(data)
        return verify(path, promise or Promise(), staging)

    return run


def _without_trailing_tag(container: str, data: bytes) -> bytes:
    """WavPack files end in a tag, whose loss costs no audio."""
    return data[: data.rfind(b"APETAGEX", 0, -32)] if container == "wv" and b"APETAGEX" in data else data


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("lost", [1, 2, 17, 1000])
def test_a_missing_end_is_seen(
    make_audio: MakeAudio, check: Callable[..., Verified], container: str, lost: int
) -> None:
    """One byte less is a corrupt file, although nobody said how long it had to be."""
    data = _without_trailing_tag(container, make_audio(container, 3.0))
    assert check(data).duration == pytest.approx(3, abs=0.2)
    with pytest.raises(CorruptDownload):
        check(data[:-lost])


@pytest.mark.parametrize("container", CONTAINERS)
def test_half_a_file_is_seen(make_audio: MakeAudio, check: Callable[..., Verified], container: str) -> None:
    """Half of a file is corrupt in every container."""
    data = make_audio(container, 3.0)
    with pytest.raises(CorruptDownload):
        check(data[: len(data) // 2])


def test_the_taggers_view_is_not_enough(make_audio: MakeAudio, check: Callable[..., Verified]) -> None:
    """What is refused here opens in a tagger without complaint."""
    cut = make_audio("flac", 3.0)[:-1]
    assert mutagen.File(BytesIO(cut)).info.length == pytest.approx(3)
    with pytest.raises(CorruptDownload, match="last frame"):
        check(cut)


def test_a_cut_between_frames_is_seen(make_audio: MakeAudio, check: Callable[..., Verified]) -> None:
    """A FLAC file that ends after a whole frame is held against its own header."""
    data = make_audio("flac", 20.0)
    last = data.rfind(b"\xff\xf8")
    with pytest.raises(CorruptDownload, match=r"0\.\d+ s of audio are missing"):
        check(data[:last])


@pytest.mark.parametrize("container", ["flac", "oggflac", "opus", "mp4", "webm", "mp3"])
def test_a_hole_in_the_middle_is_seen(
    make_audio: MakeAudio, check: Callable[..., Verified], container: str
) -> None:
    """Bytes that are missing from the middle break the chain of frames, pages or boxes."""
    data = make_audio(container, 20.0)
    middle = len(data) // 2
    hole = 40_000 if container != "mp3" else len(data) // 3
    with pytest.raises(CorruptDownload):
        check(data[: middle - hole // 2] + data[middle + hole // 2 :])


@pytest.mark.parametrize("container", ["oggflac", "opus"])
def test_a_lost_page_is_seen(make_audio: MakeAudio, check: Callable[..., Verified], container: str) -> None:
    """A whole Ogg page that is missing leaves a gap in the pages' numbers."""
    data = make_audio(container, 20.0)
    page = data.find(b"OggS", len(data) // 2)
    following = data.find(b"OggS", page + 4)
    with pytest.raises(CorruptDownload, match="pages are missing"):
        check(data[:page] + data[following:])


def test_zeros_in_place_of_the_end_are_seen(make_audio: MakeAudio, check: Callable[..., Verified]) -> None:
    """A file of full size whose end was never written has zeros there."""
    for container in ("flac", "oggflac", "opus"):
        data = make_audio(container, 20.0)
        with pytest.raises(CorruptDownload):
            check(data[: len(data) // 2].ljust(len(data), b"\0"))


def test_a_damaged_last_frame_is_seen(make_audio: MakeAudio, check: Callable[..., Verified]) -> None:
    """A single wrong bit in the last frame fails its checksum."""
    data = bytearray(make_audio("flac", 3.0))
    data[-20] ^= 1
    with pytest.raises(CorruptDownload, match="last frame"):
        check(bytes(data))


def test_an_odd_end_of_just_the_promised_size_is_forgiven(
    make_audio: MakeAudio, check: Callable[..., Verified]
) -> None:
    """Encoders leave half a frame at the end of many MP3 files; the promised size proves it was always so."""
    cut = make_audio("mp3", 3.0)[:-5]
    found = check(cut, Promise(size=len(cut), duration=3))
    assert found.warnings == ("the last frame lacks 5 bytes",)
