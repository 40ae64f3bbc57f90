"""The thread that hears what other processes ask of this owner's records."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Protocol

from cratedig._journal.port import Action
from cratedig._journal.sqlite.statements import unkey

PERIOD = 0.25
"""Seconds between two looks. A look at an unchanged file costs microseconds."""

_PATIENCE = 5.0
"""Seconds that close waits for a request that is being answered."""

_log = logging.getLogger("cratedig.journal")

Request = tuple[int, str, str]


class Desk(Protocol):
    """Where the requests come in."""

    def version(self) -> int:
        """A number that changes whenever the store has."""
        ...

    def requests(self) -> list[Request]:
        """What is asked of this owner now: number, download, action."""
        ...

    def answered(self, seq: int) -> None:
        """Take a request off the list, durably."""
        ...


class Watcher:
    """Calls ``on_request`` for every request, one after the other, until it is closed."""

    def __init__(self, desk: Desk, on_request: Callable[[str, Action], None]) -> None:
        self._desk = desk
        self._on_request = on_request
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="cratedig-journal-requests", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Hear no more; a request that is being answered is finished first."""
        self._stop.set()
        if threading.current_thread() is not self._thread:
            self._thread.join(_PATIENCE)

    def _run(self) -> None:
        seen = -1
        while not self._stop.wait(PERIOD):
            try:
                version = self._desk.version()
                if version != seen and self._answer_all():
                    seen = version
            except Exception:  # noqa: BLE001 - the next look may succeed, and the thread must be there for it
                _log.exception("could not read what other processes ask")

    def _answer_all(self) -> bool:
        """Whether nothing is left over."""
        left = [
            request for request in self._desk.requests() if self._stop.is_set() or not self._answer(*request)
        ]
        return not left

    def _answer(self, seq: int, download_id: str, action: str) -> bool:
        try:
            self._on_request(unkey(download_id), Action(action))
        except LookupError:
            # Adopted a moment ago, and not yet in the engine's hands.
            return False
        except Exception:  # noqa: BLE001 - a request that cannot be met must not be asked for ever
            _log.exception("the request to %s download %s failed", action, download_id)
        self._desk.answered(seq)
        return True
