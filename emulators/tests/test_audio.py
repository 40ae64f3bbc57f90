"""The audio that the emulators serve is real."""

from __future__ import annotations

import io

import mutagen
import pytest

from cratedig_emulators.audio import FORMATS, make_audio
from cratedig_emulators.catalogue import DEFAULT, Track
from cratedig_emulators.playing import play

TRACK = next(iter(DEFAULT))
TAGGED = sorted(set(FORMATS) - {"opus-webm", "flac-mp4"})


@pytest.mark.parametrize("codec", sorted(FORMATS))
def test_every_format_decodes_to_its_length(codec: str) -> None:
    """A file of each format decodes, and plays for as long as was asked."""
    assert play(make_audio(TRACK, codec=codec, seconds=3)).seconds == pytest.approx(3, abs=0.1)


@pytest.mark.parametrize("codec", TAGGED)
def test_tags_name_the_recording(codec: str) -> None:
    """Title, artist, album, number, year and ISRC are in the file's own kind of tags."""
    tags = mutagen.File(io.BytesIO(make_audio(TRACK, codec=codec, seconds=1))).tags
    text = tags.pprint()
    for expected in (TRACK.title, TRACK.artist, TRACK.album, str(TRACK.year), TRACK.isrc):
        assert expected in text


@pytest.mark.parametrize("depth", [16, 24])
@pytest.mark.parametrize("codec", ["flac", "alac", "wav"])
def test_lossless_depth_is_what_was_asked(codec: str, depth: int) -> None:
    """Sixteen and twenty-four bits are told apart by the file itself."""
    data = make_audio(TRACK, codec=codec, seconds=1, bit_depth=depth, sample_rate=96000)
    info = mutagen.File(io.BytesIO(data)).info
    assert (info.bits_per_sample, info.sample_rate) == (depth, 96000)


def test_bitrate_is_what_was_asked() -> None:
    """A lossy file has the bitrate that was asked for."""
    info = mutagen.File(io.BytesIO(make_audio(TRACK, codec="mp3", seconds=3, bitrate=320))).info
    assert info.bitrate == pytest.approx(320_000, rel=0.02)


def test_files_are_the_same_every_time_and_differ_between_tracks() -> None:
    """Equal arguments give equal bytes, even when nothing is cached; other tracks sound different."""
    first = make_audio(TRACK, seconds=1)
    make_audio.cache_clear()
    assert make_audio(TRACK, seconds=1) == first
    assert make_audio(Track(artist="A", title="B"), seconds=1) != first


def test_catalogue_plants_and_replaces() -> None:
    """A planted track is found by its words, and takes the place of its namesake."""
    planted = Track(artist=TRACK.artist, title=TRACK.title, album="Elsewhere", seconds=99)
    catalogue = DEFAULT.plus(planted)
    assert catalogue.search(f"{TRACK.artist} {TRACK.title} elsewhere") == [planted]
    assert sum((t.artist, t.title) == (TRACK.artist, TRACK.title) for t in catalogue) == 1
