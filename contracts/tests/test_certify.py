"""The report for programs, and declarations that have to stay true."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from cratedig_contracts import Deviation, Report, SourceContract, Status, certify

HERE = Path(__file__).parent
TOMORROW = date.today() + timedelta(days=1)  # noqa: DTZ011 - any zone's tomorrow will do


def deviation(check: str, expires: date = TOMORROW) -> Deviation:
    """Declare a check."""
    return Deviation(check=check, reason="the service has no such thing", link="issue 7", expires=expires)


@pytest.fixture
def certified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """``certified(class name, area, only=…, **attributes)`` is the report on a source of the gallery."""
    monkeypatch.syspath_prepend(str(HERE))
    monkeypatch.syspath_prepend(str(tmp_path))
    program = importlib.import_module("gallery_program")
    with importlib.import_module("gallery.service").Gallery() as service:

        def run(name: str, area: str, only: tuple[str, ...] = (), **attributes: Any) -> Report:
            program.install(tmp_path, name.lower(), f"gallery.{area}:{name}", ["cratedig"])
            given = {"name": name.lower(), "service": service, **attributes}
            return certify(type("Contract", (program.GalleryContract,), given), only=only)

        yield run


@pytest.fixture(autouse=True)
def nothing_stays() -> Iterator[None]:
    """Paths and modules are as they were."""
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.partition(".")[0] in {"gallery", "gallery_program"}:
            del sys.modules[name]


NOT_FOR_FILES = {
    "transfers_hand_over",
    "transfers_once",
    "transfers_picked_up",
    "transfers_unknown_end",
    "transfers_quiet",
    "transfers_tidy_safe",
    "diagnose_checks",
}
NOT_FOR_EVENTS = {"download_inside", "download_progress"}


@pytest.mark.parametrize(
    ("name", "area", "not_for_it"),
    [("Good", "good", NOT_FOR_FILES), ("Delegate", "delegate", NOT_FOR_EVENTS)],
    ids=["it brings the file", "another program does"],
)
def test_a_good_source_passes_every_check(
    certified: Any, capfd: pytest.CaptureFixture[str], name: str, area: str, not_for_it: set[str]
) -> None:
    """Nothing fails, nothing is printed, and nothing that could be looked at is skipped."""
    report = certified(name, area)
    assert {one.check: one.reason for one in report.failures} == {}
    assert {one.check for one in report.checks if one.status is not Status.PASSED} == not_for_it
    assert len(report.checks) >= 50
    assert all(one.fact.endswith(".") for one in report.checks)
    assert report.checks[0].check.startswith("identity")
    assert report.passed
    assert capfd.readouterr().out == ""


def test_the_report_is_json(certified: Any) -> None:
    """A program reads source, version, and the reason of a failure, from text."""
    report = certified("NothingIsAnError", "search", only=("search_nothing", "search_unicode"))
    told = json.loads(report.to_json())
    assert told["passed"] is False
    assert (told["source"], told["distribution"], told["version"]) == (
        "nothingisanerror",
        "gallery-nothingisanerror",
        "1.0",
    )
    assert [(one["check"], one["status"]) for one in told["checks"]] == [
        ("search_nothing", "failed"),
        ("search_unicode", "passed"),
    ]
    assert "nothing found" in told["checks"][0]["reason"]


def test_a_declared_check_is_no_failure(certified: Any) -> None:
    """It is reported as declared, with the author's reason."""
    report = certified(
        "NothingIsAnError",
        "search",
        only=("search_nothing", "declarations"),
        exceptions=(deviation("search_nothing"),),
    )
    assert report.passed
    assert report.checks[0].status is Status.DECLARED
    assert "no such thing (issue 7" in report.checks[0].reason


@pytest.mark.parametrize(
    ("exceptions", "check", "says"),
    [
        ((deviation("search_nothing"),), "search_nothing", "take the declaration of search_nothing out"),
        ((deviation("search_nothin"),), "declarations", "no such check: search_nothin"),
        ((deviation("search_nothing", date(2020, 1, 1)),), "declarations", "looked at again: search_nothing"),
        ((deviation("search_nothing"), deviation("search_nothing")), "declarations", "declared twice"),
    ],
    ids=["passing", "unknown", "past", "twice"],
)
def test_a_declaration_that_is_not_true_fails(
    certified: Any, exceptions: tuple[Deviation, ...], check: str, says: str
) -> None:
    """What an author states about the source has to be so."""
    report = certified("Good", "good", only=("search_nothing", "declarations"), exceptions=exceptions)
    assert says in {one.check: one.reason for one in report.failures}[check]


def test_a_source_that_is_not_installed_fails_one_check() -> None:
    """The entry point is missing; nothing else can be looked at."""

    class Nobody(SourceContract):
        name = "nobody_has_this_name"
        query = "x"

    report = certify(Nobody)
    assert [one.check for one in report.failures] == ["identity_entry_point"]
    assert {one.status for one in report.checks[1:-1]} == {Status.SKIPPED}


def test_a_contract_that_says_nothing_fails() -> None:
    """Name and query have to be given."""
    assert "set `name`" in certify(type("Empty", (SourceContract,), {})).failures[0].reason


@pytest.mark.parametrize("field", ["check", "reason", "link"])
def test_a_deviation_has_all_its_parts(field: str) -> None:
    """An empty reason is no reason."""
    parts = {"check": "search_nothing", "reason": "x", "link": "y", "expires": TOMORROW, field: ""}
    with pytest.raises(ValueError, match=field):
        Deviation(**parts)  # type: ignore[arg-type]


def test_the_door_has_what_it_declares() -> None:
    """Every public name can be imported, in any order, and none is a module by accident."""
    import cratedig_contracts  # noqa: PLC0415

    for name in cratedig_contracts.__all__:
        value = getattr(cratedig_contracts, name)
        assert callable(value), name
        assert value.__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        cratedig_contracts.nothing  # noqa: B018
