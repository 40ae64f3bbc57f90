"""The whole contract as one function call, with a report for programs."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterable
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from attrs import field, frozen

if TYPE_CHECKING:
    from cratedig_contracts.contract import SourceContract

QUIET = ("terminal", "cacheprovider", "faulthandler", "timeout", "xdist", "randomly", "pytest_cov")


class Status(StrEnum):
    """How a check came out."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    """It could not be looked at; the reason says what is missing."""
    DECLARED = "declared"
    """It fails, and the author has said so."""


@frozen(kw_only=True)
class CheckResult:
    """One check: the fact that it is about, how it came out and why; ``took`` is in seconds."""

    check: str
    fact: str
    status: Status
    reason: str = ""
    took: float = 0.0


@frozen(kw_only=True)
class Report:
    """How a source stands. ``version`` is that of its distribution, empty when that is not known."""

    source: str
    distribution: str = ""
    version: str = ""
    kit: str = field(factory=lambda: version("cratedig-contracts"))
    cratedig: str = field(factory=lambda: version("cratedig"))
    checks: tuple[CheckResult, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether there were checks, and none has failed."""
        return bool(self.checks) and not self.failures

    @property
    def failures(self) -> tuple[CheckResult, ...]:
        """The checks that have failed."""
        return tuple(check for check in self.checks if check.status is Status.FAILED)

    def to_json(self) -> str:
        """The report as JSON, with ``passed`` in it."""
        return json.dumps({"passed": self.passed, **attrs.asdict(self)}, indent=2, ensure_ascii=False)


def certify(contract: type[SourceContract], *, only: Iterable[str] = ()) -> Report:
    """Run every check of a contract (or the ones in ``only``) in this process and report.

    Nothing is printed. The fixtures of the contract's module folder (``conftest.py``) count; the host's own
    pytest settings do not. Not to be called from inside a running event loop.
    """
    from cratedig_contracts.checks.declarations import checks_of  # noqa: PLC0415 - the checks import a lot
    from cratedig_contracts.rig import look_again  # noqa: PLC0415 - it imports cratedig's engine

    look_again()
    recorder = _Recorder(contract, checks_of(contract), tuple(only))
    path = Path(inspect.getfile(contract)).resolve()
    arguments = [
        str(path),
        f"--rootdir={path.parent}",
        "-c",
        str(_empty_settings()),
        "--import-mode=importlib",
    ]
    quiet = [part for name in QUIET for part in ("-p", f"no:{name}")]
    pytest.main([*arguments, *quiet, "-o", f"python_classes={contract.__name__}"], plugins=[recorder])
    return Report(source=contract.name, checks=tuple(recorder.results), **_distribution(contract.name))


class _Given(pytest.Module):
    """A module with nothing but the contract in it, as the caller has it; its file is not imported again."""

    contract: type[Any]

    def _getobj(self) -> ModuleType:
        module = ModuleType(self.contract.__module__)
        setattr(module, self.contract.__name__, self.contract)
        return module


class _Recorder:
    """Collects the one contract and keeps what becomes of its checks."""

    def __init__(self, contract: type[Any], facts: dict[str, str], only: tuple[str, ...]) -> None:
        self.results: list[CheckResult] = []
        self._contract = contract
        self._facts = facts
        self._only = only

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makemodule(self, module_path: Path, parent: pytest.Collector) -> pytest.Module:
        """In place of importing the file."""
        module: _Given = _Given.from_parent(parent, path=module_path)
        module.contract = self._contract
        return module

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the checks that are wanted, in the kit's order."""
        order = list(self._facts)
        wanted = [item for item in items if not self._only or _check(item.name) in self._only]
        items[:] = sorted(wanted, key=lambda item: order.index(_check(item.name)))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the outcome of the call, and of what went wrong before or after it."""
        if report.when != "call" and report.passed:
            return
        check = _check(report.location[2].rpartition(".")[2])
        result = CheckResult(
            check=check,
            fact=self._facts.get(check, ""),
            status=_status(report),
            reason=_reason(report),
            took=round(report.duration, 3),
        )
        self.results = [one for one in self.results if one.check != check] + [result]


def _check(test: str) -> str:
    return test.partition("[")[0].removeprefix("test_")


def _status(report: pytest.TestReport) -> Status:
    if report.skipped:
        return Status.DECLARED if hasattr(report, "wasxfail") else Status.SKIPPED
    return Status.PASSED if report.passed else Status.FAILED


def _reason(report: pytest.TestReport) -> str:
    if hasattr(report, "wasxfail"):
        return str(report.wasxfail)
    if isinstance(report.longrepr, tuple):
        return str(report.longrepr[2]).removeprefix("Skipped: ")
    crash = getattr(report.longrepr, "reprcrash", None)
    text = getattr(crash, "message", None) or str(report.longrepr or "")
    return text.removeprefix("cratedig_contracts.demand.Violation: ")


def _distribution(name: str) -> dict[str, str]:
    from cratedig_contracts.rig import entry_points_of  # noqa: PLC0415 - it imports cratedig's engine

    found = next((point.dist for point in entry_points_of(name) if point.dist), None)
    return {"distribution": found.name, "version": found.version} if found else {}


def _empty_settings() -> Path:
    return Path(__file__).with_name("certification.ini")
