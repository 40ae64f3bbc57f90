"""Pain 19: names too long or too strange, on any platform, and two files under one name."""

from __future__ import annotations

import errno
import os
import shutil
import sys
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PureWindowsPath
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cratedig._transfer import publish as publishing
from cratedig._transfer.names import safe_name
from cratedig._transfer.publish import publish

HOSTILE = st.one_of(
    st.text(max_size=400),
    st.text(st.characters(), max_size=400),
    st.text("é日🎵\u0301\u202e\u200d/\\:.. \0\n~-", max_size=400),
    st.sampled_from(
        ["CON", "nul", "com1.mix", "LPT9", "...", "..", "/etc/passwd", "-rf", ".hidden", "a" * 999]
    ),
    st.text(max_size=20).map(lambda text: f"../../{text}"),
    st.text(max_size=20).map(lambda text: f"{text}\ud800. "),
)
LIMITS = st.sampled_from([255, 143, 60])
RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}


@settings(max_examples=400)
@given(stem=HOSTILE, extension=st.sampled_from(["flac", ".mp3", "m4a", ""]), limit=LIMITS)
def test_any_title_becomes_a_name(stem: str, extension: str, limit: int) -> None:
    """Whatever a service calls its file, the name fits, is one component, and keeps its extension."""
    name = safe_name(stem, extension, limit_bytes=limit)
    assert 0 < len(name.encode()) <= limit
    assert not set(name) & set('/\\:*?"<>|')
    assert name == unicodedata.normalize("NFC", name)
    assert all(unicodedata.category(char) not in {"Cc", "Cs"} for char in name)
    assert not set(name) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069")
    assert name[0] not in ".- ~"
    assert name[-1] not in ". "
    assert name.partition(".")[0].strip().lower() not in RESERVED
    assert PureWindowsPath(name).name == Path(name).name == name
    if extension:
        assert name.endswith("." + extension.strip("."))
        assert len(name) > len("." + extension.strip("."))


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stem=HOSTILE)
def test_any_title_is_published_inside_the_folder(stem: str) -> None:
    """Two files of one title are two files, both in the folder and nowhere else."""
    with TemporaryDirectory() as folder:
        dest = Path(folder, "dest")
        published = [publish(_file(Path(folder), text), dest, stem, "flac") for text in (b"1", b"2")]
        assert {path.parent for path in published} == {dest}
        assert [path.read_bytes() for path in published] == [b"1", b"2"]
        assert sorted(dest.iterdir()) == sorted(published)
        assert sorted(Path(folder).iterdir()) == [dest]


def _file(folder: Path, content: bytes) -> Path:
    path = folder / "source"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ("Back in Black", "Back in Black.flac"),
        ("AC/DC: Live?", "AC-DC - Live.flac"),
        ("  ...And Justice for All  ", "And Justice for All.flac"),
        ("Cafe\u0301", "Café.flac"),
        ("What\u202egnp", "Whatgnp.flac"),
        ("con", "con_.flac"),
        ("COM1.live", "COM1_.live.flac"),
        ("", "untitled.flac"),
        ("???", "untitled.flac"),
        ("R.E.M.", "R.E.M.flac"),
        ("a\tb\nc", "a b c.flac"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧.flac"),
    ],
)
def test_names_stay_readable(stem: str, name: str) -> None:
    """A name keeps what can be kept."""
    assert safe_name(stem, "flac") == name


def test_cuts_between_characters() -> None:
    """Bytes are counted, and neither a character nor its accent is split."""
    assert safe_name("日" * 100, "flac", limit_bytes=143) == "日" * 46 + ".flac"
    assert safe_name("a" * 9 + "x\u0332", "", limit_bytes=10) == "a" * 9


def test_collisions_are_numbered(tmp_path: Path) -> None:
    """The next one is called (2), also when only the letter case differs, and keeps its extension."""
    dest = tmp_path / "dest"
    names = [publish(_file(tmp_path, b"x"), dest, stem, "flac").name for stem in ("Song", "SONG", "song")]
    assert names == ["Song.flac", "SONG (2).flac", "song (3).flac"]
    long = [publish(_file(tmp_path, b"x"), dest, "日" * 200, "flac").name for _ in range(2)]
    assert long[1].endswith(" (2).flac")
    assert all(len(name.encode()) <= 255 for name in long)


@pytest.mark.parametrize("links", [True, False])
def test_many_threads_never_overwrite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool) -> None:
    """Of forty files published at once under one title all forty are there, with and without hard links."""
    if not links:
        monkeypatch.setattr(os, "link", _no_links)
    dest = tmp_path / "dest"
    sources = [tmp_path / str(n) for n in range(40)]
    for source in sources:
        source.write_text(source.name)
    with ThreadPoolExecutor(16) as pool:
        published = list(pool.map(lambda source: publish(source, dest, "Song", "flac"), sources))
    assert len(set(published)) == 40
    assert [path.read_text() for path in published] == [source.name for source in sources]
    assert len(list(dest.iterdir())) == 40


def _no_links(*_: Any, **__: Any) -> None:
    raise OSError(errno.EPERM, "no hard links here")


def test_copies_to_another_file_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Across file systems the file is copied, whole or not at all, and the original goes last."""
    source = _file(tmp_path, b"x" * 99)
    monkeypatch.setattr(publishing, "_same_device", lambda *_: False)
    path = publish(source, tmp_path / "dest", "Song", "flac")
    assert path.read_bytes() == b"x" * 99
    assert not source.exists()
    assert list((tmp_path / "dest").iterdir()) == [path]


def test_a_failed_copy_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk takes nothing from the source and leaves no half of a file."""

    def full(_source: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "no space left")

    source = _file(tmp_path, b"x" * 99)
    monkeypatch.setattr(publishing, "_same_device", lambda *_: False)
    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(OSError, match="space"):
        publish(source, tmp_path / "dest", "Song", "flac")
    assert source.exists()
    assert list((tmp_path / "dest").iterdir()) == []


def test_keep_leaves_the_original(tmp_path: Path) -> None:
    """A file that belongs to another program is copied."""
    source = _file(tmp_path, b"x")
    path = publish(source, tmp_path / "dest", "Song", "flac", keep=True)
    assert (source.read_bytes(), path.read_bytes()) == (b"x", b"x")
    assert source.stat().st_ino != path.stat().st_ino


def test_ecryptfs_limit_is_asked_of_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the file system allows 143 bytes, 143 it is."""
    monkeypatch.setattr(os, "pathconf", lambda *_: 143)
    path = publish(_file(tmp_path, b"x"), tmp_path / "dest", "日" * 200, "flac")
    assert 138 <= len(path.name.encode()) <= 143


def test_windows_counts_the_whole_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows the folder's path takes its share of the 259 characters."""
    monkeypatch.setattr(sys, "platform", "win32")
    folder = Path("/" + "d" * 119)
    limit = publishing.name_limit(folder)
    assert len(str(folder / safe_name("x" * 300, "flac", limit_bytes=limit))) == 259
