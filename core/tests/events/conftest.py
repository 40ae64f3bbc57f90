"""The other program of the tests that let nothing special happen to it."""

from __future__ import annotations

from pathlib import Path

import pytest
from core.tests.otherprogram import Program


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """The other program."""
    return Program(tmp_path / "there")
