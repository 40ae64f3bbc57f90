"""What every journal does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from attrs import evolve

from cratedig._journal.port import Action, Journal
from cratedig._model import (
    Attempt,
    AttemptOutcome,
    Candidate,
    DownloadState,
    Plan,
    Quality,
    QualityPreference,
    RawSearchResult,
    Wanted,
)

Make = Callable[..., Any]
NASTY = "a\ud800b\x00c\x7f%_*é\U0001f3b5\"'\\"


def _kept(journal: Journal, *records: Any) -> None:
    for future in [journal.save(record) for record in records]:
        future.result()


def test_a_saved_record_is_read_back_whole(journal: Journal, new_record: Make) -> None:
    """Whatever a record and its plan hold comes back equal."""
    attempt = Attempt(
        number=1, source="a", target_id="x", started_at=1.5, ended_at=2.5, outcome=AttemptOutcome.FAILED,
        code="not-found", reason="gone", received=7, quality=Quality(codec="flac", bit_depth=24),
    )  # fmt: skip
    record = new_record(
        attempts=(attempt,), quality_offered=Quality(lossless=True), extra={"n": [1, {"m": None}]}
    )
    promise = RawSearchResult(
        target_id="x", title="Song", quality=Quality(codec="mp3", bitrate=320), isrc="X"
    )
    record.plan = Plan(
        candidates=(
            Candidate(source="a", target_id="x", promise=promise),
            Candidate(source="b", target_id="y"),
        ),
        chain=("c", "d"),
        wanted=Wanted(artist="A", title="Song", duration=12.5),
        quality=QualityPreference(floor=Quality(codec="flac"), codecs=("flac",), accept_lower=False),
        name="A - Song",
    )
    _kept(journal, record)
    found = journal.row(record.id)
    assert found is not None
    assert (found.download, found.plan) == (record.download, record.plan)
    assert found.owner == journal.owner


def test_an_unknown_id_has_no_row(journal: Journal) -> None:
    """Asking for a record that is not there is no error."""
    assert journal.row(NASTY) is None
    assert journal.is_owned_elsewhere("nobody") is False


def test_rows_are_oldest_first_however_often_they_are_saved(journal: Journal, new_record: Make) -> None:
    """A later save replaces the record where it stands."""
    records = [new_record(f"t{number}") for number in range(5)]
    _kept(journal, *records)
    _kept(journal, records[0].change(detail="again"))
    rows = journal.rows()
    assert [row.download.id for row in rows] == [record.id for record in records]
    assert rows[0].download.detail == "again"


def test_the_last_of_many_saves_wins(journal: Journal, new_record: Make) -> None:
    """Saves are kept in the order in which they were made."""
    record = new_record()
    futures = [journal.save(record.change(transferred=number)) for number in range(300)]
    for future in futures:
        future.result()
    found = journal.row(record.id)
    assert found is not None
    assert found.download.transferred == 299


def test_a_terminal_record_has_no_owner(journal: Journal, new_record: Make) -> None:
    """Nobody works on what has ended."""
    record = new_record()
    _kept(journal, record, record.change(state=DownloadState.ERRORED))
    found = journal.row(record.id)
    assert found is not None
    assert found.owner is None


def test_saving_from_many_threads_loses_nothing(journal: Journal, new_record: Make) -> None:
    """Every method may be called from any thread."""
    records = [new_record(f"t{number}") for number in range(400)]
    threads = [threading.Thread(target=_kept, args=(journal, *records[start::8])) for start in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert {row.download.id for row in journal.rows()} == {record.id for record in records}


def test_a_save_cannot_be_cancelled(journal: Journal, new_record: Make) -> None:
    """Whoever stops waiting for a save does not undo it."""
    record = new_record()
    future = journal.save(record)
    assert future.cancel() is False
    future.result()
    assert journal.row(record.id) is not None


def test_deleted_records_are_gone_and_the_archive_stays(
    journal: Journal, new_record: Make, tmp_path: Path
) -> None:
    """Forgetting a record does not forget the file that came of it."""
    file = tmp_path / "song.flac"
    file.write_bytes(b"12345")
    kept, gone = new_record("kept"), new_record("gone").complete(file)
    _kept(journal, kept, gone)
    journal.delete([gone.id, "nobody"]).result()
    assert [row.download.id for row in journal.rows()] == [kept.id]
    found = journal.archived("fake", "gone")
    assert found is not None
    assert (found.path, found.size, found.download_id) == (file, 5, gone.id)


@pytest.mark.parametrize("state", [DownloadState.ERRORED, DownloadState.CANCELLED, DownloadState.IN_PROGRESS])
def test_only_completed_records_enter_the_archive(
    journal: Journal, new_record: Make, tmp_path: Path, state: DownloadState
) -> None:
    """A file that lies there does not make a failure a success."""
    file = tmp_path / "song.flac"
    file.write_bytes(b"12345")
    _kept(journal, new_record("t").complete(file).change(state=state))
    assert journal.archived("fake", "t") is None


def test_completed_without_files_enters_no_archive(journal: Journal, new_record: Make) -> None:
    """What has no published file is not archived."""
    _kept(journal, new_record("t").change(state=DownloadState.COMPLETED))
    assert journal.archived("fake", "t") is None


def test_a_fallback_is_archived_for_both_targets(journal: Journal, new_record: Make, tmp_path: Path) -> None:
    """What was asked for and what delivered both lead to the file."""
    file = tmp_path / "song.flac"
    file.write_bytes(b"12345")
    failed = Attempt(
        number=1, source="fake", target_id="t", started_at=1, ended_at=2, outcome=AttemptOutcome.FAILED
    )
    done = evolve(failed, number=3, source="b", target_id="y", outcome=AttemptOutcome.COMPLETED)
    other = evolve(failed, number=2, source="c", target_id="z")
    _kept(journal, new_record("t", attempts=(failed, other, done)).complete(file))
    found = [journal.archived(*target) for target in (("fake", "t"), ("b", "y"), ("c", "z"))]
    assert [entry and entry.path for entry in found] == [file, file, None]


def test_an_album_is_archived_while_all_its_files_are_there(
    journal: Journal, new_record: Make, tmp_path: Path
) -> None:
    """One missing track makes an album incomplete."""
    files = [tmp_path / f"{number}.flac" for number in range(3)]
    for file in files:
        file.write_bytes(b"1234")
    _kept(journal, new_record("t").complete(*files))
    found = journal.archived("fake", "t")
    assert found is not None
    assert (found.path, found.size) == (tmp_path, 12)
    files[1].unlink()
    assert journal.archived("fake", "t") is None


def test_what_an_engine_leaves_open_can_be_adopted_once(bench: Any, new_record: Make) -> None:
    """After a restart the open records change hands, the terminal ones do not."""
    going, ended = new_record("going"), new_record("ended").change(state=DownloadState.ERRORED)
    _kept(bench.journal, going, ended)
    before = bench.journal.owner
    journal = bench.reopen()
    assert journal.owner != before
    assert [row.owner for row in journal.rows()] == [None, None]
    taken = journal.adopt()
    assert [(row.download.id, row.owner) for row in taken] == [(going.id, journal.owner)]
    assert journal.adopt() == []
    assert journal.adopt([going.id]) == []


def test_a_terminal_record_is_adopted_when_it_is_named(bench: Any, new_record: Make) -> None:
    """A retry in a later process takes the record over and may write it."""
    ended = new_record("ended").change(state=DownloadState.ERRORED)
    _kept(bench.journal, ended, new_record("other"))
    journal = bench.reopen()
    assert [row.download.id for row in journal.adopt([ended.id, "nobody"])] == [ended.id]
    _kept(journal, ended.change(state=DownloadState.INITIALIZING))
    found = journal.row(ended.id)
    assert (found.download.state, found.owner) == (DownloadState.INITIALIZING, journal.owner)


def test_an_owner_adopts_nothing_that_it_works_on(journal: Journal, new_record: Make) -> None:
    """What is under way here is no orphan."""
    record = new_record()
    _kept(journal, record)
    assert journal.adopt() == []
    assert journal.adopt([record.id]) == []
    assert journal.is_owned_elsewhere(record.id) is False


def test_a_request_reaches_the_owner(bench: Any, new_record: Make, eventually: Make) -> None:
    """What is asked of a record is told to the engine that holds it, once."""
    record, later = new_record(), new_record("later")
    _kept(bench.journal, record, later)
    bench.journal.ask(record.id, Action.CANCEL).result()
    bench.journal.ask("nobody", Action.REMOVE).result()
    eventually(lambda: bench.asked)
    bench.journal.ask(later.id, Action.REMOVE).result()
    eventually(lambda: len(bench.asked) > 1)
    assert bench.asked == [(record.id, Action.CANCEL), (later.id, Action.REMOVE)]


def _noted(journal: Journal, record: Any, transferred: int) -> bool:
    found = journal.row(record.id)
    return found is not None and found.download.transferred == transferred


def test_progress_that_was_noted_is_read(journal: Journal, new_record: Make, eventually: Make) -> None:
    """Readers see how far it is soon after it was noted."""
    record = new_record(size=200)
    _kept(journal, record)
    record.change(transferred=50, progress=25.0)
    journal.note_progress(record.id, 50, 200)

    def seen() -> bool:
        found = journal.row(record.id)
        return found is not None and (found.download.transferred, found.download.progress) == (50, 25.0)

    eventually(seen)


def test_a_note_does_not_undo_a_later_save(journal: Journal, new_record: Make, eventually: Make) -> None:
    """What was saved after a note is newer than the note."""
    record, other = new_record(), new_record("other")
    _kept(journal, record, other)
    journal.note_progress(record.id, 10, None)
    _kept(journal, record.change(transferred=50))
    # Notes are written in the order in which they came: when this one is there, all are.
    other.change(transferred=1)
    journal.note_progress(other.id, 1, None)
    eventually(lambda: _noted(journal, other, 1))
    assert _noted(journal, record, 50)


def test_late_progress_does_not_touch_a_terminal_record(
    journal: Journal, new_record: Make, eventually: Make
) -> None:
    """A note that comes after the end changes nothing."""
    record, other = new_record(), new_record("other")
    _kept(journal, other, record, record.change(state=DownloadState.CANCELLED, transferred=9))
    journal.note_progress(record.id, 10**30, 10**30)
    journal.note_progress("nobody", 1, None)
    other.change(transferred=1)
    journal.note_progress(other.id, 1, None)
    eventually(lambda: _noted(journal, other, 1))
    assert _noted(journal, record, 9)


def test_values_are_kept_replaced_and_removed(bench: Any) -> None:
    """A JSON value comes back as it was, also after a restart."""
    bench.journal.put("breaker:a", {"open": True, "until": 1.5}).result()
    bench.journal.put("breaker:b", [1]).result()
    bench.journal.put("breaker:b", [2]).result()
    bench.journal.put("gone", 1).result()
    bench.journal.put("gone", None).result()
    journal = bench.reopen()
    assert journal.get("breaker:a") == {"open": True, "until": 1.5}
    assert journal.get("breaker:b") == [2]
    assert journal.get("gone") is None
    assert journal.keys("breaker:") == ["breaker:a", "breaker:b"]


def test_a_value_expires(journal: Journal) -> None:
    """After its time a value is neither read nor listed."""
    journal.put("past", 1, expires_at=time.time() - 1).result()
    journal.put("future", 2, expires_at=time.time() + 60).result()
    assert (journal.get("past"), journal.get("future")) == (None, 2)
    assert journal.keys("") == ["future"]


def test_a_value_that_is_no_json_is_refused_at_once(journal: Journal) -> None:
    """The caller who is wrong hears of it, and nobody else."""
    with pytest.raises(TypeError):
        journal.put("key", object())
    assert journal.get("key") is None


def test_a_prefix_is_taken_literally(journal: Journal) -> None:
    """No character of a key is special."""
    keys = ["a%b", "axb", "a", "A", "b", NASTY, NASTY + "1", "aé", "a\U0001f3b5"]
    for key in keys:
        journal.put(key, key.isascii()).result()
    assert journal.keys("a%") == ["a%b"]
    assert journal.keys(NASTY) == [NASTY, NASTY + "1"]
    assert journal.keys("") == sorted(keys)


def test_any_text_of_a_service_can_be_stored(journal: Journal, new_record: Make, tmp_path: Path) -> None:
    """Lone surrogates, NUL and quotes go through every text of a record and of the archive."""
    file = tmp_path / "song.flac"
    file.write_bytes(b"12345")
    planted = f"planted-{uuid4()}"
    record = new_record(NASTY, source="fake", extra={NASTY: planted}, detail=NASTY, size=2**70).complete(file)
    _kept(journal, record)
    found = journal.row(record.id)
    assert found is not None
    assert found.download == record.download
    assert journal.archived("fake", NASTY) is not None
