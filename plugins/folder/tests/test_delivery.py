"""Files are copied or linked, and what goes wrong is said in the engine's errors."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from cratedig import NotFound, Unavailable
from cratedig_folder.delivery import deliver

DATA = os.urandom(9 * 1024 * 1024)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.flac"
    path.write_bytes(DATA)
    return path


def quiet(*_args: object) -> None:
    """No progress is wanted."""


@pytest.mark.parametrize("shares_blocks", [True, False])
def test_copy_tells_progress(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, shares_blocks: bool
) -> None:
    """A copy has the same bytes and its own inode, and tells how far it is; the kernel may help or not."""
    if not shares_blocks:
        monkeypatch.delattr(os, "copy_file_range")
    told: list[tuple[int, int]] = []
    target = deliver(
        source, tmp_path / "t.flac", link=False, progress=lambda done, size: told.append((done, size))
    )
    assert target.read_bytes() == DATA
    assert target.stat().st_ino != source.stat().st_ino
    assert told[0] == (0, len(DATA))
    assert told[-1] == (len(DATA), len(DATA))
    assert len(told) >= 4


def test_link_shares_the_inode(source: Path, tmp_path: Path) -> None:
    """A hard link takes no room; a link to the file leads to the file itself."""
    (tmp_path / "way.flac").symlink_to(source)
    target = deliver(tmp_path / "way.flac", tmp_path / "t.flac", link=True, progress=quiet)
    assert target.stat().st_ino == source.stat().st_ino
    assert not target.is_symlink()


def test_link_across_file_systems_is_a_copy(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the file system cannot link, the file is copied."""

    def refuse(*_args: object) -> None:
        raise OSError(errno.EXDEV, "cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    assert deliver(source, tmp_path / "t.flac", link=True, progress=quiet).read_bytes() == DATA


def test_vanished_file_is_not_found(tmp_path: Path) -> None:
    """A file that has gone since the search is not found."""
    with pytest.raises(NotFound, match="no longer there"):
        deliver(tmp_path / "gone.flac", tmp_path / "t.flac", link=False, progress=quiet)


def test_trouble_with_writing_is_no_bug(source: Path, tmp_path: Path) -> None:
    """A target that cannot be written is reported as such, not as a bug of the source."""
    with pytest.raises(Unavailable, match="cannot copy"):
        deliver(source, tmp_path / "no" / "such" / "folder" / "t.flac", link=False, progress=quiet)


def test_cancel_ends_the_copy(source: Path, tmp_path: Path) -> None:
    """The exception that progress raises goes through, and the rest is not copied."""

    class Cancelled(Exception):
        pass

    def cancel(done: int, _size: int) -> None:
        if done:
            raise Cancelled

    with pytest.raises(Cancelled):
        deliver(source, tmp_path / "t.flac", link=False, progress=cancel)
    assert (tmp_path / "t.flac").stat().st_size < len(DATA)
