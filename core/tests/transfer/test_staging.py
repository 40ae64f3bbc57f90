"""The private folder of a download."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from cratedig._errors import CorruptDownload
from cratedig._transfer.staging import COPY_SUFFIX, PREFIX, Staging, inside, sweep


def test_is_private_and_beside_the_destination(tmp_path: Path) -> None:
    """It lies in the destination, only its owner can read it, and making it twice keeps what is in it."""
    staging = Staging(tmp_path / "music", "abc")
    path = staging.create()
    (path / "part").write_bytes(b"x")
    assert path == tmp_path / "music" / f"{PREFIX}abc"
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert (staging.create() / "part").exists()
    staging.remove()
    staging.remove()
    assert not path.exists()


@pytest.mark.parametrize("download_id", ["", ".", "..", "a/b", "../../x", "a\0b"])
def test_refuses_ids_that_lead_elsewhere(tmp_path: Path, download_id: str) -> None:
    """An id is no path."""
    with pytest.raises(ValueError, match="id"):
        Staging(tmp_path, download_id)


def test_does_not_follow_a_planted_link(tmp_path: Path) -> None:
    """A link under the folder's name is neither used nor followed when it is removed."""
    (tmp_path / "victim").mkdir()
    (tmp_path / "victim" / "file").write_bytes(b"x")
    (tmp_path / f"{PREFIX}abc").symlink_to(tmp_path / "victim")
    with pytest.raises(OSError, match="own"):
        Staging(tmp_path, "abc").create()
    Staging(tmp_path, "abc").remove()
    assert (tmp_path / "victim" / "file").exists()


def test_sweep_takes_what_is_over(tmp_path: Path) -> None:
    """Leftovers go; folders of other downloads, other files and fresh copies stay."""
    for name in ("live", "dead"):
        Staging(tmp_path, name).create()
    (tmp_path / "song.flac").write_bytes(b"x")
    fresh, old = tmp_path / f".1{COPY_SUFFIX}", tmp_path / f".2{COPY_SUFFIX}"
    for copy in (fresh, old):
        copy.write_bytes(b"x")
    os.utime(old, (0, 0))
    assert {path.name for path in sweep(tmp_path, "dead".__eq__)} == {f"{PREFIX}dead", old.name}
    assert {path.name for path in tmp_path.iterdir()} == {f"{PREFIX}live", "song.flac", fresh.name}
    assert sweep(tmp_path / "missing", "dead".__eq__) == []


def test_inside_takes_regular_files_only(tmp_path: Path) -> None:
    """A file elsewhere, a link, a folder, a pipe and a missing file are refused by name."""
    folder, outside = tmp_path / "in", tmp_path / "outside"
    (folder / "sub").mkdir(parents=True)
    outside.write_bytes(b"x")
    (folder / "sub" / "song").write_bytes(b"x")
    (folder / "link").symlink_to(outside)
    (folder / "near").symlink_to(folder / "sub" / "song")
    os.mkfifo(folder / "pipe")
    assert inside(folder / "sub" / ".." / "sub" / "song", folder) == folder / "sub" / "song"
    for name in ("../outside", "link", "near", "sub", "pipe", "missing", "a\0b"):
        with pytest.raises(CorruptDownload, match="source named"):
            inside(folder / name, folder)
