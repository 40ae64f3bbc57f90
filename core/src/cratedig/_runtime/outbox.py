"""What another program is owed: to be told of each transfer that is over, until it has heard it.

A note in the journal stands for each errand until it is done, so a program that is away at that moment, or an
engine that is killed, leaves it to be done later: by this engine after a pause, or by the next one.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from attrs import asdict, evolve, frozen

from cratedig._errors import (
    AuthenticationFailed,
    NotConfigured,
    RateLimited,
    SourceError,
    Unavailable,
)
from cratedig._plugins.calls import call

if TYPE_CHECKING:
    from cratedig._journal.port import Journal
    from cratedig._plugins.callers import Hooks
    from cratedig._runtime.lane import Lane

TELL_TIMEOUTS = {"cancel_raw": 5.0, "tidy_raw": 15.0}
END_TIMEOUT = 20.0

PREFIX = "owed:"
PAUSE = 0.5
LONGEST_PAUSE = 300.0
GIVEN_UP_AFTER = 7 * 86_400.0
NOT_HEARD = (Unavailable, RateLimited, AuthenticationFailed, NotConfigured)
"""After any other error the program has heard it, or the plugin will not get better at it."""

log = logging.getLogger("cratedig.sources")


@frozen(kw_only=True)
class Errand:
    """Call ``hook`` for a transfer. Owed ``since`` (epoch seconds), tried again after ``pause`` seconds."""

    source: str
    hook: str
    target_id: str
    transfer_id: str
    since: float
    pause: float = PAUSE

    @property
    def key(self) -> str:
        """Its name in the journal."""
        return f"{PREFIX}{self.source}:{self.transfer_id or self.target_id}"


class Outbox:
    """The messages to one source's program, and the calls under way that end a transfer there.

    Everything async belongs to the lane's loop.
    """

    def __init__(self, lane: Lane, hooks: Hooks, journal: Journal) -> None:
        self._source = lane.name
        self._lane = lane
        self._hooks = hooks
        self._journal = journal
        self._waiting: dict[str, tuple[Errand, asyncio.TimerHandle]] = {}
        self._ending: set[tuple[str, Future[None]]] = set()

    def end(self, target_id: str, work: Coroutine[Any, Any, None]) -> Future[None]:
        """Run what ends a transfer of a target, in the lane; closing the engine waits for it."""
        known = target_id, self._lane.see_through(work)
        self._ending.add(known)
        known[1].add_done_callback(lambda _: self._ending.discard(known))
        return known[1]

    async def ended(self, target_id: str) -> None:
        """Wait until what ends the target's earlier transfers is done; not for ever."""
        waiting = {asyncio.wrap_future(one) for target, one in list(self._ending) if target == target_id}
        if waiting:
            await asyncio.wait(waiting, timeout=END_TIMEOUT)

    async def send(self, errand: Errand) -> None:
        """Tell the program, now and, where it has not heard it, again."""
        if not await self._heard(errand):
            self._put_off(errand)

    async def settle(self, target_id: str) -> None:
        """Send at once what is owed of a target that is asked for again; what fails now is let be.

        The program may take the new transfer for the old one, and would be told to end that later.
        """
        noted = {errand.key: errand for errand in owed(self._journal, f"{PREFIX}{self._source}:")}
        waiting = {key: errand for key, (errand, _) in self._waiting.items()}
        for errand in (noted | waiting).values():
            if errand.target_id == target_id:
                self._drop_timer(errand)
                await self._heard(errand)
                self._journal.put(errand.key, None)

    async def tell(self, errand: Errand) -> None:
        """Tell the program once.

        :raises SourceError: whatever went wrong.
        """
        ask = self._hooks.of(self._source, errand.hook)
        await call(
            lambda: ask(target_id=errand.target_id, transfer_id=errand.transfer_id),
            self._source,
            target=errand.target_id,
            timeout=TELL_TIMEOUTS[errand.hook],
        )

    async def _heard(self, errand: Errand) -> bool:
        """Do it once; what goes wrong in it is logged."""
        self._journal.put(errand.key, asdict(errand), expires_at=errand.since + GIVEN_UP_AFTER)
        try:
            await self.tell(errand)
        except NOT_HEARD as error:
            # Programs that end a transfer in their own time say so at first: that is worth no warning yet.
            level = logging.INFO if errand.pause == PAUSE else logging.WARNING
            log.log(level, "%s is still to be told of a transfer's end: %s", errand.source, error)
            return False
        except SourceError as error:
            log.warning("%s at the source failed: %s", errand.hook, error)
        self._journal.put(errand.key, None)
        return True

    def _put_off(self, errand: Errand) -> None:
        if time.time() > errand.since + GIVEN_UP_AFTER:
            log.error("%s was never told of the end of %s", errand.source, errand.transfer_id)
            return
        loop = asyncio.get_running_loop()
        self._waiting[errand.key] = errand, loop.call_later(errand.pause, self._again, errand)

    def _again(self, errand: Errand) -> None:
        self._waiting.pop(errand.key, None)
        longer = evolve(errand, pause=min(2 * errand.pause, LONGEST_PAUSE))
        self.end(errand.target_id, self.send(longer))

    def _drop_timer(self, errand: Errand) -> None:
        known = self._waiting.pop(errand.key, None)
        if known is not None:
            known[1].cancel()


def owed(journal: Journal, prefix: str = PREFIX) -> Iterator[Errand]:
    """The errands that are noted in the journal; a note that nobody can read is removed."""
    for key in journal.keys(prefix):
        try:
            yield Errand(**journal.get(key))
        except TypeError:
            journal.put(key, None)
