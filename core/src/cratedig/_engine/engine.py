"""The engine: find and download music through every source that is there."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from attrs import evolve

from cratedig._downloads.dispatch import Target
from cratedig._engine.attending import Attending
from cratedig._engine.controlling import Controlling
from cratedig._engine.elsewhere import cancelled_elsewhere, ended_elsewhere
from cratedig._engine.parts import Parts
from cratedig._engine.streaming import stream
from cratedig._journal.opening import open_journal
from cratedig._model import (
    Download,
    DownloadEvent,
    DownloadState,
    Kind,
    QualityPreference,
    SearchResult,
    Wanted,
)
from cratedig._plugins import Check, LoginStep
from cratedig._plugins.entrypoints import installed
from cratedig._plugins.status import SourceStatus
from cratedig._redaction import install
from cratedig._settings import Settings, load

if TYPE_CHECKING:
    from cratedig._journal.port import Journal
    from cratedig._runtime.limiter import RateLimiter
    from cratedig._search.report import SearchReport

Where = str | os.PathLike[str]
TERMINAL = (DownloadState.COMPLETED, DownloadState.ERRORED, DownloadState.CANCELLED)


class DownloadEngine:
    """Finds and downloads music through many sources. An async context manager.

    ``DownloadEngine()`` knows only what is registered by hand; :meth:`open` also finds every installed
    source. ``settings`` is a TOML file, a mapping of the same shape, loaded settings, or ``None`` for the
    user's own file and environment. ``journal`` is where records live: ``None`` for memory, a path for an
    SQLite file that outlives the process, or a journal of the host's own. With ``resume``, records that an
    earlier process left unfinished in that journal are gone on with.

    Methods may be awaited on any event loop. Readings are immutable snapshots.
    """

    def __init__(
        self,
        settings: Where | Mapping[str, Any] | Settings | None = None,
        *,
        journal: Where | Journal | None = None,
        resume: bool = True,
        rate_limiter: RateLimiter | None = None,
    ) -> None:
        loaded = load(Path(settings) if isinstance(settings, os.PathLike) else settings)
        outlives = journal is not None
        kept = open_journal(
            journal if isinstance(journal, str) or not isinstance(journal, os.PathLike) else Path(journal)
        )
        self._parts = Parts(
            loaded,
            kept,
            limiter=rate_limiter,
            state_dir=loaded.engine.state_dir if outlives else None,
            remembers=outlives,
        )
        self._controlling = Controlling(self._parts, keeps_unfinished=outlives)
        self._attending = Attending(self._parts)
        self._resume = resume
        self._required: tuple[str, ...] = ()
        self._logs: Any = None

    @classmethod
    def open(
        cls,
        settings: Where | Mapping[str, Any] | Settings | None = None,
        *,
        journal: Where | Journal | None = None,
        resume: bool = True,
        require: Iterable[str] = (),
        rate_limiter: RateLimiter | None = None,
    ) -> Self:
        """An engine with every installed source; to be entered with ``async with``.

        A source that cannot be loaded is listed as broken and stops nobody, unless it is in ``require``.

        :raises SettingsError: the settings cannot be read.
        :raises SourceBroken: on entering, when a required source is missing or broken.
        """
        engine = cls(settings, journal=journal, resume=resume, rate_limiter=rate_limiter)
        engine._parts.sources.registry.add_installed(installed())
        engine._required = tuple(require)
        return engine

    async def __aenter__(self) -> Self:
        """Start, and go on with what an earlier process left unfinished."""
        self._logs = install(self._parts.redactor)
        try:
            if self._required:
                await asyncio.to_thread(self._parts.sources.registry.require, self._required)
            await asyncio.to_thread(self._controlling.start, resume=self._resume)
        except BaseException:
            self._logs.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop. What is unfinished stays in the journal and goes on when it is opened again."""
        await asyncio.to_thread(self._controlling.stop)
        self._logs.close()

    # -- sources -----------------------------------------------------------------------------------------

    def register_plugin(
        self, plugin: object, *, name: str | None = None, aliases: Iterable[str] = ()
    ) -> None:
        """Add a source by hand: an object, or a class that is built with a context.

        ``name`` defaults to what the object's ``source_info`` says; a class needs it given.

        :raises NameTaken: another source has that name or alias.
        :raises Exception: whatever was wrong with the plugin.
        """
        self._attending.register(plugin, name, aliases)

    def register_wrapper(self, wrapper: object) -> None:
        """Put pluggy hook wrappers (tracing, metrics, policy) round every source's hooks."""
        self._parts.sources.registry.hooks.wrap(wrapper)

    def client(self, name: str) -> Any:
        """The source object itself, by name or alias.

        :raises UnknownSource: nobody has that name.
        """
        return self._parts.sources.registry.get(name).plugin

    def sources(self) -> list[SourceStatus]:
        """Every source, usable or not, and why."""
        return self._parts.sources.statuses()

    def configured_sources(self) -> list[str]:
        """The names of the sources that have all they need."""
        return list(self._parts.sources.usable())

    async def reload_settings(self, name: str | None = None) -> None:
        """Read the settings again, for one source or all, and have the sources drop cached logins.

        :raises SettingsError: they cannot be read now; the present ones stay.
        """
        await asyncio.to_thread(self._attending.reload, name)

    async def login(self, name: str, show: Callable[[LoginStep], None]) -> None:
        """Log in to a source that wants a person to, and wait until that is done.

        ``show`` is called, on this loop, with what there is to do: a link to open, a code to enter. The
        tokens are kept in the source's private state: in a file, if the engine has a journal.

        :raises UnknownSource: no source has that name.
        :raises SourceError: it was denied or took too long; ``NotConfigured`` for a source without a login.
        """
        await self._loaded([name])
        loop = asyncio.get_running_loop()
        future = self._attending.login(name, lambda step: _soon(loop, show, step))
        await asyncio.wrap_future(future)
        await self.reload_settings(name)

    async def check_connections(self, sources: Iterable[str] | None = None) -> dict[str, bool]:
        """Probe each configured source (or the given ones) once; whether it accepted the login."""
        reports = await self.diagnose(sources)
        return {name: not problem for name, problem in reports.items()}

    async def diagnose(self, sources: Iterable[str] | None = None) -> dict[str, str]:
        """Like :meth:`check_connections`, with what is wrong as text, empty where nothing is."""
        names = await self._names(sources)
        checks = {name: asyncio.wrap_future(self._attending.check(name)) for name in names}
        return {name: await check for name, check in checks.items()}

    async def examine(self, sources: Iterable[str] | None = None) -> dict[str, tuple[Check, ...]]:
        """Look closely at each configured source (or the given ones): all that has to be right.

        At least one check for each; those of a program that runs elsewhere say what was found of it.
        """
        names = await self._names(sources)
        looks = {name: asyncio.wrap_future(self._attending.examine(name)) for name in names}
        return {name: await look for name, look in looks.items()}

    @property
    def rate_limiter(self) -> RateLimiter:
        """Permits to send requests: ``await engine.rate_limiter.acquire("deezer")``."""
        return self._parts.limiter

    # -- search ------------------------------------------------------------------------------------------

    async def search(
        self,
        query_or_wanted: str | Wanted,
        *,
        sources: Iterable[str] | None = None,
        quality: QualityPreference | None = None,
        timeout: float | None = None,
    ) -> SearchReport:
        """Ask all configured sources (or the given ones) at once.

        ``timeout`` is in seconds; what has come by then is in the report, with a reason for what has not.

        :raises UnknownSource: one of ``sources`` does not exist.
        """
        names = await self._names(sources)
        deadline = self._parts.settings.engine.search_timeout if timeout is None else timeout
        return await self._parts.searching.all(
            Wanted.of(query_or_wanted), names, quality or self._preference(), deadline
        )

    async def search_with_fallback(
        self,
        query_or_wanted: str | Wanted,
        source_chain: Iterable[str],
        *,
        quality: QualityPreference | None = None,
        timeout: float | None = None,
    ) -> SearchReport:
        """Ask one source after the other, and stop at the first that has something.

        :raises UnknownSource: a name in the chain does not exist.
        """
        names = await self._names(source_chain)
        deadline = self._parts.settings.engine.search_timeout if timeout is None else timeout
        return await self._parts.searching.chain(
            Wanted.of(query_or_wanted), names, quality or self._preference(), deadline
        )

    def filter_by_quality(
        self, results: Iterable[SearchResult], preference: QualityPreference
    ) -> list[SearchResult]:
        """The results of a welcome quality; where an alternate is welcome and its result is not, that one."""
        from cratedig._matching import filter_by_quality  # noqa: PLC0415 - rapidfuzz is loaded when first used

        return filter_by_quality(list(results), preference)

    def dedup(self, results: Iterable[SearchResult]) -> list[SearchResult]:
        """One result for each recording, with the others as its alternates."""
        from cratedig._matching import dedup  # noqa: PLC0415 - rapidfuzz is loaded when first used

        return dedup(list(results))

    # -- download ----------------------------------------------------------------------------------------

    async def dispatch_download(
        self,
        target: Target,
        *,
        dest_dir: Where | None = None,
        display_name: str | None = None,
        extra: Mapping[str, Any] | None = None,
        priority: int = 0,
        quality: QualityPreference | None = None,
        force: bool = False,
        partial: bool = False,
    ) -> str:
        """Queue a download of a search result, or of ``(source, target_id)``; its id.

        A result's alternates are tried when it fails. The same target asked for again while it is under
        way, or while its published file is still there, is the same download, unless ``force``. An album that
        lacks tracks fails, unless ``partial``: then ``Download.missing`` lists them.

        :raises UnknownSource: no source has that name.
        """
        is_loaded = self._parts.sources.registry.is_loaded
        if not all(map(is_loaded, _sources_of(target))):
            await self._loaded(_sources_of(target))
        plan = self._parts.dispatching.plan(
            target, quality or self._preference(), "", force=force, partial=partial
        )
        record = self._parts.dispatching.record(
            plan,
            dest_dir or self._download_dir(),
            display_name=display_name,
            extra=extra,
            priority=priority,
            kind=_kind_of(target),
        )
        return await self._parts.dispatching.begin(record)

    async def download_with_fallback(
        self,
        wish: SearchResult | Wanted | str,
        source_chain: Iterable[str] | None = None,
        *,
        dest_dir: Where | None = None,
        display_name: str | None = None,
        extra: Mapping[str, Any] | None = None,
        priority: int = 0,
        quality: QualityPreference | None = None,
        force: bool = False,
        partial: bool = False,
        across_kinds: bool = False,
    ) -> str:
        """Queue a download that goes from source to source until a verified file is there; its id.

        A result starts with itself and its alternates; then, and for a wish from the start, each source of
        the chain (all configured ones by default) is searched for the same recording. With ``across_kinds``,
        an album that no source delivers is put together from its tracks at any of them, and a track that
        none delivers is taken out of its album, if that is known. For ``partial`` see
        :meth:`dispatch_download`.

        :raises UnknownSource: a name in the chain does not exist.
        """
        chain = await self._names(source_chain)
        if isinstance(wish, SearchResult):
            await self._loaded(_sources_of(wish))
        plan = self._parts.dispatching.chain_plan(
            wish,
            chain,
            quality or self._preference(),
            force=force,
            partial=partial,
            ordered=source_chain is not None,
        )
        if across_kinds:
            plan = evolve(plan, across=chain)
        record = self._parts.dispatching.record(
            plan,
            dest_dir or self._download_dir(),
            display_name=display_name,
            extra=extra,
            priority=priority,
            kind=_kind_of(wish),
        )
        return await self._parts.dispatching.begin(record)

    async def wait(self, download_id: str) -> Download:
        """Wait until a download has ended, well or badly, be it in another process; its final snapshot.

        :raises UnknownDownload: there is no such record.
        :raises CratedigError: nobody works on it, or the engine is closed before it has ended.
        """
        record = self._parts.table.find(download_id)
        if record is None:
            return await ended_elsewhere(self._parts.journal, download_id)
        if record.shown.terminal:
            return record.snapshot()
        return await asyncio.wrap_future(self._parts.table.waiter(download_id))

    async def cancel_download(self, download_id: str, remove: bool = False) -> bool:
        """End a download; whether that changed anything. ``remove`` forgets its record, too.

        Its I/O ends, and a file that lands late is removed. When another process works on it, that process
        is asked to, and this waits until it has.

        :raises UnknownDownload: there is no such record.
        :raises CratedigError: the other process does not answer.
        """
        if self._parts.table.find(download_id) is None:
            done = await cancelled_elsewhere(self._parts.journal, download_id, remove=remove)
            if done is not None:
                return done
        changed, written = self._controlling.cancel(download_id, remove=remove)
        for future in written:
            await asyncio.wrap_future(future)
        return changed

    async def retry_download(self, download_id: str) -> str:
        """Try an errored or cancelled download again, as a new record; the new id.

        One that is under way or completed is left as it is, and its own id returned.

        :raises UnknownDownload: there is no such record.
        """
        record = await asyncio.to_thread(self._controlling.retry, download_id)
        return await self._parts.dispatching.begin(record)

    async def resume_downloads(self) -> list[str]:
        """Go on with the unfinished downloads of processes that are gone; their ids.

        Opening with ``resume`` does the same.
        """
        return await asyncio.to_thread(self._controlling.resume)

    async def get_download_status(self, download_id: str) -> Download | None:
        """A snapshot of one record, ``None`` when there is no such record."""
        record = self._parts.table.find(download_id)
        if record is not None:
            return record.snapshot()
        row = await asyncio.to_thread(self._parts.journal.row, download_id)
        return row.download if row else None

    async def get_all_downloads(
        self, source: str | None = None, state: DownloadState | None = None
    ) -> list[Download]:
        """Snapshots of all records, oldest first, of one source or in one state where that is given.

        :raises UnknownSource: no source has that name.
        """
        name = (await self._names([source]))[0] if source is not None else None
        downloads = await asyncio.to_thread(self._controlling.downloads)
        return [d for d in downloads if name in (None, d.source) and state in (None, d.state)]

    async def clear_completed(self, *, states: Iterable[DownloadState] = TERMINAL) -> int:
        """Forget the records that have ended, in any of ``states``; how many. Files stay."""
        count, written = self._controlling.clear(frozenset(states))
        await asyncio.wrap_future(written)
        return count

    def events(self) -> AsyncIterator[DownloadEvent]:
        """What happens from now on: every change of state, and progress as often as it is looked at."""
        return stream(self._parts.table)

    def redact(self, text: str) -> str:
        """``text`` without the secrets that are in the settings, for logs and screens of the host's own."""
        return self._parts.redactor.redact(text)

    # -- helpers -----------------------------------------------------------------------------------------

    async def _names(self, sources: Iterable[str] | None) -> tuple[str, ...]:
        if sources is None:
            return await asyncio.to_thread(self._parts.sources.usable)
        wanted = list(sources)
        await self._loaded(wanted)
        return tuple(dict.fromkeys(map(self._parts.sources.resolve, wanted)))

    async def _loaded(self, names: Iterable[str]) -> None:
        """Import what is not imported yet, off the caller's loop."""
        registry = self._parts.sources.registry
        for name in names:
            if not registry.is_loaded(name):
                await asyncio.to_thread(registry.get, name)

    def _preference(self) -> QualityPreference | None:
        return self._parts.settings.engine.preference

    def _download_dir(self) -> Path:
        return self._parts.settings.engine.download_dir


def _soon(loop: asyncio.AbstractEventLoop, show: Callable[[LoginStep], None], step: LoginStep) -> None:
    loop.call_soon_threadsafe(show, step)


def _kind_of(wish: Target | Wanted | str) -> Kind:
    return wish.kind if isinstance(wish, SearchResult | Wanted) else Kind.TRACK


def _sources_of(target: Target) -> list[str]:
    if isinstance(target, SearchResult):
        return [target.source, *(alternate.source for alternate in target.alternates)]
    return [target[0]]
