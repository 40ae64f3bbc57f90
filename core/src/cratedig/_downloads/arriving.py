"""Transfers that have ended at the other program: their files are taken over, or they are given up."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from functools import partial
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from cratedig._downloads.settling import Leftover
from cratedig._downloads.staged import staging_of
from cratedig._downloads.taking import take_in
from cratedig._errors import CratedigError, SourceError, Unavailable
from cratedig._plugins import OpenTransfer

if TYPE_CHECKING:
    from cratedig._downloads.delivering import Delivering
    from cratedig._downloads.outcomes import Outcomes
    from cratedig._downloads.record import Record
    from cratedig._downloads.run import Run
    from cratedig._plugins import TransferUpdate
    from cratedig._runtime.source import Source

log = logging.getLogger("cratedig.downloads")

IN_LINE = "waiting to be taken over"
TAKING_OVER = "taking the file over"

LOOK_AGAIN = 1.0
"""Seconds after which it is seen that a take-over was given up, and the next one begins."""


@frozen(kw_only=True)
class Follower:
    """A record that waits for a transfer, in one of its attempts."""

    record: Record
    run: Run

    @property
    def wanted(self) -> bool:
        """Whether the record still waits for it."""
        return self.record.holds(self.run)

    def as_seen(self) -> OpenTransfer:
        """Return the transfer as its source gets to see it."""
        return OpenTransfer(
            transfer_id=self.run.transfer_id,
            target_id=self.run.candidate.target_id,
            download_id=self.record.id,
            since=self.run.started_at,
            promise=self.run.candidate.promise,
        )


@frozen(kw_only=True)
class Arrival(Follower):
    """The end of a transfer for one of its followers; ``last`` is the one who leaves nothing behind."""

    update: TransferUpdate
    last: bool = True


class Arriving:
    """Takes over one arrival of a source at a time, however many there are. Used on the lanes' loops."""

    def __init__(self, outcomes: Outcomes, delivering: Delivering) -> None:
        self._outcomes = outcomes
        self._delivering = delivering
        self._lines: dict[str, deque[Arrival]] = {}
        self._movers: dict[str, asyncio.Task[None]] = {}

    def put(self, source: Source, arrival: Arrival) -> None:
        """Take a completed transfer over when its turn comes."""
        arrival.run.phase = IN_LINE
        self._lines.setdefault(source.name, deque()).append(arrival)
        self.move(source)

    def move(self, source: Source) -> None:
        """Have somebody on this loop take over what has arrived."""
        if not self._lines.get(source.name):
            return
        loop = asyncio.get_running_loop()
        mover = self._movers.get(source.name)
        if mover is None or mover.done() or mover.get_loop() is not loop:
            self._movers[source.name] = loop.create_task(self._take_all(source))

    def failed(self, source: Source, arrival: Arrival, error: SourceError) -> None:
        """Give the transfer up: the next attempt starts another, and the other program forgets this one."""
        record, run = arrival.record, arrival.run
        if not arrival.wanted:
            # It was cancelled meanwhile, and the source was told so.
            return
        error.source = error.source or source.name
        error.target = error.target or run.candidate.target_id
        record.transfer_id = ""
        if arrival.last:
            self._tidy(source, run)
        self._outcomes.failed(record, run, error, source)

    async def _take_all(self, source: Source) -> None:
        line = self._lines[source.name]
        while line:
            await self._take_over(source, line.popleft())

    async def _take_over(self, source: Source, arrival: Arrival) -> None:
        """Bring the other program's files into staging, then treat them like any others."""
        record, run = arrival.record, arrival.run
        if not arrival.wanted:
            return
        run.phase = TAKING_OVER
        try:
            await self._brought(source, arrival)
        except SourceError as error:
            self.failed(source, arrival, error)
        except OSError as error:
            self._in_the_way(source, arrival, error)
        except Exception as error:
            if source.lane.closing:
                # The engine ends; the next one finds the transfer complete and takes it over.
                return
            log.exception("%s: an error of the engine", record.id)
            self._outcomes.ended(record, run, CratedigError(f"an error of the engine: {error!r}"))

    async def _brought(self, source: Source, arrival: Arrival) -> None:
        """Done when the record is; a disk that hangs is left to itself once the record was given up."""
        work = source.lane.pool.submit(partial(_bring, self._delivering, arrival))
        waiting = asyncio.wrap_future(work)
        try:
            while not (await asyncio.wait({waiting}, timeout=LOOK_AGAIN))[0]:
                if not arrival.wanted:
                    waiting.add_done_callback(_unheard)
                    return
        except asyncio.CancelledError:
            waiting.cancel()
            raise
        waiting.result()

    def _in_the_way(self, source: Source, arrival: Arrival, error: OSError) -> None:
        """The other program still has the files: the next attempt, or a retry, only takes them over."""
        record, run = arrival.record, arrival.run
        if not arrival.wanted:
            return
        problem = Unavailable(
            f"its files cannot be taken over: {error.strerror or error}",
            source=source.name,
            target=run.candidate.target_id,
            hint="the other program still has them; see to the disk, then retry",
        )
        self._outcomes.failed(record, run, problem, None)
        if not record.transfer_id and arrival.last:
            self._tidy(source, run)

    def _tidy(self, source: Source, run: Run) -> None:
        target_id = run.candidate.target_id
        source.let_go(target_id, source.tidy(target_id, run.transfer_id))


def _bring(delivering: Delivering, arrival: Arrival) -> None:
    record, run, update = arrival.record, arrival.run, arrival.update
    if not arrival.wanted:
        return
    staging = staging_of(record)
    staging.create()
    delivery, originals = take_in(update if arrival.last else evolve(update, keep=True), staging)
    leftover = Leftover.of(record, run, originals) if arrival.last else None
    delivering.finish(record, run, delivery, staging, leftover)


def _unheard(waiting: asyncio.Future[None]) -> None:
    with contextlib.suppress(BaseException):
        waiting.exception()
