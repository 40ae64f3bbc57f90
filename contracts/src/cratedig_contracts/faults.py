"""How the kit makes a service misbehave: an author's adapter of an emulator, with what it can do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from cratedig_contracts.demand import leave


class Faults(Protocol):
    """What an adapter may have. Each is optional; a check that needs a missing one is skipped and says so.

    A fault lasts until ``clear``. ``status``, ``html``, ``malformed_json`` and ``hostile_json`` are about
    every answer of the service's API, ``status`` about its files as well; ``truncate``, ``stall`` and
    ``slow`` are about the bodies of files only, from the first half of the body on.
    """

    def clear(self) -> None:
        """Behave again."""

    def status(self, code: int, retry_after: float | None = None) -> None:
        """Answer every request with ``code``, and with Retry-After in seconds where it is given."""

    def html(self) -> None:
        """Answer with a page and status 200, as a service in maintenance does."""

    def malformed_json(self) -> None:
        """Answer with JSON that ends in the middle."""

    def hostile_json(self) -> None:
        """Answer with valid JSON of another shape: numbers for texts, lists for objects, nothing."""

    def expired_login(self) -> None:
        """Refuse the login, in the service's own way."""

    def truncate(self) -> None:
        """End bodies of files half-way by closing the connection, again and again."""

    def stall(self) -> None:
        """Stop half-way in bodies of files and keep the connection open."""

    def slow(self) -> None:
        """Send bodies of files so slowly that a download takes at least half a minute."""

    def active(self) -> int:
        """How many requests are under way now."""
        ...


def fault(adapter: object | None, name: str) -> Callable[..., Any]:
    """One of the adapter's faults; the check is skipped where it has none of that name."""
    found: Callable[..., Any] | None = getattr(adapter, name, None)
    if found is None:
        leave(f"the faults fixture has no {name}()" if adapter else f"no faults fixture: {name}() is needed")
    return found
