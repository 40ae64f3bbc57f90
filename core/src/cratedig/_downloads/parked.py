"""Downloads that another program carries out. One stream of news for each source drives them all.

A parked record holds no worker, task or thread: it is an entry in a dictionary until news about it comes.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from cratedig._contract import Delivery, OpenTransfer, TransferUpdate
from cratedig._errors import SourceError, Unavailable, UnexpectedResponse
from cratedig._lanes.guard import as_source_error
from cratedig._model import DownloadState

if TYPE_CHECKING:
    from cratedig._downloads.delivering import Delivering
    from cratedig._downloads.outcomes import Outcomes
    from cratedig._downloads.record import Record
    from cratedig._downloads.run import Run
    from cratedig._engine.source import Source
    from cratedig._transfer.staging import Staging

log = logging.getLogger("cratedig.downloads")

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0

Transfer = tuple["Record", "Run"]


class Parked:
    """The transfers under way at other programs, by source and transfer id. Used on the lanes' loops."""

    def __init__(self, outcomes: Outcomes, delivering: Delivering) -> None:
        self._outcomes = outcomes
        self._delivering = delivering
        self._transfers: dict[str, dict[str, Transfer]] = {}
        self._watchers: dict[str, asyncio.Task[None]] = {}

    def park(self, record: Record, run: Run, source: Source, transfer_id: str) -> None:
        """Follow a transfer from now on."""
        run.phase = "waiting for the other program"
        self._transfers.setdefault(source.name, {})[transfer_id] = (record, run)
        watcher = self._watchers.get(source.name)
        if watcher is None or watcher.done():
            self._watchers[source.name] = asyncio.get_running_loop().create_task(self._watch(source))

    def transfers(self, source: str) -> int:
        """How many are followed at one source."""
        return len(self._transfers.get(source, ()))

    def waited_for(self, source: str) -> tuple[OpenTransfer, ...]:
        """Those transfers, as the source itself gets to see them."""
        return tuple(
            OpenTransfer(
                transfer_id=transfer_id,
                target_id=run.candidate.target_id,
                download_id=record.id,
                since=run.started_at,
                promise=run.candidate.promise,
            )
            for transfer_id, (record, run) in list(self._transfers.get(source, {}).items())
            if record.holds(run)
        )

    async def _watch(self, source: Source) -> None:
        """Read the stream as long as there is something to follow; open it again when it breaks."""
        pause = FIRST_PAUSE
        while self._drop_ended(source.name):
            try:
                async for update in source.updates():
                    pause = FIRST_PAUSE
                    source.answered()
                    self._apply(source, update)
                    if not self._transfers.get(source.name):
                        return
            except asyncio.CancelledError:
                raise
            except BaseException as error:  # noqa: BLE001 - the stream is foreign code; it must not end the lane
                problem = as_source_error(error, source.name)
                source.failed(problem)
                log.warning("news of transfers broke off: %s", problem)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _drop_ended(self, source: str) -> bool:
        """Forget what was cancelled or given up meanwhile; whether anything is left."""
        transfers = self._transfers.get(source, {})
        for transfer_id, (record, run) in list(transfers.items()):
            if not record.holds(run):
                del transfers[transfer_id]
        return bool(transfers)

    def _apply(self, source: Source, update: object) -> None:
        if not isinstance(update, TransferUpdate):
            raise UnexpectedResponse(f"watch_raw yielded {type(update).__name__}, expected TransferUpdate")
        transfers = self._transfers.get(source.name, {})
        record, run = transfers.get(update.transfer_id, (None, None))
        if record is None or run is None:
            return
        if not record.holds(run):
            del transfers[update.transfer_id]
            return
        _note(run, update)
        if update.state.terminal:
            del transfers[update.transfer_id]
            self._ended(source, record, run, update)

    def _ended(self, source: Source, record: Record, run: Run, update: TransferUpdate) -> None:
        if update.state is DownloadState.COMPLETED and update.path is not None:
            job = self._take_over(source, record, run, update)
            task = asyncio.get_running_loop().create_task(job)
            task.add_done_callback(_log_error)
            return
        reason = update.error or Unavailable(update.detail or f"the other program says {update.state}")
        self._outcomes.failed(
            record, run, as_source_error(reason, source.name, run.candidate.target_id), source
        )

    async def _take_over(self, source: Source, record: Record, run: Run, update: TransferUpdate) -> None:
        """Bring the other program's file into staging, then treat it like any other."""
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(
                source.lane.pool, partial(_bring, self._delivering, record, run, update)
            )
        except SourceError as error:
            error.source, error.target = error.source or source.name, error.target or run.candidate.target_id
            self._outcomes.failed(record, run, error, source)
        except OSError as error:
            problem = Unavailable(
                f"its file cannot be taken over: {error.strerror or error}", source=source.name
            )
            self._outcomes.failed(record, run, problem, source)


def _bring(delivering: Delivering, record: Record, run: Run, update: TransferUpdate) -> None:
    from cratedig._downloads.performing import staging_of  # noqa: PLC0415 - performing parks records here

    if update.path is None:
        raise UnexpectedResponse("completed without a path")
    staging = staging_of(record)
    staging.create()
    run.phase = "taking the file over"
    inside = _taken_over(update.path, staging, keep=update.keep)
    delivering.finish(record, run, Delivery(path=inside, name=update.path.stem), staging)


def _taken_over(path: Path, staging: Staging, *, keep: bool) -> Path:
    """Move or copy what the other program has left, which may be on another file system."""
    inside = staging.path / path.name
    if keep:
        shutil.copyfile(path, inside)
    else:
        shutil.move(path, inside)
    return inside


def _note(run: Run, update: TransferUpdate) -> None:
    meter = run.meter
    if update.transferred is not None:
        meter.transferred = update.transferred
    if update.size is not None:
        meter.size = update.size
    if update.detail:
        meter.detail = update.detail


def _log_error(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.error("taking a file over failed", exc_info=error)
