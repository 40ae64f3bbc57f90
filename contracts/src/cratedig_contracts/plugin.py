"""The pytest plugin: a check that was declared is not a failure, a declaration that is not true is one."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from cratedig_contracts.declaration import Deviation


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Hold the outcome of a check against what its contract declares."""
    report = yield
    declared = _declared(item)
    if declared is None or call.when != "call" or report.skipped:
        return report
    if report.failed:
        report.outcome = "skipped"
        report.wasxfail = f"declared: {declared}"
    else:
        report.outcome = "failed"
        report.longrepr = (
            f"declared ({declared}), but it passes: take the declaration of {declared.check} out"
        )
    return report


def _declared(item: pytest.Item) -> Deviation | None:
    deviations = getattr(getattr(item, "cls", None), "exceptions", ())
    name = getattr(item, "originalname", item.name)
    return next((one for one in deviations if f"test_{one.check}" == name), None)
