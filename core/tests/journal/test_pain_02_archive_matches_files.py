"""Pain 2: the archive has an entry if and only if a download completed with a published file.

A crash is a kill in the middle of the work, or a log that ends anywhere, as after a power cut.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cratedig._journal.sqlite import SqliteJournal
from cratedig._model import DownloadState

Make = Callable[..., Any]
STATES = [DownloadState.IN_PROGRESS, DownloadState.COMPLETED, DownloadState.ERRORED, DownloadState.CANCELLED]


def _check(journal: SqliteJournal, files: Path) -> set[str]:
    """Archive ⇔ Completed ⇔ file; the ids that are Completed."""
    completed = [row.download for row in journal.rows() if row.download.state is DownloadState.COMPLETED]
    targets = {target_id for (target_id,) in journal._query("SELECT target_id FROM archive")}
    assert targets == {download.target_id for download in completed}
    for download in completed:
        entry = journal.archived(download.source, download.target_id)
        assert entry is not None
        assert (entry.download_id, entry.path) == (download.id, download.file_path)
        assert entry.path.parent == files
    return {download.id for download in completed}


@pytest.mark.parametrize("seed", range(4))
def test_every_acknowledged_download_survives_a_kill(
    other_process: Callable[..., subprocess.Popen[str]], path: Path, tmp_path: Path, seed: int
) -> None:
    """What was reported as Completed is there after kill -9, and the archive agrees with it."""
    process = other_process("publish", path, tmp_path)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    first = process.stdout.readline()
    time.sleep(random.Random(seed).uniform(0, 0.3))
    os.kill(process.pid, signal.SIGKILL)
    # The kill may have cut the last line.
    acknowledged = {line[:-1] for line in (first, *process.stdout.readlines()) if line.endswith("\n")}
    process.wait()
    journal = SqliteJournal(path)
    journal.start()
    assert acknowledged
    assert acknowledged <= _check(journal, tmp_path)
    journal.close()


@settings(max_examples=40, deadline=None)
@given(
    steps=st.lists(st.tuples(st.integers(0, 5), st.sampled_from(STATES)), min_size=1, max_size=12),
    cut=st.floats(0, 1),
)
def test_a_log_cut_anywhere_leaves_archive_and_records_in_step(
    new_record: Make, steps: list[tuple[int, DownloadState]], cut: float
) -> None:
    """Wherever the disk stopped, an entry and its Completed record are both there or both not."""
    with tempfile.TemporaryDirectory() as folder:
        files, path = Path(folder), Path(folder, "live", "journal.db")
        journal = SqliteJournal(path)
        journal.start()
        log = path.with_name("journal.db-wal")
        acknowledged = _live(journal, new_record, files, log, steps)
        copy = files / "journal.db"
        shutil.copy(path, copy)
        kept = int(log.stat().st_size * cut)
        copy.with_name("journal.db-wal").write_bytes(log.read_bytes()[:kept])
        journal.close()
        after = SqliteJournal(copy)
        after.start()
        found = _check(after, files)
        after.close()
    assert {download_id for download_id, size in acknowledged.items() if size <= kept} <= found


def _live(
    journal: SqliteJournal, new_record: Make, files: Path, log: Path, steps: list[tuple[int, DownloadState]]
) -> dict[str, int]:
    """Take the steps; the Completed ids, each with the length that the log had when it was acknowledged."""
    records: dict[int, Any] = {}
    acknowledged = {}
    for number, state in steps:
        record: Any = records.setdefault(number, new_record(f"t{number}"))
        if record.state.terminal:
            continue
        if state is DownloadState.COMPLETED:
            file = files / f"{number}.flac"
            file.write_bytes(b"x" * (number + 1))
            record.complete(file)
        journal.save(record.change(state=state)).result()
        if state is DownloadState.COMPLETED:
            acknowledged[record.id] = log.stat().st_size
    return acknowledged
