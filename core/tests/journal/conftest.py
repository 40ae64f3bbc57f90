"""Journals to test, records to store, and other processes to share a file with."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from attrs import define
from core.tests.fakes import blocking_until

from cratedig._journal.memory import MemoryJournal
from cratedig._journal.port import Action, Journal
from cratedig._journal.sqlite import SqliteJournal, watcher
from cratedig._journal.sqlite import journal as sqlite_journal

HERE = Path(__file__).parent


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


_cases = _load("journal_cases")


@pytest.fixture(scope="session")
def new_record() -> Callable[..., Any]:
    """Makes a record that is under way."""
    made: Callable[..., Any] = _cases.new_record
    return made


@pytest.fixture
def eventually() -> Callable[[Callable[[], object]], None]:
    """Waits until what is claimed is true."""
    return blocking_until


@pytest.fixture(autouse=True)
def short_periods(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write progress and hear requests at once; how often they do it is no part of what is tested."""
    monkeypatch.setattr(sqlite_journal, "PROGRESS_SECONDS", 0.05)
    monkeypatch.setattr(watcher, "PERIOD", 0.02)


@define
class Bench:
    """A journal that is open, what it was asked, and a way to close and open it again."""

    journal: Journal
    asked: list[tuple[str, Action]]
    reopen: Callable[[], Journal]


@pytest.fixture(params=["memory", "sqlite"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    """Each journal in turn."""
    made: Journal = MemoryJournal() if request.param == "memory" else SqliteJournal(tmp_path / "journal.db")
    asked: list[tuple[str, Action]] = []

    def hear(download_id: str, action: Action) -> None:
        asked.append((download_id, action))

    def reopen() -> Journal:
        made.close()
        made.start(hear)
        return made

    made.start(hear)
    yield Bench(made, asked, reopen)
    made.close()


@pytest.fixture
def journal(bench: Bench) -> Journal:
    """Each journal in turn, open."""
    return bench.journal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the SQLite file is."""
    return tmp_path / "state" / "journal.db"


@pytest.fixture
def open_sqlite(path: Path) -> Iterator[Callable[..., SqliteJournal]]:
    """Opens journals on one file; each is an owner of its own."""
    opened: list[SqliteJournal] = []

    def make(on_request: Callable[[str, Action], None] | None = None) -> SqliteJournal:
        made = SqliteJournal(path)
        made.start(on_request)
        opened.append(made)
        return made

    yield make
    for made in opened:
        made.close()


@pytest.fixture
def other_process() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts another process on a journal; what still runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: object) -> subprocess.Popen[str]:
        command = [sys.executable, str(HERE / "journal_program.py"), *map(str, arguments)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
