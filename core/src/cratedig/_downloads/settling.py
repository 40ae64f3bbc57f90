"""What another program has left behind, removed once the record is durable: by this process or by the next.

A note in the journal says what there is to remove. It is written before the files are published and goes when
everything is done, so a process that is killed in between leaves the rest to whoever opens the journal next.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, wait
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from cratedig._downloads import taking
from cratedig._errors import CratedigError
from cratedig._model import DownloadState
from cratedig._transfer.staging import Staging

if TYPE_CHECKING:
    from cratedig._downloads.record import Record
    from cratedig._downloads.run import Run
    from cratedig._journal.port import Journal
    from cratedig._runtime.source import Source
    from cratedig._runtime.sources import Sources

log = logging.getLogger("cratedig.downloads")

PREFIX = "settle:"

TRACKS = "tracks"
"""Where the ``extra`` of an album that is put together lists the downloads of its tracks."""


def _paths(paths: Any) -> tuple[Path, ...]:
    return tuple(map(Path, paths))


@frozen(kw_only=True)
class Leftover:
    """What goes once the files are here for good: ``originals``, ``folder`` if empty, and the transfer.

    The download's staging folder goes with them; that is all where no other program is at work.
    """

    source: str
    target_id: str
    transfer_id: str
    dest_dir: Path = field(converter=Path)
    originals: tuple[Path, ...] = field(default=(), converter=_paths)
    folder: Path | None = None

    @classmethod
    def of(
        cls,
        record: Record,
        run: Run,
        originals: taking.Originals = taking.Originals(),  # noqa: B008 - frozen
    ) -> Leftover:
        """That of an attempt; ``originals`` were taken in."""
        return cls(
            source=run.candidate.source,
            target_id=run.candidate.target_id,
            transfer_id=run.transfer_id,
            dest_dir=record.dest_dir,
            originals=originals.paths,
            folder=originals.folder,
        )


class Settling:
    """Writes the notes and carries them out."""

    def __init__(self, journal: Journal, sources: Sources) -> None:
        self._journal = journal
        self._sources = sources
        self._open: set[Future[None]] = set()
        self._lines: dict[str, deque[tuple[Callable[[], None], Future[None]]]] = {}
        self._busy: frozenset[str] = frozenset()
        self._lock = threading.Lock()

    def finish(self, patience: float) -> None:
        """Wait until everything that was begun is done, for at most ``patience`` seconds. Blocking."""
        wait(list(self._open), timeout=patience)

    def note(self, download_id: str, leftover: Leftover) -> None:
        """Write down what is to be removed, durably. Blocking."""
        kept = {
            "source": leftover.source,
            "target_id": leftover.target_id,
            "transfer_id": leftover.transfer_id,
            "dest_dir": str(leftover.dest_dir),
            "originals": [str(path) for path in leftover.originals],
            "folder": str(leftover.folder) if leftover.folder else None,
        }
        self._journal.put(PREFIX + download_id, kept).result()

    def noted(self, download_id: str) -> Leftover | None:
        """What an earlier process has written down, if anything that makes sense."""
        kept = self._journal.get(PREFIX + download_id)
        with contextlib.suppress(TypeError, ValueError):
            if kept is not None:
                folder = kept.pop("folder", None)
                return Leftover(**kept, folder=Path(folder) if folder else None)
        return None

    def forget(self, download_id: str) -> None:
        """Nothing is to be removed after all."""
        self._journal.put(PREFIX + download_id, None)

    def settle(self, download_id: str, leftover: Leftover) -> Future[None] | None:
        """Remove all of it; what is returned is done when the disk is clean."""
        try:
            source = self._sources.get(leftover.source)
        except CratedigError:
            _remove(download_id, leftover)
            self.forget(download_id)
            return None
        removed: Future[None] = Future()
        if not self._remove_in_line(source, partial(_remove, download_id, leftover), removed):
            return None
        settled: Future[None] = Future()
        self._open.add(settled)
        removed.add_done_callback(lambda _: self._tidy(source, download_id, leftover, settled))
        return removed

    def settle_all(self) -> None:
        """Carry out what earlier processes had no time for."""
        for key in self._journal.keys(PREFIX):
            download_id = key.removeprefix(PREFIX)
            row, leftover = self._journal.row(download_id), self.noted(download_id)
            if row is not None and not row.download.state.terminal:
                continue
            if row is None or row.download.state is not DownloadState.COMPLETED or leftover is None:
                self.forget(download_id)
            else:
                self._journal.delete(row.download.extra.get(TRACKS, ()))
                self.settle(download_id, leftover)

    def _remove_in_line(self, source: Source, remove: Callable[[], None], removed: Future[None]) -> bool:
        """One after the other in a thread of the lane: a network drive that hangs holds up nobody else."""
        line = self._lines.setdefault(source.name, deque())
        with self._lock:
            line.append((remove, removed))
            begin, self._busy = source.name not in self._busy, self._busy | {source.name}
        try:
            if begin:
                source.lane.pool.submit(self._remove_all, source.name)
        except RuntimeError:
            return False
        return True

    def _remove_all(self, source: str) -> None:
        line = self._lines[source]
        while True:
            with self._lock:
                if not line:
                    self._busy -= {source}
                    return
                remove, removed = line.popleft()
            with contextlib.suppress(OSError):
                remove()
            removed.set_result(None)

    def _tidy(self, source: Source, download_id: str, leftover: Leftover, settled: Future[None]) -> None:
        def end(_: Future[None]) -> None:
            self._open.discard(settled)
            settled.set_result(None)

        source.let_go(leftover.target_id, self._tidied(source, download_id, leftover)).add_done_callback(end)

    async def _tidied(self, source: Source, download_id: str, leftover: Leftover) -> None:
        if leftover.transfer_id:
            await source.tidy(leftover.target_id, leftover.transfer_id)
        self.forget(download_id)


def cleaning(
    settling: Settling, record: Record, staging: Staging, leftover: Leftover | None
) -> Callable[[], Future[None] | None]:
    """What is to be done once the record is durable."""
    return staging.remove if leftover is None else partial(settling.settle, record.id, leftover)


def _remove(download_id: str, leftover: Leftover) -> None:
    try:
        taking.drop(leftover.originals, leftover.folder)
    finally:
        Staging(leftover.dest_dir, download_id).remove()
