"""A collection of real files."""

from __future__ import annotations

from pathlib import Path

import pytest

from cratedig_emulators.audio import FORMATS, make_audio
from cratedig_emulators.catalogue import DEFAULT

CODECS = ("flac", "mp3", "aac", "alac", "vorbis", "opus", "wav")


@pytest.fixture
def music(tmp_path: Path) -> Path:
    """The first tracks of the catalogue, each in another format, in ``Artist/Album``."""
    root = tmp_path / "music"
    for track, codec in zip(DEFAULT, CODECS, strict=False):
        folder = root / track.artist / track.album
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{track.number:02} {track.title}.{FORMATS[codec].extension}"
        (folder / name).write_bytes(make_audio(track, codec=codec, seconds=2))
    return root
