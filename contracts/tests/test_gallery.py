"""Each broken source fails exactly the check that is named after its defect."""

from __future__ import annotations

import importlib
import itertools
import json
import math
import multiprocessing
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from cratedig_contracts import SourceContract

pytestmark = pytest.mark.alone

HERE = Path(__file__).parent
AREAS = ["transfers", "diagnosis", "albums", "identity", "heavy", "noisy", "settings", "search", "download"]
AREAS += ["cancel", "errors", "login", "hygiene"]
AT_ONCE = 8
"""Processes; a run waits more than it computes."""
IN_A_ROW = 2
"""Cases that one process does, one after the other: some take long, and more of them would be the last."""
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
    for area in AREAS:
        importlib.import_module(f"gallery.{area}")
    CASES: list[Any] = importlib.import_module("gallery.registry").CASES
finally:
    sys.path.remove(str(HERE))


def processes() -> ProcessPoolExecutor:
    """Processes that are used once; where the system can, they begin with the libraries imported already."""
    method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(method)
    context.set_forkserver_preload(PRELOADED)
    return ProcessPoolExecutor(AT_ONCE, mp_context=context, max_tasks_per_child=1)


@pytest.fixture(scope="module")
def reports(request: pytest.FixtureRequest) -> Iterator[Mapping[str, Future[Mapping[str, str]]]]:
    """The reports of the cases that are wanted, being made in the order of the tests."""
    wanted = [
        item.callspec.params["case"]
        for item in request.session.items
        if hasattr(item, "callspec") and item.path == request.path
    ]
    with pytest.MonkeyPatch.context() as patch, processes() as pool:
        patch.syspath_prepend(str(HERE))  # the processes inherit it, and find the program there
        certified = importlib.import_module("gallery_program").main
        made = {}
        for cases in rows(wanted):
            future = pool.submit(certified, [(_path(one.source), one.name, one.requires) for one in cases])
            made.update(dict.fromkeys((one.name for one in cases), future))
        yield made
        pool.shutdown(cancel_futures=True)


def rows(cases: list[Any]) -> Iterator[list[Any]]:
    """At most so many of one module at a time, no neighbours: those take long for the same reason."""
    for _, found in itertools.groupby(cases, lambda case: case.source.__module__):
        of_module = list(found)
        count = math.ceil(len(of_module) / IN_A_ROW)
        yield from (of_module[at::count] for at in range(count))


def _path(source: type) -> str:
    return f"{source.__module__}:{source.__qualname__}"


@pytest.mark.timeout(300)
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.check}-{case.source.__name__}")
def test_a_broken_source_fails_exactly_the_check_of_its_defect(reports: Any, case: Any) -> None:
    """One failure, under the name of the defect, with words that say what it is."""
    report = json.loads(reports[case.name].result()[case.name])
    failures = {one["check"]: one["reason"] for one in report["checks"] if one["status"] == "failed"}
    assert list(failures) == [case.check], failures
    assert case.says in failures[case.check]
    assert report["passed"] is False


def test_every_check_has_a_broken_source() -> None:
    """A check without one has not been seen to fail; declarations have tests of their own."""
    checks = {name.removeprefix("test_") for name in dir(SourceContract) if name.startswith("test_")}
    assert checks - {case.check for case in CASES} == {"declarations"}
    assert {case.check for case in CASES} <= checks
