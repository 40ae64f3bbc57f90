"""Several processes on one file: crashes, orphans, races and requests."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cratedig._errors import JournalError
from cratedig._journal.port import Action
from cratedig._journal.sqlite import SqliteJournal, owners
from cratedig._journal.sqlite.owners import BEAT_SECONDS, LIFE_SECONDS
from cratedig._model import DownloadState

Open = Callable[..., SqliteJournal]
Start = Callable[..., subprocess.Popen[str]]
Make = Callable[..., Any]


def _line(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout is not None
    return process.stdout.readline().split()


def _tell(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def _kill(process: subprocess.Popen[str]) -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def test_a_killed_process_leaves_orphans_that_are_adopted_at_once(
    open_sqlite: Open, other_process: Start, path: Path
) -> None:
    """Nobody waits for a time-out when the process is known to be gone."""
    process = other_process("own", path, 5)
    held = _line(process)
    journal = open_sqlite()
    assert all(journal.is_owned_elsewhere(download_id) for download_id in held)
    assert journal.adopt() == []
    _kill(process)
    assert not any(journal.is_owned_elsewhere(download_id) for download_id in held)
    assert [row.owner for row in journal.rows()] == [None] * 5
    assert [row.download.id for row in journal.adopt()] == held
    assert [row.owner for row in journal.rows()] == [journal.owner] * 5


def test_two_processes_that_adopt_at_once_share_nothing(
    open_sqlite: Open, other_process: Start, path: Path, new_record: Make
) -> None:
    """Every orphan gets one new owner."""
    journal = open_sqlite()
    records = [new_record(f"t{number}") for number in range(300)]
    for future in [journal.save(record) for record in records]:
        future.result()
    journal.close()
    rivals = [other_process("adopt", path) for _ in range(2)]
    assert [_line(rival) for rival in rivals] == [["ready"], ["ready"]]
    for rival in rivals:
        _tell(rival)
    first, second = (_line(rival) for rival in rivals)
    assert sorted(first + second) == sorted(record.id for record in records)


def test_a_request_crosses_processes_and_waits_until_it_is_understood(
    open_sqlite: Open, other_process: Start, path: Path
) -> None:
    """The owner hears it, again if it did not know the record yet, and then no more."""
    process = other_process("own", path, 2)
    _, second = _line(process)
    journal = open_sqlite()
    journal.ask(second, Action.CANCEL).result()
    journal.ask(second, Action.CANCEL).result()
    assert _line(process) == [second, "cancel"]
    _tell(process)
    assert process.wait() == 0
    assert _line(process) == []


def test_a_request_to_a_dead_owner_reaches_the_next_one(
    open_sqlite: Open, other_process: Start, path: Path, eventually: Make
) -> None:
    """A cancel survives the crash of the process that should have done it."""
    process = other_process("own", path, 1)
    (download_id,) = _line(process)
    os.kill(process.pid, signal.SIGSTOP)
    asked: list[tuple[str, Action]] = []
    journal = open_sqlite(lambda *request: asked.append(request))
    journal.ask(download_id, Action.CANCEL).result()
    _kill(process)
    journal.adopt()
    eventually(lambda: asked == [(download_id, Action.CANCEL)])


def test_a_new_life_does_not_inherit_the_requests_of_the_old_one(
    open_sqlite: Open, new_record: Make, eventually: Make
) -> None:
    """Who retries a record in a later process is not cancelled by a request that came too late."""
    first = open_sqlite()
    record = new_record()
    first.save(record).result()
    first.save(record.change(state=DownloadState.ERRORED)).result()
    first.ask(record.id, Action.CANCEL).result()
    first.close()
    asked: list[tuple[str, Action]] = []
    second = open_sqlite(lambda *request: asked.append(request))
    assert second.adopt([record.id])
    later = new_record("later")
    second.save(later).result()
    second.ask(later.id, Action.REMOVE).result()
    eventually(lambda: asked)
    assert asked == [(later.id, Action.REMOVE)]


def test_a_late_owner_changes_nothing(open_sqlite: Open, new_record: Make, eventually: Make) -> None:
    """After an adoption the former owner's saves, notes and deletions have no effect."""
    late, heir = open_sqlite(), open_sqlite()
    record = new_record()
    late.save(record).result()
    assert heir.adopt() == []
    owners.leave(late.owner)  # as if it were a process of this number that is long gone
    assert len(heir.adopt()) == 1
    heir.save(record.change(state=DownloadState.COMPLETED)).result()
    with pytest.raises(JournalError, match="belongs to another process"):
        late.save(record.change(state=DownloadState.IN_PROGRESS)).result()
    late.note_progress(record.id, 5, 10)
    other = new_record("other")
    late.save(other).result()
    late.note_progress(other.id, 7, 10)
    eventually(lambda: [row.download.transferred for row in heir.rows()][1:] == [7])
    found = heir.row(record.id)
    assert found is not None
    assert (found.download.state, found.download.transferred) == (DownloadState.COMPLETED, 0)


