"""The sources at work in one engine: from a name to a source with its lane."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

from attrs import evolve

from cratedig._errors import CratedigError, NotConfigured, SourceBroken
from cratedig._plugins import Rate, RateLimits
from cratedig._plugins.calls import call_sync
from cratedig._plugins.context import SourceContext
from cratedig._plugins.entry import Entry
from cratedig._plugins.registry import Registry
from cratedig._plugins.status import SourceState, SourceStatus
from cratedig._runtime.breaker import Breaker, BreakerPolicy
from cratedig._runtime.lane import Lane, Perform
from cratedig._runtime.outbox import PAUSE, owed
from cratedig._runtime.services import LaneServices
from cratedig._runtime.source import Source
from cratedig._settings import Settings, SourceSettings
from cratedig._state import MemoryState, State

if TYPE_CHECKING:
    from pathlib import Path

    from cratedig._journal.port import Journal
    from cratedig._redaction import Redactor
    from cratedig._runtime.limiter import RateLimiter

LOGGER = "cratedig.source"

LACKING = "a setting that it needs is missing"
"""What is said of a source that does not say itself what it lacks."""


class Sources:
    """Makes a source's lane and context when the source is first needed."""

    def __init__(
        self,
        settings: Settings,
        journal: Journal,
        limiter: RateLimiter,
        redactor: Redactor,
        state_dir: Path | None,
    ) -> None:
        self.settings = settings
        self.registry = Registry(self)
        self.perform: Perform = _refuse
        """What a lane's worker does with a queued record."""
        self._journal = journal
        self._limiter = limiter
        self._redactor = redactor
        self._state_dir = state_dir
        self._sources: dict[str, Source] = {}
        self._services: dict[str, LaneServices] = {}
        self._lock = threading.Lock()

    def resolve(self, name: str) -> str:
        """The canonical name.

        :raises UnknownSource: nobody has that name or alias.
        """
        return self.registry.resolve(name)

    def get(self, name: str) -> Source:
        """The source of that name or alias, ready to be asked or not.

        :raises UnknownSource: nobody has that name.
        :raises NotConfigured: it is broken, so there is nothing to ask.
        """
        source = self._sources.get(name)
        if source is not None:
            return source
        entry = self.registry.get(name)
        if entry.info is None:
            raise NotConfigured(
                f"broken at {entry.stage}: {entry.reason}", source=entry.name, hint=entry.hint
            )
        with self._lock:
            if entry.name not in self._sources:
                self._sources[entry.name] = self._make(entry)
            return self._sources[entry.name]

    def send_owed(self) -> None:
        """Begin what earlier engines had no time to tell; what a missing source is owed is left."""
        for errand in owed(self._journal):
            with contextlib.suppress(CratedigError):
                self.get(errand.source).send(evolve(errand, pause=PAUSE))

    def withdraw(self, name: str, record_id: str) -> None:
        """End what a source has under way for a record, if anything."""
        source = self._sources.get(name)
        if source is not None:
            source.lane.withdraw(record_id)

    def working(self) -> list[Source]:
        """The sources that have a lane already."""
        return list(self._sources.values())

    def statuses(self) -> list[SourceStatus]:
        """How every source stands; loads what is not loaded yet."""
        self.registry.ensure(self.registry.entries())
        return [
            entry.status(self._breaker_state(entry), self._login_refused(entry))
            for entry in self.registry.entries()
        ]

    def usable(self) -> tuple[str, ...]:
        """The canonical names of the sources that are ready."""
        return tuple(status.name for status in self.statuses() if status.usable)

    def refresh(self, names: Iterable[str], settings: Settings) -> list[Source]:
        """Take over new settings; the sources among ``names`` that have a lane, for their own reload."""
        self.settings = settings
        changed = []
        for name in names:
            entry = self.registry.get(name)
            if entry.info is None:
                continue
            entry.state, entry.reason, entry.hint = SourceState.READY, "", ""
            entry.stage, entry.error, entry.traceback = None, None, ""
            try:
                self.configure(entry)
            except CratedigError as error:
                entry.state, entry.reason = SourceState.NOT_CONFIGURED, str(error)
            if name in self._sources:
                source = self._sources[name]
                source.set_limits(self._common(entry).limits(source.info.limits))
                changed.append(source)
        return changed

    def _make(self, entry: Entry) -> Source:
        info = entry.info
        if info is None:
            raise SourceBroken(entry.reason)
        services = self._services[entry.name]
        source = Source(entry, info, self.registry.hooks, self._limiter, services, self._journal)
        source.set_limits(self._common(entry).limits(info.limits))
        source.breaker.restore()
        return source

    def make_context(self, name: str) -> SourceContext:
        """Return the context that a source is built with, and keep what stands behind it."""
        engine = self.settings.engine
        policy = BreakerPolicy(failures=engine.breaker_failures, pause=engine.breaker_pause)
        breaker = Breaker(policy, self._journal, f"breaker:{name}")
        lane = Lane(name, RateLimits(), breaker, self.perform)
        self._services[name] = services = LaneServices(lane, self._limiter, self._redactor)
        return SourceContext(name, logging.getLogger(f"{LOGGER}.{name}"), self._state(name), services)

    def _state(self, name: str) -> MemoryState:
        if self._state_dir is None:
            return MemoryState(self._redactor)
        return State.for_source(self._state_dir, name, self._redactor)

    def configure(self, entry: Entry) -> None:
        """Read a source's settings, and from them whether it is to be used."""
        if entry.info is None:
            return
        common = self._common(entry)
        settings = common
        if entry.info.settings_class is not None:
            settings = self.settings.for_source(entry.name, entry.info.settings_class, entry.aliases)
        self._services[entry.name].loaded = settings
        self._services[entry.name].stall_timeout = entry.info.stall_timeout
        self._redactor.plant_from(settings)
        if not common.enabled:
            entry.state, entry.reason = SourceState.DISABLED, "switched off in the settings"
            entry.hint = f"set enabled = true under [sources.{entry.name}]"
        elif (lack := self._lack(entry)) is not None:
            entry.state, entry.reason, entry.hint = SourceState.NOT_CONFIGURED, lack.message, lack.hint or ""

    def _lack(self, entry: Entry) -> NotConfigured | None:
        """What its settings lack; a source may say so itself by raising the error."""
        doctor = f"`cratedig doctor {entry.name}` says what; set it under [sources.{entry.name}]"
        try:
            if call_sync(self.registry.hooks.of(entry.name, "is_configured"), entry.name):
                return None
        except NotConfigured as error:
            error.hint = (
                error.hint or f"set it under [sources.{entry.name}] in the file of `cratedig config path`"
            )
            return error
        return NotConfigured(LACKING, hint=doctor)

    def _common(self, entry: Entry) -> SourceSettings:
        cls = entry.info.settings_class if entry.info else None
        return self.settings.common(entry.name, cls, entry.aliases)

    def _login_refused(self, entry: Entry) -> str:
        source = self._sources.get(entry.name)
        return self._redactor.redact(source.login_refused) if source else ""

    def _breaker_state(self, entry: Entry) -> str:
        source = self._sources.get(entry.name)
        return str(source.breaker.state) if source else "closed"


class LimiterByName:
    """The rate limiter for a host, which may call a source by its older names, too."""

    def __init__(self, limiter: RateLimiter, sources: Sources) -> None:
        self._limiter = limiter
        self._sources = sources

    async def acquire(self, source: str) -> None:
        """See :class:`RateLimiter`."""
        await self._limiter.acquire(self._sources.resolve(source))

    def set_rate(self, source: str, rate: Rate | None) -> None:
        """See :class:`RateLimiter`."""
        self._limiter.set_rate(self._sources.resolve(source), rate)

    def pause(self, source: str, seconds: float) -> None:
        """See :class:`RateLimiter`."""
        self._limiter.pause(self._sources.resolve(source), seconds)

    def paused_for(self, source: str) -> float:
        """See :class:`RateLimiter`."""
        return self._limiter.paused_for(self._sources.resolve(source))


async def _refuse(record_id: str) -> None:
    raise RuntimeError(f"nobody performs {record_id} yet")
