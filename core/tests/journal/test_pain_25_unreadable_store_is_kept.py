"""Pain 25: a store that cannot be read is never replaced by an empty one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cratedig._errors import JournalError
from cratedig._journal.sqlite import SqliteJournal
from cratedig._journal.sqlite.schema import MIGRATIONS

Open = Callable[..., SqliteJournal]
Make = Callable[..., Any]


@pytest.fixture
def stored(open_sqlite: Open, new_record: Make, path: Path) -> Path:
    """A file with two hundred records, closed."""
    journal = open_sqlite()
    for future in [journal.save(new_record(f"t{number}")) for number in range(200)]:
        future.result()
    journal.close()
    return path


def _refused(path: Path, match: str) -> None:
    before = path.read_bytes()
    with pytest.raises(JournalError, match=match) as caught:
        SqliteJournal(path).start()
    assert str(path) in str(caught.value)
    assert path.read_bytes() == before


def test_rubbish_is_left_as_it_was(path: Path) -> None:
    """The message names the file and says what to do with it."""
    path.parent.mkdir()
    path.write_bytes(b"[downloads]\nnot a database at all\n" * 100)
    _refused(path, "left as it is.*move it aside.*recover")


@pytest.mark.parametrize("keep", [0.3, 0.5, 0.9])
def test_a_truncated_file_is_left_as_it_was(stored: Path, keep: float) -> None:
    """What is missing at the end is noticed at the start."""
    stored.write_bytes(stored.read_bytes()[: int(stored.stat().st_size * keep)])
    _refused(stored, "left as it is")


def test_a_torn_page_is_noticed(stored: Path) -> None:
    """Damage to one page in the middle, which no statement of the start needs, is no reason to go on."""
    data = bytearray(stored.read_bytes())
    page = len(data) // 4096 // 2 * 4096
    data[page : page + 64] = b"\xff" * 64
    stored.write_bytes(data)
    _refused(stored, "left as it is")


def test_an_emptied_file_with_a_log_is_left_as_it_was(stored: Path) -> None:
    """SQLite itself would delete the log, and with it everything."""
    log = stored.with_name(stored.name + "-wal")
    log.write_bytes(b"x" * 5000)
    stored.write_bytes(b"")
    _refused(stored, "is empty but")
    assert log.stat().st_size == 5000


def test_another_programs_database_is_left_as_it_was(path: Path) -> None:
    """A path that was mistyped costs nobody their data."""
    path.parent.mkdir()
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE photo (id)")
    other.commit()
    other.close()
    _refused(path, "another program's")


def test_a_newer_version_is_left_as_it_was(stored: Path) -> None:
    """Who goes back to an older cratedig is told so."""
    newer = sqlite3.connect(stored)
    newer.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    newer.close()
    _refused(stored, "newer cratedig.*upgrade")


def test_a_folder_in_the_files_place_is_an_error(tmp_path: Path) -> None:
    """The message says what the path must be."""
    with pytest.raises(JournalError, match="must be a file"):
        SqliteJournal(tmp_path).start()


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "state").write_text("a file")
    with pytest.raises(JournalError, match="cannot be opened"):
        SqliteJournal(tmp_path / "state" / "journal.db").start()


def test_damage_while_running_is_an_error_with_the_files_name(
    open_sqlite: Open, stored: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that meets damage later says so in the same words."""
    journal = open_sqlite()
    assert journal._opened is not None
    with pytest.raises(JournalError, match=str(stored)):
        journal._opened[1].query("SELECT nothing FROM nowhere")