def test_one_refused_save_does_not_spoil_the_others(open_sqlite: Open, new_record: Make) -> None:
    """Saves share a transaction, not a fate."""
    late, heir = open_sqlite(), open_sqlite()
    lost = new_record("lost")
    late.save(lost).result()
    owners.leave(late.owner)
    heir.adopt()
    mine = [new_record(f"t{number}") for number in range(20)]
    futures = [late.save(record) for record in (*mine[:10], lost, *mine[10:])]
    assert [type(future.exception()) for future in futures] == [
        *[type(None)] * 10, JournalError, *[type(None)] * 10
    ]  # fmt: skip
    assert {row.download.id for row in heir.rows()} == {record.id for record in (lost, *mine)}


def test_nobody_deletes_what_another_process_works_on(open_sqlite: Open, new_record: Make) -> None:
    """Clearing one engine's list leaves the others' downloads alone."""
    one, two = open_sqlite(), open_sqlite()
    going, ended = new_record(), new_record("ended")
    one.save(going).result()
    one.save(ended.change(state=DownloadState.CANCELLED)).result()
    two.delete([going.id, ended.id]).result()
    assert [row.download.id for row in one.rows()] == [going.id]


@pytest.mark.parametrize(
    ("host", "age", "alive"), [("far away", 1, True), ("far away", 11, False), ("far away", -3600, False)]
)
def test_owners_on_other_machines_live_by_their_heartbeat(host: str, age: float, *, alive: bool) -> None:
    """A process id means nothing elsewhere; a heartbeat older than ten seconds, or far ahead, is none."""
    assert bool(owners.living([("o", os.getpid(), host, time.time() - age)])) is alive


def test_a_process_id_that_was_given_again_is_not_mistaken_for_the_owner() -> None:
    """In a container that restarts everybody has the same number."""
    mine = ("former life", os.getpid(), owners.host(), time.time())
    gone = ("gone", 2**40, owners.host(), time.time())
    init = ("init", 1, owners.host(), time.time())
    assert owners.living([mine, gone, init]) == {"init"}
    owners.arrive("former life")
    assert owners.living([mine]) == {"former life"}
    owners.leave("former life")


def test_a_running_owner_beats_again_and_again(
    open_sqlite: Open, eventually: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever looks later finds a younger heartbeat, several of them before one is too old."""
    assert BEAT_SECONDS <= LIFE_SECONDS / 10
    monkeypatch.setattr(owners, "BEAT_SECONDS", 0.1)
    journal = open_sqlite()
    before = journal._query("SELECT beat FROM owner")[0][0]
    for beats in range(1, 4):
        eventually(lambda: journal._query("SELECT beat FROM owner")[0][0] >= before + 0.1 * beats)  # noqa: B023
