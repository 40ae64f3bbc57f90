"""Which source breaks which check."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import field, frozen


@frozen(kw_only=True)
class Case:
    """A broken source, the check that finds it, a word of what the check says, and how it is installed."""

    check: str
    source: type
    says: str
    requires: tuple[str, ...] = ("cratedig",)
    contract: dict[str, Any] = field(factory=dict)

    @property
    def name(self) -> str:
        """Its entry point's name."""
        return self.source.__name__.lower()


CASES: list[Case] = []


def breaks(check: str, says: str, **more: Any) -> Callable[[type], type]:
    """Put a source into the gallery."""

    def put(source: type) -> type:
        CASES.append(Case(check=check, source=source, says=says, **more))
        return source

    return put
