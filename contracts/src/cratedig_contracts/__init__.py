"""The conformance kit: what every source has to pass, wherever it was written.

Names are loaded when they are first used: pytest loads the kit's plugin in every run, whatever it tests.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cratedig_contracts.bench import Bench as Bench
    from cratedig_contracts.certification import CheckResult as CheckResult
    from cratedig_contracts.certification import Report as Report
    from cratedig_contracts.certification import Status as Status
    from cratedig_contracts.certification import certify as certify
    from cratedig_contracts.command import Person as Person
    from cratedig_contracts.contract import SourceContract as SourceContract
    from cratedig_contracts.declaration import Deviation as Deviation
    from cratedig_contracts.declaration import Expected as Expected
    from cratedig_contracts.demand import Violation as Violation
    from cratedig_contracts.faults import Faults as Faults
    from cratedig_contracts.hostile import hostile_json as hostile_json
    from cratedig_contracts.hostile import mutated as mutated
    from cratedig_contracts.person import Login as Login
    from cratedig_contracts.program import Program as Program
    from cratedig_contracts.secrecy import everything_logged as everything_logged
    from cratedig_contracts.secrecy import leaks as leaks
    from cratedig_contracts.secrecy import written as written

_HOME_OF = {
    "Bench": "bench",
    "CheckResult": "certification",
    "Deviation": "declaration",
    "Expected": "declaration",
    "Faults": "faults",
    "Login": "person",
    "Person": "command",
    "Program": "program",
    "Report": "certification",
    "SourceContract": "contract",
    "Status": "certification",
    "Violation": "demand",
    "certify": "certification",
    "everything_logged": "secrecy",
    "hostile_json": "hostile",
    "leaks": "secrecy",
    "mutated": "hostile",
    "written": "secrecy",
}

__all__ = sorted(_HOME_OF)  # noqa: PLE0605 - one list of names, not two


def __getattr__(name: str) -> Any:
    """Load a public name from where it lives."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'cratedig_contracts' has no attribute {name!r}")
    value = getattr(import_module(f"cratedig_contracts.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names."""
    return list(__all__)
