"""What one process began, another can see, end, try again and finish."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from cratedig_emulators.archive import ArchiveEmulator
from cratedig_emulators.server import Fault

SLOW = Fault(drip=(1000, 0.5))
"""Minutes for each file: nothing is finished while a test looks on."""

FILES = "/12/items/*"
Until = Callable[..., None]


@pytest.fixture
def slow(archive: ArchiveEmulator) -> ArchiveEmulator:
    """The archive, each of its files taking minutes."""
    archive.fault(FILES, SLOW)
    return archive


def finished(shell: Any) -> list[str]:
    """The published files."""
    return [name for name in shell.files() if not name.startswith(".")]


def under_way(shell: Any) -> bool:
    """Whether some files are there, and others begun."""
    return len(finished(shell)) >= 2 and len(finished(shell)) < len(shell.files())


def received(shell: Any) -> int:
    """The bytes that are in staging."""
    return sum(path.stat().st_size for path in shell.music.glob(".cratedig-*/*") if path.is_file())


def stopped(process: Any, how: signal.Signals) -> tuple[int, str]:
    """Send the signal; the exit code and what was said."""
    process.send_signal(how)
    _, said = process.communicate()
    return process.returncode, said


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_resume_finishes_what_a_stopped_get_has_begun(
    shell: Any, archive: ArchiveEmulator, ten: list[str], until: Until, how: signal.Signals
) -> None:
    """After kill -9 or Ctrl-C amid ten files, `resume` ends with ten verified files and no leftovers."""
    archive.fault(FILES, evolve(SLOW, skip=3))
    process = shell.start("get", *ten)
    until(lambda: len(shell.downloads()) == 10 and under_way(shell))
    code, said = stopped(process, how)
    assert len(finished(shell)) < 10
    if how is signal.SIGINT:
        assert code == 130
        assert "cratedig resume" in said
        assert "Traceback" not in said
    archive.heal(FILES)

    resumed = shell.run("resume")

    assert resumed.returncode == 0, resumed.stderr
    assert len(shell.files()) == 10, shell.files()
    assert {Path(name).suffix for name in shell.files()} == {".flac"}
    records = shell.downloads()
    assert [record["state"] for record in records] == ["Completed"] * 10
    originals = [
        file.data() for item in archive.items.values() for file in item.files if file.name.endswith("flac")
    ]
    assert all(Path(record["file_path"]).read_bytes() in originals for record in records)
    assert shell.run("resume").stderr.strip() == "Nothing is unfinished."


def test_a_resume_goes_on_from_the_bytes_that_are_there(
    shell: Any, archive: ArchiveEmulator, ten: list[str], until: Until
) -> None:
    """What a killed process has written down is asked for no more: the rest comes by Range."""
    archive.fault(FILES, Fault(stall_at=150_000))
    process = shell.start("get", ten[0])
    until(lambda: received(shell) > 100_000)
    stopped(process, signal.SIGKILL)
    archive.heal(FILES)
    before = len(archive.requests)

    assert shell.run("resume").returncode == 0

    asked = [one for one in archive.requests[before:] if one.path.startswith("/12/") and one.method == "GET"]
    ranges = [value for one in asked for name, value in one.headers.items() if name.lower() == "range"]
    assert len(ranges) == len(asked) == 1
    assert int(ranges[0].removeprefix("bytes=").partition("-")[0]) > 50_000
    assert [attempt["outcome"] for attempt in shell.downloads()[0]["attempts"]] == [
        "interrupted",
        "completed",
    ]


def test_a_second_process_lists_cancels_and_retries(
    shell: Any, slow: ArchiveEmulator, ten: list[str], until: Until
) -> None:
    """`downloads`, `cancel` and `retry` work while another process owns the record, and after it."""
    process = shell.start("get", ten[0])
    until(lambda: any(one["state"] == "InProgress" for one in shell.downloads()))
    (record,) = shell.downloads()

    done = shell.json("cancel", record["id"][:6])["downloads"]

    assert [one["cancelled"] for one in done] == [True]
    _, said = process.communicate()
    assert process.returncode == 1
    assert "cancelled" in said
    until(lambda: shell.files() == [])
    assert [one["state"] for one in shell.downloads()] == ["Cancelled"]

    slow.heal(FILES)
    (again,) = shell.json("retry", record["id"][:6])["downloads"]
    assert again["state"] == "Completed"
    assert again["extra"]["retry_of"] == record["id"]
    assert len(shell.files()) == 1


def test_what_a_living_process_works_on_is_left_to_it(
    shell: Any, slow: ArchiveEmulator, ten: list[str], until: Until
) -> None:
    """`resume` takes nothing away from a `get` that is at work."""
    process = shell.start("get", *ten[:2])
    until(lambda: any(one["state"] == "InProgress" for one in shell.downloads()))
    resumed = shell.run("resume")
    assert resumed.stderr.strip() == "Nothing is unfinished."
    slow.heal(FILES)
    slow.restart()  # what is under way breaks off, and goes on at full speed
    process.communicate()
    assert process.returncode == 0
    assert len(shell.files()) == 2


def test_a_record_without_an_owner_can_be_cancelled(
    shell: Any, slow: ArchiveEmulator, ten: list[str], until: Until
) -> None:
    """`cancel` ends what a killed process has left behind, and its bytes go."""
    process = shell.start("get", ten[0])
    until(lambda: any(one["state"] == "InProgress" for one in shell.downloads()))
    stopped(process, signal.SIGKILL)
    (record,) = shell.downloads()
    assert shell.run("cancel", record["id"]).returncode == 0
    assert shell.files() == []
    assert shell.run("resume").stderr.strip() == "Nothing is unfinished."


def test_resume_removes_what_a_finished_download_has_left(shell: Any, ten: list[str]) -> None:
    """A process that is killed between a download's end and its clean-up leaves a folder until then only."""
    (done,) = shell.json("get", ten[0])["downloads"]
    left, others = (shell.music / f".cratedig-{name}" for name in (done["id"], "of-somebody-else"))
    for folder in (left, others):
        folder.mkdir(mode=0o700)
        (folder / "verified").write_bytes(b"x")
    shell.run("resume")
    assert [left.exists(), others.exists()] == [False, True]
