"""Each broken source fails exactly the check that is named after its defect."""

from __future__ import annotations

import importlib
import json
import multiprocessing
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from cratedig_contracts import SourceContract

HERE = Path(__file__).parent
AREAS = ["identity", "heavy", "noisy", "settings", "search", "download", "cancel", "errors", "login"]
AT_ONCE = 8
"""Processes; a run waits more than it computes."""
PRELOADED = ["anyio", "av", "cratedig", "cratedig_contracts.contract", "cratedig_contracts.certification"]
PRELOADED += [
    "cratedig_emulators.switches",
    "httpx",
    "hypothesis.strategies",
    "mutagen",
    "rapidfuzz.fuzz",
    "typed_settings",
]

sys.path.insert(0, str(HERE))
try:
    for area in (*AREAS, "hygiene"):
        importlib.import_module(f"gallery.{area}")
    CASES: list[Any] = importlib.import_module("gallery.registry").CASES
finally:
    sys.path.remove(str(HERE))


def a_process_for_each() -> ProcessPoolExecutor:
    """Processes that are used once; where the system can, they begin with the libraries imported already."""
    method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(method)
    context.set_forkserver_preload(PRELOADED)
    return ProcessPoolExecutor(AT_ONCE, mp_context=context, max_tasks_per_child=1)


@pytest.fixture(scope="module")
def reports(request: pytest.FixtureRequest) -> Iterator[Mapping[str, Future[str]]]:
    """The reports of the cases that are wanted, being made in the order of the tests."""
    wanted = [
        item.callspec.params["case"]
        for item in request.session.items
        if hasattr(item, "callspec") and item.path == request.path
    ]
    with pytest.MonkeyPatch.context() as patch, a_process_for_each() as pool:
        patch.syspath_prepend(str(HERE))  # the processes inherit it, and find the program there
        certified = importlib.import_module("gallery_program").main
        yield {
            case.name: pool.submit(certified, _path(case.source), case.name, case.requires) for case in wanted
        }
        pool.shutdown(cancel_futures=True)


def _path(source: type) -> str:
    return f"{source.__module__}:{source.__qualname__}"


@pytest.mark.timeout(120)
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.check}-{case.source.__name__}")
def test_a_broken_source_fails_exactly_the_check_of_its_defect(reports: Any, case: Any) -> None:
    """One failure, under the name of the defect, with words that say what it is."""
    report = json.loads(reports[case.name].result())
    failures = {one["check"]: one["reason"] for one in report["checks"] if one["status"] == "failed"}
    assert list(failures) == [case.check], failures
    assert case.says in failures[case.check]
    assert report["passed"] is False


def test_every_check_has_a_broken_source() -> None:
    """A check without one has not been seen to fail; declarations have tests of their own."""
    checks = {name.removeprefix("test_") for name in dir(SourceContract) if name.startswith("test_")}
    assert checks - {case.check for case in CASES} == {"declarations"}
    assert {case.check for case in CASES} <= checks
