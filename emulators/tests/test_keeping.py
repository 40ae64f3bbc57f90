"""What takes long to make is made once for all processes that share a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from cratedig_emulators import keeping
from cratedig_emulators.audio import make_audio
from cratedig_emulators.catalogue import Track
from cratedig_emulators.keeping import VARIABLE, kept

TRACK = Track(artist="Someone", title="Something", seconds=0.5)


def test_it_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks for the same later reads it; another question, or other code, makes something new."""
    made: list[bytes] = []

    def make() -> bytes:
        made.append(b"%d" % len(made))
        return made[-1]

    monkeypatch.setenv(VARIABLE, str(tmp_path))
    assert [kept("a", make), kept("a", make), kept("b", make)] == [b"0", b"0", b"1"]
    monkeypatch.setattr(keeping, "_code", lambda: "changed")
    assert kept("a", make) == b"2"
    assert len(list(tmp_path.iterdir())) == 3
    monkeypatch.delenv(VARIABLE)
    assert kept("a", make) == b"3"


def test_audio_is_the_same_kept_or_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Byte for byte, and every argument counts."""
    monkeypatch.delenv(VARIABLE, raising=False)
    plain = make_audio.__wrapped__(TRACK, codec="flac")
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    assert make_audio.__wrapped__(TRACK, codec="flac") == plain
    assert make_audio.__wrapped__(TRACK, codec="flac") == plain
    assert make_audio.__wrapped__(TRACK, codec="flac", tagged=False) != plain
    assert make_audio.__wrapped__(TRACK, codec="flac", seconds=0.25) != plain
    assert len(list(tmp_path.iterdir())) == 3
