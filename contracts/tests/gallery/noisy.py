"""A source that says hello when it is imported."""

from __future__ import annotations

from .good import Good
from .registry import breaks

print("welcome to the noisy source")  # noqa: T201 - the defect


@breaks("identity_silent_import", "welcome")
class SaysHello(Good):
    pass
