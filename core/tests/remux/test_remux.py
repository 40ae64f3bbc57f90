"""FLAC comes out of MP4 as it went in, sample for sample."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import av
import mutagen.flac
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cratedig import CorruptDownload
from cratedig.remux import flac_from_mp4
from cratedig_emulators.audio import make_audio
from cratedig_emulators.catalogue import Track
from cratedig_emulators.playing import play

TRACK = Track(artist="Mira Oldenburg", title="Moth Season", seconds=3)


def wrapped(flac: bytes, **options: str) -> bytes:
    """The frames of a FLAC file in MP4, by another program's muxer."""
    target = io.BytesIO()
    with (
        av.open(io.BytesIO(flac), "r") as source,
        av.open(target, "w", format="mp4", options={"strict": "-2", **options}) as mp4,
    ):
        stream = mp4.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(audio=0):
            if packet.dts is not None:
                packet.stream = stream
                mp4.mux(packet)
    return target.getvalue()


FRAGMENTED = {"movflags": "empty_moov+default_base_moof", "frag_duration": "700000"}
SHAPES = {
    "fragments": FRAGMENTED,
    "fragments with absolute offsets": {"movflags": "empty_moov", "frag_duration": "700000"},
    "dash": {"movflags": "dash+empty_moov+default_base_moof", "frag_duration": "700000"},
    "table": {},
    "table in front": {"moov_size": "20000"},
}


def samples(data: bytes) -> list[bytes]:
    with av.open(io.BytesIO(data), "r") as container:
        frames = list(container.decode(audio=0))
    width = {"s16": 4, "s32": 8}
    return [bytes(frame.planes[0])[: frame.samples * width[frame.format.name]] for frame in frames]


def info_of(file: Path | io.BytesIO) -> Any:
    load: Any = mutagen.flac.FLAC
    return load(file).info


def remuxed(folder: Path, data: bytes) -> Path:
    path = folder / "song.mp4"
    path.write_bytes(data)
    return flac_from_mp4(path)


@pytest.mark.parametrize("depth", [16, 24])
@pytest.mark.parametrize("shape", SHAPES)
def test_every_sample_survives(tmp_path: Path, shape: str, depth: int) -> None:
    """However the MP4 was written, the FLAC file plays the same samples and keeps depth, rate and MD5."""
    flac = make_audio(TRACK, bit_depth=depth, sample_rate=48000, tagged=False)
    path = remuxed(tmp_path, wrapped(flac, **SHAPES[shape]))
    assert path == tmp_path / "song.flac"
    assert b"".join(samples(path.read_bytes())) == b"".join(samples(flac))
    ours, theirs = info_of(path), info_of(io.BytesIO(flac))
    assert ours.bits_per_sample == depth
    assert (ours.sample_rate, ours.md5_signature) == (theirs.sample_rate, theirs.md5_signature)


def test_only_the_flac_file_is_left(tmp_path: Path) -> None:
    """The MP4 file goes when its audio is out of it."""
    remuxed(tmp_path, make_audio(TRACK, codec="flac-mp4", tagged=False))
    assert [path.name for path in tmp_path.iterdir()] == ["song.flac"]


def test_the_last_block_of_metadata_is_marked(tmp_path: Path) -> None:
    """A description whose last block does not say that it is the last becomes a file for any player."""
    data = bytearray(wrapped(make_audio(TRACK, tagged=False), **FRAGMENTED))
    block = data.index(b"dfLa") + 8
    assert data[block] & 0x80
    data[block] &= 0x7F
    path = remuxed(tmp_path, bytes(data))
    assert info_of(path).length == pytest.approx(3, abs=0.01)


def test_missing_fragment_stays_missing(tmp_path: Path) -> None:
    """A hole is neither filled nor hidden: the file is short of its header, for the verification to see."""
    whole = wrapped(make_audio(TRACK, tagged=False), **FRAGMENTED)
    second = whole.index(b"moof", whole.index(b"moof") + 4) - 4
    third = whole.index(b"moof", second + 8) - 4
    path = remuxed(tmp_path, whole[:second] + whole[third:])
    assert play(path).seconds < info_of(path).length - 0.5


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no header"),
        (b"<html>not here</html>", "missing"),
        (make_audio(TRACK, codec="aac"), "no FLAC"),
        (make_audio(TRACK, codec="flac-mp4", tagged=False)[:5000], "missing"),
        (wrapped(make_audio(TRACK, tagged=False), **FRAGMENTED).replace(b"fLaC", b"enca"), "encrypted"),
    ],
    ids=["empty", "page", "aac", "cut off", "encrypted"],
)
def test_what_holds_no_flac_is_refused(tmp_path: Path, data: bytes, reason: str) -> None:
    """The error says what is wrong, and no half a file is left."""
    with pytest.raises(CorruptDownload, match=reason):
        remuxed(tmp_path, data)
    assert not (tmp_path / "song.flac").exists()


def test_file_of_the_same_name_is_not_overwritten(tmp_path: Path) -> None:
    """An MP4 file that is called .flac is the caller's mistake, and is left alone."""
    path = tmp_path / "song.flac"
    path.write_bytes(b"x")
    with pytest.raises(ValueError, match="name"):
        flac_from_mp4(path)
    assert path.read_bytes() == b"x"


SEEDS = [wrapped(make_audio(TRACK, seconds=0.5, tagged=False), **options) for options in (FRAGMENTED, {})]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_is_never_anything_else(tmp_path: Path, data: Any) -> None:
    """Any bytes of the header may be wrong: a file or CorruptDownload comes out, quickly."""
    seed = bytearray(data.draw(st.sampled_from(SEEDS)))
    header = data.draw(st.sampled_from([seed.index(b"moov"), max(seed.find(b"moof"), 0)]))
    for _ in range(data.draw(st.integers(1, 4))):
        at = header + data.draw(st.integers(0, 700))
        if at < len(seed):
            seed[at] = data.draw(st.integers(0, 255))
    try:
        assert remuxed(tmp_path, bytes(seed)).stat().st_size > 0
    except CorruptDownload:
        assert not (tmp_path / "song.flac").exists()
