"""Downloads that another program carries out. One stream of news for each source drives them all.

A parked record holds no worker, task or thread: it is an entry in a dictionary until news about it comes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from typing import TYPE_CHECKING

from cratedig._downloads.arriving import Arrival, Arriving, Follower
from cratedig._downloads.early import Early
from cratedig._downloads.ending import reason_of
from cratedig._errors import Unavailable, UnexpectedResponse
from cratedig._model import DownloadState
from cratedig._plugins import TransferUpdate
from cratedig._plugins.calls import GRACE, as_source_error

if TYPE_CHECKING:
    from cratedig._downloads.delivering import Delivering
    from cratedig._downloads.outcomes import Outcomes
    from cratedig._downloads.record import Record
    from cratedig._downloads.run import Run
    from cratedig._errors import SourceError
    from cratedig._runtime.source import Source

log = logging.getLogger("cratedig.downloads")

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0

WAITING = "waiting for the other program"

TURN = 64
"""Updates after which a stream that never waits lets the rest of its lane, and the other lanes, go on."""

_PAUSE = 1e-4


class Parked:
    """Follows the transfers under way at other programs. Used on the lanes' loops.

    Several records may follow one transfer: a program that has the job already gives it the same id.
    """

    def __init__(self, outcomes: Outcomes, delivering: Delivering) -> None:
        self._arriving = Arriving(outcomes, delivering)
        self._early = Early()
        self._watchers: dict[str, asyncio.Task[None]] = {}
        self._dismissed: dict[str, asyncio.Task[None]] = {}
        self._pauses: dict[str, float] = {}
        self._troubled: set[str] = set()

    def park(self, record: Record, run: Run, source: Source, transfer_id: str) -> None:
        """Follow a transfer from now on."""
        run.phase = WAITING
        run.transfer_id = transfer_id
        source.followers.setdefault(transfer_id, []).append(Follower(record=record, run=run))
        news = self._early.take(source.name, transfer_id, run.started_at)
        if news is not None:
            self._apply(source, news)
        self.watch(source)

    def leave(self, source: Source, run: Run) -> bool:
        """Follow a run no longer; whether others follow the same transfer, so that it has to go on."""
        others = [
            other for other in _wanted(source.followers.get(run.transfer_id, ())) if other.run is not run
        ]
        if others:
            source.followers[run.transfer_id] = others
            return True
        source.followers.pop(run.transfer_id, None)
        if not source.followers:
            self._dismiss(source.name)
        return False

    def watch(self, source: Source) -> None:
        """Have somebody read the source's news on this loop; one that was on another loop is dismissed."""
        loop = asyncio.get_running_loop()
        watcher = self._watchers.get(source.name)
        if watcher is None or watcher.done() or watcher.get_loop() is not loop:
            self._watchers[source.name] = loop.create_task(self._watch(source))
        self._arriving.move(source)

    async def _watch(self, source: Source) -> None:
        """Read the stream as long as there is something to follow; open it again when it breaks."""
        await self._end_of_dismissed(source.name)
        while _drop_ended(source) and self._on_duty(source):
            try:
                if not await self._read(source):
                    self._broke_off(source, Unavailable("it ended without telling anything"))
            except BaseException as error:
                # The stream is foreign code; nothing that comes out of it may end the lane.
                if _ended_by_engine(error):
                    raise
                problem = as_source_error(_harmless(error), source.name)
                source.failed(problem)
                self._broke_off(source, problem)
            if source.followers:
                await self._pause(source.name)

    async def _pause(self, source: str) -> None:
        """Before the stream is opened again: longer each time, until it tells something."""
        pause = self._pauses.get(source, FIRST_PAUSE)
        self._pauses[source] = min(pause * 2, LONGEST_PAUSE)
        await asyncio.sleep(pause)

    async def _read(self, source: Source) -> int:
        """Read one stream to its end, or until nothing is waited for; how many updates it has told."""
        count = 0
        stream = source.updates()
        try:
            async for update in stream:
                count += 1
                if not self._on_duty(source):
                    break
                self._heard(source, update)
                if not source.followers:
                    break
                if count % TURN == 0:
                    await asyncio.sleep(_PAUSE)
        finally:
            await _closed(stream, source.name)
        return count

    def _heard(self, source: Source, update: object) -> None:
        if not isinstance(update, TransferUpdate):
            raise UnexpectedResponse(f"watch_raw yielded {type(update).__name__}, expected TransferUpdate")
        source.answered()
        self._pauses.pop(source.name, None)
        if source.name in self._troubled:
            self._troubled.discard(source.name)
            _say(source, "")
        self._apply(source, update)

    def _on_duty(self, source: Source) -> bool:
        return self._watchers.get(source.name) is asyncio.current_task()

    def _dismiss(self, source: str) -> None:
        """Close the stream; one that hangs would otherwise ask for ever on behalf of nobody."""
        watcher = self._watchers.pop(source, None)
        if watcher is not None and watcher.get_loop() is asyncio.get_running_loop():
            watcher.cancel()
            self._dismissed[source] = watcher

    async def _end_of_dismissed(self, source: str) -> None:
        """Let the stream before this one close, so that there is only one at a time."""
        before = self._dismissed.pop(source, None)
        if before is not None and before.get_loop() is asyncio.get_running_loop():
            await asyncio.wait({before}, timeout=GRACE)

    def _broke_off(self, source: Source, problem: SourceError) -> None:
        """Let every record say what it waits for; that is no news that would prolong its wait."""
        log.warning("news of transfers broke off: %s", problem)
        self._troubled.add(source.name)
        _say(source, f"no news from {source.name}: {problem.message}")

    def _apply(self, source: Source, update: TransferUpdate) -> None:
        followers = source.followers.get(update.transfer_id)
        if followers is None:
            self._early.keep(source.name, update)
            return
        wanted = _wanted(followers)
        for follower in wanted:
            _note(follower.run, update)
        if update.state.terminal or not wanted:
            del source.followers[update.transfer_id]
        if update.state.terminal:
            self._ended(source, wanted, update)

    def _ended(self, source: Source, followers: list[Follower], update: TransferUpdate) -> None:
        for number, follower in enumerate(followers, 1):
            record, run = follower.record, follower.run
            arrival = Arrival(record=record, run=run, update=update, last=number == len(followers))
            if update.state is DownloadState.COMPLETED:
                self._arriving.put(source, arrival)
            else:
                self._arriving.failed(source, arrival, reason_of(update, source.name, run))


