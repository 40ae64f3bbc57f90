"""Records that end with the process: the journal that costs nothing."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Any
from uuid import uuid4

from attrs import evolve

from cratedig._journal.archive import agrees, entries
from cratedig._journal.port import WRITTEN, Action, Archived, Row, Saveable
from cratedig._model import DownloadState

_COMPLETED = DownloadState.COMPLETED


def _tell(on_request: Callable[[str, Action], None], download_id: str, action: Action) -> None:
    # An engine that does not know its own record has forgotten it: there is nobody else to ask.
    with contextlib.suppress(LookupError):
        on_request(download_id, action)


class MemoryJournal:
    """A journal for one engine and one process; ``save`` takes well under a microsecond.

    Closed and started again, it hands the records that were not terminal to whoever adopts them.
    """

    def __init__(self) -> None:
        self.owner = uuid4().hex
        self._records: dict[str, Saveable] = {}
        self._orphans: dict[str, Saveable] = {}
        self._completed: list[Saveable] = []
        self._archive: dict[tuple[str, str], Archived] = {}
        self._values: dict[str, tuple[str, float | None]] = {}
        self._on_request: Callable[[str, Action], None] | None = None
        self._lock = threading.Lock()

    def start(self, on_request: Callable[[str, Action], None] | None = None) -> None:
        """Take a new owner's name."""
        self.owner = uuid4().hex
        self._on_request = on_request

    def close(self) -> None:
        """Give up every record; they stay readable."""
        self._on_request = None
        self._orphans = {key: it for key, it in self._records.items() if not it.state.terminal}

    def save(self, record: Saveable) -> Future[None]:
        """Keep the record itself; what it is worth is asked when somebody reads."""
        self._records[record.id] = record
        if record.state is _COMPLETED:
            self._completed.append(record)
        return WRITTEN

    def note_progress(self, download_id: str, transferred: int, size: int | None) -> None:
        """Nothing to do: the record that was saved is alive and knows its progress."""

    def delete(self, download_ids: Iterable[str]) -> Future[None]:
        """Forget records."""
        # What is forgotten must not live on in the list of those that the archive has not looked at.
        self._settle_archive()
        for download_id in download_ids:
            self._records.pop(download_id, None)
            self._orphans.pop(download_id, None)
        return WRITTEN

    def rows(self) -> list[Row]:
        """Every record, oldest first."""
        return [self._as_row(record) for record in list(self._records.values())]

    def row(self, download_id: str) -> Row | None:
        """One record."""
        record = self._records.get(download_id)
        return None if record is None else self._as_row(record)

    def adopt(self, download_ids: Iterable[str] | None = None) -> list[Row]:
        """What an earlier engine left behind in this object, and terminal records that are asked for."""
        with self._lock:
            asked = list(self._orphans if download_ids is None else download_ids)
            taken = [record for key in asked if (record := self._take(key)) is not None]
        return [self._as_row(record) for record in taken]

    def is_owned_elsewhere(self, download_id: str) -> bool:  # noqa: ARG002 - the port's shape
        """Never: there is no elsewhere."""
        return False

    def ask(self, download_id: str, action: Action) -> Future[None]:
        """Tell this engine, on a thread of its own like every journal does."""
        if self._on_request is not None and download_id in self._records:
            call = (self._on_request, download_id, action)
            threading.Thread(target=_tell, args=call, name="cratedig-journal-request", daemon=True).start()
        return WRITTEN

    def archived(self, source: str, target_id: str) -> Archived | None:
        """What was published for this target, if its files are still as they were."""
        self._settle_archive()
        found = self._archive.get((source, target_id))
        return found if found is not None and agrees(found) else None

    def put(self, key: str, value: Any, *, expires_at: float | None = None) -> Future[None]:
        """Keep a JSON value."""
        if value is None:
            self._values.pop(key, None)
        else:
            self._values[key] = (json.dumps(value), expires_at)
        return WRITTEN

    def get(self, key: str) -> Any:
        """The value, or ``None``."""
        text, expires_at = self._values.get(key, ("null", None))
        return None if expires_at is not None and expires_at <= time.time() else json.loads(text)

    def keys(self, prefix: str) -> list[str]:
        """The keys of unexpired values that start with ``prefix``, sorted."""
        return sorted(
            key for key in list(self._values) if key.startswith(prefix) and self.get(key) is not None
        )

    def _as_row(self, record: Saveable) -> Row:
        row = record.row()
        held = not row.download.state.terminal and record.id not in self._orphans
        return evolve(row, owner=self.owner if held else None)

    def _take(self, download_id: str) -> Saveable | None:
        orphan = self._orphans.pop(download_id, None)
        record = self._records.get(download_id)
        return orphan or (record if record is not None and record.state.terminal else None)

    def _settle_archive(self) -> None:
        # Snapshots of completed records are taken here and not in save, which is on the hot path.
        with self._lock:
            completed, self._completed = self._completed, []
            for record in completed:
                self._archive |= {(found.source, found.target_id): found for found in entries(record.row())}
