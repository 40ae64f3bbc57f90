"""Each broken source fails exactly the check that is named after its defect."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from cratedig_contracts import SourceContract

HERE = Path(__file__).parent
AREAS = ("identity", "heavy", "noisy", "settings", "search", "download", "cancel", "errors", "hygiene")
AT_ONCE = 3
"""Processes; a run waits more than it computes."""

sys.path.insert(0, str(HERE))
try:
    for area in AREAS:
        importlib.import_module(f"gallery.{area}")
    CASES: list[Any] = importlib.import_module("gallery.registry").CASES
finally:
    sys.path.remove(str(HERE))


def certified(value: str, name: str, requires: tuple[str, ...]) -> dict[str, Any]:
    """The report on one source of the gallery."""
    program = [sys.executable, str(HERE / "gallery_program.py"), value, name, *requires]
    done = subprocess.run(program, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout[done.stdout.index("\n{\n") :])
    return report


@pytest.fixture(scope="module")
def reports(request: pytest.FixtureRequest) -> Iterator[Mapping[str, Future[dict[str, Any]]]]:
    """The reports of the cases that are wanted, being made in the order of the tests."""
    wanted = [
        item.callspec.params["case"]
        for item in request.session.items
        if hasattr(item, "callspec") and item.path == request.path
    ]
    pool = ThreadPoolExecutor(AT_ONCE)
    yield {
        case.name: pool.submit(
            certified, f"{case.source.__module__}:{case.source.__qualname__}", case.name, case.requires
        )
        for case in wanted
    }
    pool.shutdown(cancel_futures=True)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.check}-{case.source.__name__}")
def test_a_broken_source_fails_exactly_the_check_of_its_defect(reports: Any, case: Any) -> None:
    """One failure, under the name of the defect, with words that say what it is."""
    report = reports[case.name].result()
    failures = {one["check"]: one["reason"] for one in report["checks"] if one["status"] == "failed"}
    assert list(failures) == [case.check], failures
    assert case.says in failures[case.check]
    assert report["passed"] is False


def test_every_check_has_a_broken_source() -> None:
    """A check without one has not been seen to fail; declarations have tests of their own."""
    checks = {name.removeprefix("test_") for name in dir(SourceContract) if name.startswith("test_")}
    assert checks - {case.check for case in CASES} == {"declarations"}
    assert {case.check for case in CASES} <= checks
