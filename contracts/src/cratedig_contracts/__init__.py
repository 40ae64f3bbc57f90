"""The conformance kit: what every source has to pass, wherever it was written."""

from cratedig_contracts.certify import CheckResult, Report, Status, certify
from cratedig_contracts.contract import SourceContract
from cratedig_contracts.declaration import Deviation, Expected
from cratedig_contracts.demand import Violation
from cratedig_contracts.faults import Faults

__all__ = [
    "CheckResult",
    "Deviation",
    "Expected",
    "Faults",
    "Report",
    "SourceContract",
    "Status",
    "Violation",
    "certify",
]
