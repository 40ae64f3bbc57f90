"""The other program of the tests that let nothing special happen to it."""

from __future__ import annotations

from pathlib import Path

import pytest
from core.tests.otherprogram import Program

from cratedig._downloads import parked
from cratedig._engine import controlling
from cratedig._runtime import outbox, source

LONG = 120.0


@pytest.fixture(autouse=True)
def _engine_with_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """How long an engine waits for a program that does what it is asked must not depend on the machine."""
    monkeypatch.setattr(controlling, "SETTLE_PATIENCE", LONG)
    monkeypatch.setattr(controlling, "CHORE_PATIENCE", LONG)
    monkeypatch.setattr(parked, "GRACE", LONG)
    monkeypatch.setattr(source, "BEGIN_TIMEOUT", LONG)
    monkeypatch.setattr(outbox, "TELL_TIMEOUTS", dict.fromkeys(outbox.TELL_TIMEOUTS, LONG))


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """The other program."""
    return Program(tmp_path / "there")
