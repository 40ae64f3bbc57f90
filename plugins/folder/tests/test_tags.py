"""Tags are read from every container, and guessed where there are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from cratedig_emulators.audio import FORMATS, make_audio
from cratedig_emulators.catalogue import DEFAULT
from cratedig_folder.tags import read_tags

TRACK = next(iter(DEFAULT))
CODECS = ("aac", "alac", "flac", "mp3", "opus", "vorbis", "wav")


@pytest.mark.parametrize("codec", CODECS)
def test_every_container(codec: str, tmp_path: Path) -> None:
    """Title, artist, album, number, year, ISRC, length and codec come out of each kind of file."""
    path = tmp_path / f"x.{FORMATS[codec].extension}"
    path.write_bytes(make_audio(TRACK, codec=codec, seconds=2))
    tags = read_tags(path)
    assert (tags.title, tags.artist, tags.album) == (TRACK.title, TRACK.artist, TRACK.album)
    assert (tags.track, tags.year, tags.isrc) == (TRACK.number, TRACK.year, TRACK.isrc)
    assert tags.duration == pytest.approx(2, abs=0.1)
    assert tags.quality is not None
    assert (tags.quality.codec, tags.quality.is_lossless) == (codec, codec in {"flac", "alac", "wav"})


def test_depth_belongs_to_lossless_files(tmp_path: Path) -> None:
    """24 bits are read from FLAC; AAC has no depth, whatever its header says."""
    deep, lossy = tmp_path / "x.flac", tmp_path / "x.m4a"
    deep.write_bytes(make_audio(TRACK, seconds=1, bit_depth=24, sample_rate=96000))
    lossy.write_bytes(make_audio(TRACK, codec="aac", seconds=1))
    assert str(read_tags(deep).quality) == "FLAC 24/96"
    quality = read_tags(lossy).quality
    assert quality is not None
    assert quality.bit_depth is None


@pytest.mark.parametrize(
    ("name", "artist", "title"),
    [
        ("01 - The Artist - The Title.mp3", "The Artist", "The Title"),
        ("The Artist - The Title - Live.mp3", "The Artist", "The Title - Live"),
        ("Only a title.mp3", "", "Only a title"),
        (" - .mp3", "", "-"),
        ("07.mp3", "", "07"),
    ],
)
def test_untagged_files_are_named_by_their_file_names(
    name: str, artist: str, title: str, tmp_path: Path
) -> None:
    """Artist and title are taken out of the name, and the folder is the album."""
    folder = tmp_path / "Some Album"
    folder.mkdir()
    (folder / name).write_bytes(make_audio(TRACK, codec="mp3", seconds=1, tagged=False))
    tags = read_tags(folder / name)
    assert (tags.artist, tags.title) == (artist, title)


@pytest.mark.parametrize("data", [b"", b"ID3\x04\0\0\x7f\x7f\x7f\x7f", b"fLaC", b"RIFF\xff\xff\xff\xffWAVE"])
@pytest.mark.parametrize("extension", ["mp3", "flac", "m4a", "ogg", "wav", "webm"])
def test_broken_files_are_named_by_their_file_names(data: bytes, extension: str, tmp_path: Path) -> None:
    """A file that cannot be parsed still has a title."""
    path = tmp_path / f"Broken.{extension}"
    path.write_bytes(data)
    assert read_tags(path).title == "Broken"
