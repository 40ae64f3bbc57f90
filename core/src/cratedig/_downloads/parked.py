"""Downloads that another program carries out. One stream of news for each source drives them all.

A parked record holds no worker, task or thread: it is an entry in a dictionary until news about it comes.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from functools import partial
from typing import TYPE_CHECKING

from cratedig._contract import OpenTransfer, TransferUpdate
from cratedig._downloads.staged import staging_of, tidying
from cratedig._downloads.taking import take_in
from cratedig._errors import CratedigError, SourceError, Unavailable, UnexpectedResponse
from cratedig._lanes.guard import as_source_error
from cratedig._model import DownloadState

if TYPE_CHECKING:
    from cratedig._downloads.delivering import Delivering
    from cratedig._downloads.outcomes import Outcomes
    from cratedig._downloads.record import Record
    from cratedig._downloads.run import Run
    from cratedig._engine.source import Source

log = logging.getLogger("cratedig.downloads")

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0

WAITING = "waiting for the other program"
TAKING_OVER = "taking the file over"

Transfer = tuple["Record", "Run"]
Arrival = tuple["Record", "Run", "TransferUpdate"]


class Parked:
    """The transfers under way at other programs, by source and transfer id. Used on the lanes' loops."""

    def __init__(self, outcomes: Outcomes, delivering: Delivering) -> None:
        self._outcomes = outcomes
        self._delivering = delivering
        self._transfers: dict[str, dict[str, Transfer]] = {}
        self._arrived: dict[str, deque[Arrival]] = {}
        self._watchers: dict[str, asyncio.Task[None]] = {}
        self._movers: dict[str, asyncio.Task[None]] = {}

    def park(self, record: Record, run: Run, source: Source, transfer_id: str) -> None:
        """Follow a transfer from now on."""
        run.phase = WAITING
        self._transfers.setdefault(source.name, {})[transfer_id] = (record, run)
        self.watch(source)

    def watch(self, source: Source) -> None:
        """Have somebody read the source's news on this loop; one that was on another loop is dismissed."""
        loop = asyncio.get_running_loop()
        watcher = self._watchers.get(source.name)
        if watcher is None or watcher.done() or watcher.get_loop() is not loop:
            self._watchers[source.name] = loop.create_task(self._watch(source))

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
        while self._drop_ended(source.name) and self._on_duty(source):
            try:
                async for update in source.updates():
                    pause = FIRST_PAUSE
                    source.answered()
                    self._apply(source, update)
                    if not (self._on_duty(source) and self._transfers.get(source.name)):
                        return
            except asyncio.CancelledError:
                raise
            except BaseException as error:  # noqa: BLE001 - the stream is foreign code; it must not end the lane
                self._broke_off(source, as_source_error(error, source.name))
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _on_duty(self, source: Source) -> bool:
        return self._watchers.get(source.name) is asyncio.current_task()

    def _broke_off(self, source: Source, problem: SourceError) -> None:
        """Let every record say what it waits for; that is no news that would prolong its wait."""
        source.failed(problem)
        log.warning("news of transfers broke off: %s", problem)
        for _, run in self._transfers.get(source.name, {}).values():
            run.meter.detail = f"no news from {source.name}: {problem.message}"

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
        if update.state is DownloadState.COMPLETED:
            run.phase = TAKING_OVER
            self._arrived.setdefault(source.name, deque()).append((record, run, update))
            self._move(source)
            return
        reason = update.error or Unavailable(update.detail or f"the other program says {update.state}")
        self._failed(source, record, run, as_source_error(reason, source.name, run.candidate.target_id))

    def _move(self, source: Source) -> None:
        """Have somebody take over what has arrived: one at a time, however many have."""
        loop = asyncio.get_running_loop()
        mover = self._movers.get(source.name)
        if mover is None or mover.done() or mover.get_loop() is not loop:
            self._movers[source.name] = loop.create_task(self._take_all(source))

    async def _take_all(self, source: Source) -> None:
        arrived = self._arrived[source.name]
        while arrived:
            await self._take_over(source, *arrived.popleft())

    async def _take_over(self, source: Source, record: Record, run: Run, update: TransferUpdate) -> None:
        """Bring the other program's files into staging, then treat them like any others."""
        bring = partial(_bring, self._delivering, record, run, update, source)
        try:
            await asyncio.get_running_loop().run_in_executor(source.lane.pool, bring)
        except SourceError as error:
            error.source, error.target = error.source or source.name, error.target or run.candidate.target_id
            self._failed(source, record, run, error)
        except OSError as error:
            problem = Unavailable(
                f"its files cannot be taken over: {error.strerror or error}", source=source.name
            )
            # The other program still has them: the next attempt only takes them over.
            self._outcomes.failed(record, run, problem, source)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            log.exception("%s: an error of the engine", record.id)
            self._outcomes.ended(record, run, CratedigError(f"an error of the engine: {error!r}"))

    def _failed(self, source: Source, record: Record, run: Run, error: SourceError) -> None:
        """Give the transfer up: the next attempt starts another, and the other program forgets this one."""
        tidy = tidying(record, source)
        if record.holds(run):
            record.transfer_id = ""
        self._outcomes.failed(record, run, error, source)
        if tidy is not None:
            tidy()


def _bring(delivering: Delivering, record: Record, run: Run, update: TransferUpdate, source: Source) -> None:
    if not record.holds(run):
        return
    staging = staging_of(record)
    staging.create()
    delivery, drop_originals = take_in(update, staging)
    tidy = tidying(record, source)
    delivering.finish(record, run, delivery, staging, lambda: (drop_originals(), tidy and tidy()))


def _note(run: Run, update: TransferUpdate) -> None:
    meter = run.meter
    if update.transferred is not None:
        meter.transferred = update.transferred
    if update.size is not None:
        meter.size = update.size
    if update.detail:
        meter.detail = update.detail