def _wanted(followers: Iterable[Follower]) -> list[Follower]:
    return [follower for follower in followers if follower.wanted]


def _drop_ended(source: Source) -> bool:
    """Forget what was cancelled or given up meanwhile; whether anything is left."""
    for transfer_id, followers in list(source.followers.items()):
        followers[:] = _wanted(followers)
        if not followers:
            del source.followers[transfer_id]
    return bool(source.followers)


def _say(source: Source, trouble: str) -> None:
    for followers in source.followers.values():
        for follower in followers:
            follower.run.trouble = trouble


def _note(run: Run, update: TransferUpdate) -> None:
    meter = run.meter
    if update.transferred is not None:
        meter.transferred = update.transferred
    if update.size is not None:
        meter.size = update.size
    if update.detail:
        meter.detail = update.detail


def _ended_by_engine(error: BaseException) -> bool:
    """Whether the engine has cancelled this task, and not the source its own stream."""
    task = asyncio.current_task()
    return isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling() > 0


def _harmless(error: BaseException) -> BaseException:
    cancelled = isinstance(error, asyncio.CancelledError)
    return Unavailable("the source cancelled its own stream of news") if cancelled else error


async def _closed(stream: AsyncIterator[TransferUpdate], source: str) -> None:
    close = getattr(stream, "aclose", None)
    if close is None:
        return
    try:
        # In this task: what the stream has opened must be closed where it was opened.
        async with asyncio.timeout(GRACE):
            await close()
    except Exception as error:  # noqa: BLE001 - foreign code that was to end, and has
        log.warning("%s: its stream of news did not close: %r", source, error)
