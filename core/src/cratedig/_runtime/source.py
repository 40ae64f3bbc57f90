"""One source at work: its hooks, called in its lane, with permits, deadlines and its breaker."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cratedig._errors import AuthenticationFailed, NotConfigured, SourceBug, SourceError, UnexpectedResponse
from cratedig._model import Wanted
from cratedig._plugins import (
    Check,
    Delivery,
    LoginStep,
    Pending,
    RateLimits,
    SourceInfo,
    Transfer,
    TransferUpdate,
)
from cratedig._plugins.callers import Hooks
from cratedig._plugins.calls import call, call_sync
from cratedig._plugins.entry import Entry
from cratedig._plugins.lending import Job, present_job
from cratedig._runtime import permits
from cratedig._runtime.breaker import Breaker
from cratedig._runtime.limiter import RateLimiter, searches_of
from cratedig._runtime.outbox import Errand, Outbox
from cratedig._runtime.permits import Permits

if TYPE_CHECKING:
    from cratedig._journal.port import Journal
    from cratedig._runtime.services import LaneServices

CHECK_TIMEOUT = 15.0
EXAMINE_TIMEOUT = 60.0
BEGIN_TIMEOUT = 5.0
BEAT = 0.02

log = logging.getLogger("cratedig.sources")


class Source:
    """Calls one source. Everything async here is to be awaited on the lane's loop."""

    def __init__(
        self,
        entry: Entry,
        info: SourceInfo,
        hooks: Hooks,
        limiter: RateLimiter,
        services: LaneServices,
        journal: Journal,
    ) -> None:
        self.name = entry.name
        self.entry = entry
        self.info = info
        self.lane = services.lane
        self.services = services
        self.login_refused = ""
        self._beginning: Counter[str] = Counter()
        self._outbox = Outbox(self.lane, hooks, journal)
        self._hooks = hooks
        self._limiter = limiter

    @property
    def followers(self) -> dict[str, list[Any]]:
        """The records that wait for a transfer at the other program, by the transfer's id."""
        return self.services.followers

    @property
    def breaker(self) -> Breaker:
        """The lane's breaker."""
        return self.lane.breaker

    def set_limits(self, limits: RateLimits) -> None:
        """Change rate and concurrency from now on."""
        self._limiter.set_rate(self.name, limits.requests)
        self._limiter.set_rate(searches_of(self.name), limits.searches)
        self.lane.set_limits(limits)

    def require_ready(self) -> None:
        """Make sure that it can be asked.

        :raises NotConfigured: a setting is missing, or it is switched off or broken.
        """
        if not self.entry.status().usable:
            raise NotConfigured(
                self.entry.reason or str(self.entry.state), source=self.name, hint=self.entry.hint
            )

    async def permit(self) -> Permits:
        """Take the permit for one call; it belongs to whatever the present task calls next."""
        taken = Permits(self._limiter, self.name)
        await taken.prepay()
        permits.current.set(taken)
        return taken

    async def search(self, query: str, wanted: Wanted) -> Any:
        """Ask once. Permits are taken first: one for a search, one for a request.

        :raises SourceError: whatever went wrong.
        """
        await self._limiter.acquire(searches_of(self.name))
        await self.permit()
        ask = self._hooks.of(self.name, "search_raw")
        return await call(
            lambda: ask(query=query, wanted=wanted), self.name, timeout=self.info.search_timeout
        )

    async def download(self, job: Job) -> Delivery | Pending:
        """Have the file delivered. The permit is the caller's business.

        :raises SourceError: whatever went wrong.
        """
        present_job.set(job)
        ask = self._hooks.of(self.name, "download_raw")
        self._beginning[job.target_id] += 1
        try:
            answer = await call(
                lambda: ask(target_id=job.target_id, dest_dir=job.dest_dir, progress=job.progress),
                self.name,
                target=job.target_id,
            )
        finally:
            self._beginning -= Counter([job.target_id])
        return self._delivery(answer, job.target_id)

    async def cancel(self, target_id: str, transfer_id: str = "") -> None:
        """Tell the source that nobody wants it any more; another program is told until it has heard it."""
        await self._see_to("cancel_raw", target_id, transfer_id)

    async def tidy(self, target_id: str, transfer_id: str) -> None:
        """Let the source remove what the other program keeps of a transfer that has ended."""
        await self._see_to("tidy_raw", target_id, transfer_id)

    def send(self, errand: Errand) -> None:
        """Go on with what an earlier engine has left undone."""
        self.let_go(errand.target_id, self._outbox.send(errand))

    def let_go(self, target_id: str, work: Coroutine[Any, Any, None]) -> Future[None]:
        """Run what ends a transfer of a target at the other program, in the lane, and see it through."""
        return self._outbox.end(target_id, work)

    async def has_let_go(self, target_id: str) -> None:
        """Wait until no earlier transfer of the target can be taken for a new one; not for ever."""
        await self._outbox.ended(target_id)
        if self.info.transfer is Transfer.EVENTS:
            await self._outbox.settle(target_id)

    async def examine(self) -> tuple[Check, ...]:
        """Have it look at all that has to be right; ``()`` where it has no such look.

        :raises SourceError: whatever went wrong.
        """
        if not self._hooks.implements(self.name, "diagnose_raw"):
            return ()
        await self.permit()
        ask = self._hooks.of(self.name, "diagnose_raw")
        found = await call(lambda: ask(), self.name, timeout=EXAMINE_TIMEOUT)  # noqa: PLW0108 - pluggy counts calls
        return tuple(found)

    async def check(self) -> bool:
        """Probe the service.

        :raises SourceError: whatever went wrong.
        """
        await self.permit()
        ask = self._hooks.of(self.name, "check_connection")
        return bool(await call(lambda: ask(), self.name, timeout=CHECK_TIMEOUT))  # noqa: PLW0108 - pluggy counts calls

    async def login(self, show: Callable[[LoginStep], None]) -> None:
        """Have a person log in; ``show`` is called on the lane's thread.

        :raises SourceError: whatever went wrong, ``NotConfigured`` where there is no such way to log in.
        """
        if not self._hooks.implements(self.name, "login_raw"):
            raise NotConfigured(
                "there is no login to go through, it works by its settings alone",
                source=self.name,
                hint=f"see `cratedig doctor {self.name}`",
            )
        await self.permit()
        ask = self._hooks.of(self.name, "login_raw")
        await call(lambda: ask(show=show), self.name)
        self.login_refused = ""

    async def reload(self) -> None:
        """Have it drop cached logins and read its settings again.

        :raises SourceError: whatever went wrong.
        """
        await self.services.renew()
        if self._hooks.implements(self.name, "reload_settings"):
            call_sync(self._hooks.of(self.name, "reload_settings"), self.name)

    def updates(self) -> AsyncIterator[TransferUpdate]:
        """The stream of news of its transfers."""
        stream: AsyncIterator[TransferUpdate] = call_sync(self._hooks.of(self.name, "watch_raw"), self.name)
        return stream

    def ladder(self, query: str) -> Iterable[str] | None:
        """Its own shorter queries, ``None`` when it has none."""
        if not self._hooks.implements(self.name, "query_ladder"):
            return None
        rungs: Iterable[str] = call_sync(self._hooks.of(self.name, "query_ladder"), self.name, query=query)
        return rungs

    def answered(self) -> None:
        """The service answered: the breaker closes and the login is fine."""
        self.breaker.success()
        self.login_refused = ""

    def failed(self, error: SourceError) -> None:
        """The service did not do what it was asked; an outage counts, an answer of its own does not."""
        if error.counts_for_breaker:
            self.breaker.failure(str(error))
        else:
            self.breaker.success()
        if isinstance(error, AuthenticationFailed):
            self.login_refused = str(error)
        if isinstance(error, SourceBug):
            log.error("%s", error, exc_info=error.__cause__ or error)
        elif isinstance(error, UnexpectedResponse):
            log.error("%s", error)

    async def _see_to(self, hook: str, target_id: str, transfer_id: str) -> None:
        """Call a hook that a source may have; without another program there is nothing to be made up for."""
        if not self._hooks.implements(self.name, hook):
            return
        errand = Errand(
            source=self.name, hook=hook, target_id=target_id, transfer_id=transfer_id, since=time.time()
        )
        if self.info.transfer is Transfer.EVENTS:
            if not transfer_id:
                await self._all_begun(target_id)
            await self._outbox.send(errand)
            return
        try:
            await self._outbox.tell(errand)
        except SourceError as error:
            log.warning("%s at the source failed: %s", hook, error)

    async def _all_begun(self, target_id: str) -> None:
        """Let others of the same target get their ids, by which a source tells whose transfer is whose."""
        for _ in range(round(BEGIN_TIMEOUT / BEAT)):
            if not self._beginning[target_id]:
                return
            await asyncio.sleep(BEAT)

    def _delivery(self, answer: object, target_id: str) -> Delivery | Pending:
        if isinstance(answer, Delivery | Pending):
            return answer
        if isinstance(answer, Path):
            return Delivery(path=answer)
        raise UnexpectedResponse(
            f"download_raw returned {type(answer).__name__}, expected a path",
            source=self.name,
            target=target_id,
            hint="a bug of the plugin; please report it",
        )
