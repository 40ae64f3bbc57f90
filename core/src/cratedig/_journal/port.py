"""The journal port: where records live, so that they can outlive the process.

A journal is called from any thread. Whatever ``save`` is given is durable when its future is done; the
engine tells nobody of a state before that. Progress may be lost in a crash and is coalesced.

Records belong to one *owner*, a running engine. What belongs to an owner that is no longer alive, and is
not terminal, is orphaned: ``adopt`` takes it over. From then on the former owner's saves of that record
are refused, so a process that wakes up late changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from attrs import frozen

from cratedig._model import Download, DownloadState, FileResult, Plan


@frozen(kw_only=True)
class Row:
    """All that is kept of one record. ``owner`` is ``None`` when no engine works on it."""

    download: Download
    plan: Plan
    owner: str | None = None


class Saveable(Protocol):
    """A live record. ``row`` is asked for at once, on the caller's thread, by journals that store it.

    A journal in memory keeps the object itself and asks for ``row`` when somebody reads; ``row`` must then
    be callable from any thread.
    """

    @property
    def id(self) -> str:
        """The download's id."""
        ...

    @property
    def state(self) -> DownloadState:
        """Where it stands, without the cost of a snapshot."""
        ...

    def row(self) -> Row:
        """The record as it is now."""
        ...


class Action(StrEnum):
    """What another process may ask the owner of a record to do."""

    CANCEL = "cancel"
    REMOVE = "remove"
    """Cancel it and forget the record."""


@frozen(kw_only=True)
class Archived:
    """What was verified and published for this target earlier.

    ``path`` is the file, or an album's folder; ``files`` are all of its files and ``size`` their bytes
    together. ``at`` is seconds since the epoch.
    """

    source: str
    target_id: str
    path: Path
    size: int
    download_id: str
    at: float
    files: tuple[FileResult, ...] = ()


def _written() -> Future[None]:
    future: Future[None] = Future()
    future.set_result(None)
    return future


WRITTEN = _written()
"""What ``save`` returns where it is done at once; known by identity, which costs less than asking it."""


class Journal(Protocol):
    """What the engine needs of a store of records. Every method may be called from any thread."""

    owner: str
    """This process's name in the journal, unique for each time it is opened."""

    def start(self, on_request: Callable[[str, Action], None] | None = None) -> None:
        """Open the store.

        ``on_request(download_id, action)`` is called, on a thread of the journal's own, for what other
        processes ask of records that this owner holds. One that raises ``LookupError`` does not know the
        record yet and is asked again a little later.

        :raises JournalError: the store cannot be opened; it is left as it was.
        """
        ...

    def close(self) -> None:
        """Write what is under way, give up ownership of everything, close."""
        ...

    def save(self, record: Saveable) -> Future[None]:
        """Keep the record as it is now; a Completed one enters the archive in the same transaction.

        The future cannot be cancelled. It fails with :class:`~cratedig.JournalError` when the store could
        not be written, or when the record has another owner by now.
        """
        ...

    def note_progress(self, download_id: str, transferred: int, size: int | None) -> None:
        """Remember how far it is, cheaply and not durably."""
        ...

    def delete(self, download_ids: Iterable[str]) -> Future[None]:
        """Forget records, except those that another living process works on. The archive keeps its own."""
        ...

    def rows(self) -> list[Row]:
        """Every record, oldest first, whoever owns it."""
        ...

    def row(self, download_id: str) -> Row | None:
        """One record."""
        ...

    def adopt(self, download_ids: Iterable[str] | None = None) -> list[Row]:
        """Become the owner of every orphaned record that is not terminal, and return them.

        With ``download_ids``: of those among them that no living process works on, terminal ones included
        (to retry them). Of two processes that adopt at once only one gets a record.
        """
        ...

    def is_owned_elsewhere(self, download_id: str) -> bool:
        """Whether a living process other than this one works on the record."""
        ...

    def ask(self, download_id: str, action: Action) -> Future[None]:
        """Leave a request for the record's owner."""
        ...

    def archived(self, source: str, target_id: str) -> Archived | None:
        """The file that was published from this target, if its archive row and the file still agree."""
        ...

    def put(self, key: str, value: Any, *, expires_at: float | None = None) -> Future[None]:
        """Keep a small JSON value (a breaker's state, a blocked candidate); ``None`` removes it."""
        ...

    def get(self, key: str) -> Any:
        """The value, or ``None`` when there is none or it has expired."""
        ...

    def keys(self, prefix: str) -> list[str]:
        """The keys of unexpired values that start with ``prefix``."""
        ...
