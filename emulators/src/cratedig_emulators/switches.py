"""The usual misfortunes of a whole service, each by one call."""

from __future__ import annotations

import json
from collections.abc import Iterable

from cratedig_emulators.faults import Fault
from cratedig_emulators.server import Service

_HOSTILE = {
    "response": 7,
    "docs": "x",
    "files": {"name": []},
    "metadata": [None],
    "items": {"a": -1},
    "data": True,
}


class Switches:
    """Misfortunes for a service's ``api`` and its ``files``, both given as patterns of paths.

    What is switched on lasts until :meth:`clear`; of two that are on, the later one happens.
    """

    def __init__(self, service: Service, *, api: Iterable[str], files: Iterable[str]) -> None:
        self._service = service
        self._api = tuple(api)
        self._files = tuple(files)

    def clear(self) -> None:
        """Behave again."""
        self._service.heal()

    def status(self, code: int, retry_after: float | None = None) -> None:
        """Answer every request with ``code``."""
        after = None if retry_after is None else f"{retry_after:g}"
        self._plant((*self._api, *self._files), Fault(status=code, retry_after=after))

    def html(self) -> None:
        """Answer the API's requests with a page and status 200."""
        self._plant(self._api, Fault(html=True))

    def malformed_json(self) -> None:
        """Answer with JSON that ends in the middle."""
        self._plant(self._api, Fault(body=b'{"response": {"docs": [{"id', content_type="application/json"))

    def hostile_json(self) -> None:
        """Answer with JSON of another shape."""
        self._plant(self._api, Fault(body=json.dumps(_HOSTILE).encode(), content_type="application/json"))

    def truncate(self) -> None:
        """End the bodies of files half-way."""
        self._plant(self._files, Fault(truncate_at=0.5))

    def stall(self) -> None:
        """Stop half-way in the bodies of files, and keep the connection."""
        self._plant(self._files, Fault(stall_at=0.5))

    def slow(self) -> None:
        """Send the bodies of files at 4 KiB a second."""
        self._plant(self._files, Fault(drip=(1024, 0.25)))

    def active(self) -> int:
        """Return how many requests are under way now."""
        return self._service.log.active

    def _plant(self, globs: Iterable[str], fault: Fault) -> None:
        for glob in globs:
            self._service.fault(glob, fault)
