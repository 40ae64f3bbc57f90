"""Each broken source fails exactly the check that is named after its defect."""

from __future__ import annotations

import importlib
import json
import multiprocessing
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from cratedig_contracts import SourceContract

HERE = Path(__file__).parent
AREAS = ["transfers", "diagnosis", "albums", "identity", "heavy", "noisy", "settings", "search", "download"]
AREAS += ["cancel", "errors", "login", "hygiene"]
AT_ONCE = 6
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
    for area in AREAS:
        importlib.import_module(f"gallery.{area}")
    CASES: list[Any] = importlib.import_module("gallery.registry").CASES
finally:
    sys.path.remove(str(HERE))


def processes() -> ProcessPoolExecutor:
    """Where the system can, they begin with the libraries imported already."""
    method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(method)
    context.set_forkserver_preload(PRELOADED)
    return ProcessPoolExecutor(AT_ONCE, mp_context=context)


@pytest.fixture(scope="module")
def report(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Any], Any]]:
    """``report(case)``; those of the cases that are wanted are being made in the order of the tests."""
    wanted = [
        item.callspec.params["case"]
        for item in request.session.items
        if hasattr(item, "callspec") and item.path == request.path
    ]
    with pytest.MonkeyPatch.context() as patch, processes() as pool:
        patch.syspath_prepend(str(HERE))  # the processes inherit it, and find the program there
        certified = importlib.import_module("gallery_program").main
        imports = tmp_path_factory.mktemp("imports")

        def begin(case: Any) -> Future[str]:
            return pool.submit(certified, _path(case.source), case.name, case.requires, imports)

        made = {case.name: begin(case) for case in wanted}

        def report(case: Any) -> Any:
            # Whoever asks again, because the test is run once more, gets another one.
            return json.loads((made.pop(case.name, None) or begin(case)).result())

        yield report
        pool.shutdown(cancel_futures=True)


def _path(source: type) -> str:
    return f"{source.__module__}:{source.__qualname__}"


@pytest.mark.timeout(300)
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.check}-{case.source.__name__}")
def test_a_broken_source_fails_exactly_the_check_of_its_defect(report: Any, case: Any) -> None:
    """One failure, under the name of the defect, with words that say what it is."""
    told = report(case)
    failures = {one["check"]: one["reason"] for one in told["checks"] if one["status"] == "failed"}
    assert list(failures) == [case.check], failures
    assert case.says in failures[case.check]
    assert told["passed"] is False


def test_every_check_has_a_broken_source() -> None:
    """A check without one has not been seen to fail; declarations have tests of their own."""
    checks = {name.removeprefix("test_") for name in dir(SourceContract) if name.startswith("test_")}
    assert checks - {case.check for case in CASES} == {"declarations"}
    assert {case.check for case in CASES} <= checks
