"""Pain 20: what was downloaded once can be downloaded again when its file is gone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cratedig._journal.port import Journal

Make = Callable[..., Any]


def _lose(file: Path) -> None:
    file.unlink()


def _shorten(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


def _replace_by_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize("spoil", [_lose, _shorten, _replace_by_folder])
def test_the_archive_believes_the_disk(
    journal: Journal, new_record: Make, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    """An entry counts only while its file is there with its size."""
    file = tmp_path / "song.flac"
    file.mkdir()
    size = file.stat().st_size  # a folder in the file's place is not told from it by its size
    file.rmdir()
    file.write_bytes(b"x" * size)
    journal.save(new_record("t").complete(file)).result()
    assert journal.archived("fake", "t") is not None
    spoil(file)
    assert journal.archived("fake", "t") is None


def test_a_second_download_replaces_the_entry(journal: Journal, new_record: Make, tmp_path: Path) -> None:
    """After a forced download the archive knows the newer file."""
    files = [tmp_path / "song.flac", tmp_path / "song (2).flac"]
    for file in files:
        file.write_bytes(b"12345")
        journal.save(new_record("t").complete(file)).result()
    found = journal.archived("fake", "t")
    assert found is not None
    assert found.path == files[1]
