"""The index finds what lies under the paths, keeps up with changes and never leaves the paths."""

from __future__ import annotations

import logging
import os
import shutil
from pathlib import Path

import pytest

from cratedig import NotConfigured, Unavailable
from cratedig_emulators.audio import make_audio
from cratedig_emulators.catalogue import Track
from cratedig_folder.index import Index
from cratedig_folder.tags import Tags, read_tags

LOG = logging.getLogger("test")


def index_of(*paths: Path) -> Index:
    return Index(paths, LOG)


def titles(index: Index, query: str) -> list[str]:
    return [entry.tags.title for entry in index.search(query)]


def flac(path: Path, title: str = "Planted", artist: str = "Zed Quill") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(make_audio(Track(artist=artist, title=title), seconds=1))
    return path


@pytest.mark.parametrize(
    "query",
    [
        "The Brass Lanterns Copper Rain",
        "copper rain",
        "coper rain brass lanternes",
        "COPPER RAIN",
        "rain, copper!",
    ],
)
def test_words_in_any_order_misspelt_too(music: Path, query: str) -> None:
    """The track is the first hit for its words, in any order, case and with typing errors."""
    assert titles(index_of(music), query)[0] == "Copper Rain"


def test_accents_do_not_matter(tmp_path: Path) -> None:
    """Words with accents are found by words without."""
    flac(tmp_path / "a.flac", "Größe", "Éluard")
    assert titles(index_of(tmp_path), "eluard grosse") == ["Größe"]


def test_isrc_comes_first(music: Path) -> None:
    """A recording is found by its ISRC, dashes or not, whatever the words say."""
    found = index_of(music).search("slow tram home", "QZ-CD1-21-00002")
    assert found[0].tags.title == "Copper Rain"


def test_nothing_for_nothing(music: Path) -> None:
    """Words that no file has, and no words, find nothing."""
    assert titles(index_of(music), "zzz qqq xxx") == []
    assert titles(index_of(music), "!!!") == []


def test_only_changed_files_are_read_again(music: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second look reads new and changed files only, and forgets those that are gone."""
    read: list[str] = []

    def watched(path: Path) -> Tags:
        read.append(path.name)
        return read_tags(path)

    monkeypatch.setattr("cratedig_folder.index.read_tags", watched)
    index = index_of(music)
    assert len(index.refresh()) == len(read) == 7
    read.clear()
    index.refresh()
    assert read == []
    flac(music / "new.flac")
    changed = next(music.rglob("*.mp3"))
    os.utime(changed, (1, 1))
    next(music.rglob("*.wav")).unlink()
    assert len(index.refresh()) == 7
    assert sorted(read) == sorted(["new.flac", changed.name])


def test_hidden_and_other_files_are_left_out(tmp_path: Path) -> None:
    """Staging folders, resource forks, pictures and pipes are no music."""
    flac(tmp_path / ".cratedig-x" / "a.flac")
    flac(tmp_path / "._a.flac")
    (tmp_path / "cover.jpg").write_bytes(b"\xff\xd8")
    os.mkfifo(tmp_path / "pipe.flac")
    assert index_of(tmp_path).refresh() == []


def test_links_out_of_the_paths_are_not_followed(tmp_path: Path) -> None:
    """Neither a linked file nor a linked folder outside is indexed or delivered; links inside are."""
    outside, root = flac(tmp_path / "outside" / "secret.flac"), tmp_path / "root"
    inside = flac(root / "real.flac")
    (root / "linked.flac").symlink_to(outside)
    (root / "folder").symlink_to(outside.parent, target_is_directory=True)
    (root / "again.flac").symlink_to(inside)
    (root / "loop.flac").symlink_to(root / "loop.flac")
    index = index_of(root)
    assert sorted(entry.path.name for entry in index.refresh()) == ["again.flac", "real.flac"]
    for way_out in (
        root / "linked.flac",
        root / "folder" / "secret.flac",
        outside,
        root / ".." / "outside" / "secret.flac",
    ):
        assert index.entry(way_out) is None


def test_paths_may_lie_in_each_other_and_be_links(tmp_path: Path) -> None:
    """A folder that is named twice is indexed once, and a path may itself be a link."""
    flac(tmp_path / "root" / "sub" / "a.flac")
    (tmp_path / "way").symlink_to(tmp_path / "root", target_is_directory=True)
    index = index_of(tmp_path / "root", tmp_path / "root" / "sub", tmp_path / "way")
    assert len(index.refresh()) == 1


def test_missing_paths(tmp_path: Path) -> None:
    """No path at all and a file are settings that are wrong; a folder that is not there may come back."""
    with pytest.raises(NotConfigured, match="paths is empty"):
        index_of().search("x")
    with pytest.raises(NotConfigured, match="which is no folder"):
        index_of(flac(tmp_path / "a.flac")).search("x")
    with pytest.raises(Unavailable, match="no such folder"):
        index_of(tmp_path / "gone").search("x")
    flac(tmp_path / "here" / "a.flac")
    assert titles(index_of(tmp_path / "gone", tmp_path / "here"), "planted") == ["Planted"]


def test_folder_that_goes_away_in_between(tmp_path: Path) -> None:
    """A disk that is taken out is said to be missing, and its files are back when it is."""
    root = flac(tmp_path / "root" / "a.flac").parent
    index = index_of(root)
    assert titles(index, "planted") == ["Planted"]
    shutil.move(root, tmp_path / "elsewhere")
    with pytest.raises(Unavailable):
        index.search("planted")
    shutil.move(tmp_path / "elsewhere", root)
    assert titles(index, "planted") == ["Planted"]


def test_unreadable_files_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that may not be read does not spoil the search."""
    flac(tmp_path / "locked.flac")
    flac(tmp_path / "open.flac")

    def refuse(path: Path) -> Tags:
        if path.name == "locked.flac":
            raise PermissionError(13, "Permission denied")
        return read_tags(path)

    monkeypatch.setattr("cratedig_folder.index.read_tags", refuse)
    assert [entry.path.name for entry in index_of(tmp_path).refresh()] == ["open.flac"]
