"""What only the journal on disk does: files, groups, faults."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from cratedig._errors import JournalError
from cratedig._journal.memory import MemoryJournal
from cratedig._journal.opening import open_journal
from cratedig._journal.port import Action
from cratedig._journal.sqlite import SqliteJournal
from cratedig._journal.sqlite import journal as sqlite_journal
from cratedig._journal.sqlite.journal import PROGRESS_SECONDS
from cratedig._journal.sqlite.writer import BATCH

Open = Callable[..., SqliteJournal]
Make = Callable[..., Any]


def _on_writer(journal: SqliteJournal, change: Callable[[sqlite3.Connection], Any]) -> Any:
    assert journal._opened is not None
    return journal._opened[0].submit(change).result()


def test_what_a_host_passes_becomes_a_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing, a word, a path, a text or a journal."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert isinstance(open_journal(), MemoryJournal)
    assert isinstance(open_journal("memory"), MemoryJournal)
    made = open_journal("~/journal.db")
    assert isinstance(made, SqliteJournal)
    assert made.path == tmp_path / "journal.db"
    assert open_journal(made) is made
    assert isinstance(open_journal(tmp_path / "memory"), SqliteJournal)


def test_memory_needs_no_sqlite() -> None:
    """Who does not store pays no import for it."""
    program = "import sys; from cratedig._journal.opening import open_journal; open_journal();"
    program += "sys.exit('sqlite3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_only_the_owner_may_read_the_files(open_sqlite: Open, path: Path, new_record: Make) -> None:
    """The folder that is made is 0700, each file in it 0600."""
    open_sqlite().save(new_record()).result()
    modes = {entry.name: stat.S_IMODE(entry.stat().st_mode) for entry in path.parent.iterdir()}
    assert modes.pop(path.name) == 0o600
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_folder_that_was_there_keeps_its_mode(tmp_path: Path) -> None:
    """Nobody's folder is closed to others behind their back."""
    tmp_path.chmod(0o755)
    journal = SqliteJournal(tmp_path / "journal.db")
    journal.start()
    journal.close()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_waiting_saves_share_a_commit(
    open_sqlite: Open, new_record: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three thousand saves cost half a dozen commits, and each is durable before it is answered."""
    # The chores have commits of their own, as many as there is time for.
    monkeypatch.setattr(sqlite_journal, "PROGRESS_SECONDS", 3600)
    journal = open_sqlite()
    said: list[str] = []
    _on_writer(journal, lambda connection: connection.set_trace_callback(said.append))
    gate = threading.Event()
    assert journal._opened is not None
    blocked = journal._opened[0].submit(lambda _: gate.wait())
    futures = [journal.save(new_record(f"t{number}")) for number in range(3000)]
    gate.set()
    blocked.result()
    for future in futures:
        future.result()
    _on_writer(journal, lambda connection: connection.set_trace_callback(None))
    assert said.count("COMMIT") <= 3000 / BATCH + 2
    assert len(journal.rows()) == 3000


def test_what_is_answered_survives_a_power_cut(open_sqlite: Open, eventually: Make) -> None:
    """Every commit that somebody waits for is synchronous=FULL, also after a heartbeat was not."""
    journal = open_sqlite()
    said: list[str] = []

    def asked(connection: Any) -> Any:
        said.clear()  # on the writer's thread: no heartbeat comes in between
        return connection.execute("PRAGMA synchronous").fetchone()

    _on_writer(journal, lambda connection: connection.set_trace_callback(said.append))
    for _ in range(3):
        assert _on_writer(journal, asked) == (2,)
        eventually(partial(said.__contains__, "PRAGMA synchronous = NORMAL"))
    assert _on_writer(journal, lambda it: it.execute("PRAGMA journal_mode").fetchone()) == ("wal",)


def test_progress_costs_two_writes_a_second(open_sqlite: Open, new_record: Make, eventually: Make) -> None:
    """A flood of notes is coalesced to the latest per record."""
    assert PROGRESS_SECONDS == 0.5
    period = sqlite_journal.PROGRESS_SECONDS
    journal = open_sqlite()
    record = new_record()
    journal.save(record).result()
    said: list[str] = []
    started = time.monotonic()
    _on_writer(journal, lambda connection: connection.set_trace_callback(said.append))
    count = 0
    while _writes(said) < 10:
        count += 1
        journal.note_progress(record.id, count, None)
    eventually(lambda: [row.download.transferred for row in journal.rows()] == [count])
    _on_writer(journal, lambda connection: connection.set_trace_callback(None))
    assert _writes(said) <= (time.monotonic() - started) / period + 1
    assert count > _writes(said)


def _writes(said: list[str]) -> int:
    return sum("noted =" in statement for statement in list(said))


def test_a_note_waits_for_the_save_before_it(open_sqlite: Open, new_record: Make, eventually: Make) -> None:
    """Progress that is due while its record waits to be written is not lost."""
    journal = open_sqlite()
    record = new_record()
    assert journal._opened is not None
    begun, handed_in = threading.Event(), threading.Event()

    def occupy(_: object) -> None:
        begun.set()
        handed_in.wait()
        time.sleep(2 * sqlite_journal.PROGRESS_SECONDS)

    journal._opened[0].submit(occupy)
    begun.wait()
    journal.save(record)
    journal.note_progress(record.id, 77, None)
    handed_in.set()
    eventually(lambda: [row.download.transferred for row in journal.rows()] == [77])


def test_an_absurd_number_costs_nobody_else_the_progress(
    open_sqlite: Open, new_record: Make, eventually: Make
) -> None:
    """A size that no disk has is cut to what SQLite can hold."""
    journal = open_sqlite()
    records = [new_record(), new_record()]
    for record in records:
        journal.save(record).result()
    journal.note_progress(records[0].id, 10**30, 10**30)
    journal.note_progress(records[1].id, 5, None)
    eventually(lambda: [row.download.transferred for row in journal.rows()] == [2**63 - 1, 5])


def test_closing_writes_what_is_under_way(open_sqlite: Open, new_record: Make) -> None:
    """Nothing that was handed in is dropped by an orderly end."""
    journal = open_sqlite()
    record = new_record()
    futures = [journal.save(new_record(f"t{number}")) for number in range(500)]
    journal.save(record)
    journal.note_progress(record.id, 77, None)
    journal.close()
    assert all(future.done() and future.exception() is None for future in futures)
    again = open_sqlite()
    found = again.row(record.id)
    assert found is not None
    assert (found.download.transferred, found.owner) == (77, None)
    assert len(again.rows()) == 501


def test_a_journal_that_is_not_open_says_so(path: Path, new_record: Make) -> None:
    """Before the start and after the end every call is refused with the file's name."""
    journal = SqliteJournal(path)
    journal.close()
    for call in (journal.rows, journal.adopt, lambda: journal.get("a"), lambda: journal.save(new_record())):
        with pytest.raises(JournalError, match=r"journal\.db is not open"):
            call()


def test_a_save_after_the_writer_ended_fails(open_sqlite: Open) -> None:
    """Whoever comes in the middle of closing is told that nothing was kept."""
    journal = open_sqlite()
    assert journal._opened is not None
    writer, reader = journal._opened
    journal.close()
    with pytest.raises(JournalError, match="closed"):
        writer.submit(lambda _: None).result()
    with pytest.raises(JournalError, match="closed"):
        reader.query("SELECT 1")


def test_a_full_disk_fails_the_save_and_not_the_journal(open_sqlite: Open, new_record: Make) -> None:
    """Saves fail with a sentence while there is no room, and work again when there is."""
    journal = open_sqlite()
    _on_writer(journal, lambda connection: connection.execute("PRAGMA max_page_count = 1"))
    large = new_record(detail="x" * 100_000)
    with pytest.raises(JournalError, match="disk is full"):
        journal.save(large).result()
    _on_writer(journal, lambda connection: connection.execute("PRAGMA max_page_count = 100000"))
    journal.save(large).result()
    assert journal.row(large.id) is not None


def test_a_record_that_cannot_be_written_fails_alone(open_sqlite: Open, new_record: Make) -> None:
    """One plugin's endless ``extra`` does not cost the others their saves."""
    journal = open_sqlite()
    endless: dict[str, Any] = {}
    endless["again"] = endless
    futures = [journal.save(new_record(extra=extra)) for extra in ({}, endless, {})]
    assert [future.exception() is None for future in futures] == [True, False, True]
    assert isinstance(futures[1].exception(), JournalError)
    assert len(journal.rows()) == 2


def test_a_row_that_cannot_be_read_hides_no_other(
    open_sqlite: Open, new_record: Make, caplog: pytest.LogCaptureFixture
) -> None:
    """It is named in the log and stays where it is."""
    journal = open_sqlite()
    good, bad = new_record(), new_record()
    for record in (bad, good):
        journal.save(record).result()
    _on_writer(
        journal,
        lambda it: it.execute("UPDATE record SET download = '{\"state\": 1}' WHERE id = ?", (bad.id,)),
    )
    assert [row.download.id for row in journal.rows()] == [good.id]
    assert bad.id in caplog.text
    assert _on_writer(journal, lambda it: it.execute("SELECT count(*) FROM record").fetchone()) == (2,)


def test_a_handler_that_fails_does_not_end_the_hearing(
    open_sqlite: Open, new_record: Make, eventually: Make, caplog: pytest.LogCaptureFixture
) -> None:
    """The next request is heard all the same; the failed one is not repeated."""
    asked: list[str] = []

    def hear(download_id: str, action: object) -> None:
        asked.append(download_id)
        if len(asked) == 1:
            raise RuntimeError("planned")

    journal = open_sqlite(hear)
    records = [new_record(), new_record()]
    for record in records:
        journal.save(record).result()
        journal.ask(record.id, Action.CANCEL).result()
        eventually(partial(asked.__contains__, record.id))
    assert asked == [record.id for record in records]
    assert "planned" in caplog.text


def test_expired_values_are_removed_at_the_next_start(open_sqlite: Open) -> None:
    """Blocks and breakers of last year do not pile up."""
    journal = open_sqlite()
    journal.put("old", 1, expires_at=time.time() - 1).result()
    journal.put("new", 1).result()
    journal.close()
    assert open_sqlite()._query("SELECT key FROM value") == [("new",)]
