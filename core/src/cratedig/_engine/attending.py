"""What a host does to the sources themselves: adding them, reloading, probing, logging in. Sync."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import TYPE_CHECKING

from cratedig._errors import AuthenticationFailed, CratedigError, SourceError
from cratedig._plugins.calls import as_source_error
from cratedig._plugins.check import Check
from cratedig._plugins.info import SourceInfo
from cratedig._plugins.login import LoginStep

if TYPE_CHECKING:
    from cratedig._engine.parts import Parts
    from cratedig._runtime.source import Source

RELOAD_TIMEOUT = 10.0


class Attending:
    """Acts on the sources of one engine; callable from any thread."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def register(self, plugin: object, name: str | None, aliases: Iterable[str]) -> None:
        """Add a source by hand."""
        self._parts.sources.registry.register(plugin, name or _name_of(plugin), aliases)

    def reload(self, name: str | None) -> None:
        """Read the settings again and have the sources reload, each in its lane."""
        sources = self._parts.sources
        names = sources.registry.names() if name is None else (sources.resolve(name),)
        changed = sources.refresh(names, sources.settings.reload())
        waiting = [(source, source.lane.submit(source.reload())) for source in changed]
        for source, future in waiting:
            self._parts.asking.forget(source.name)
            with contextlib.suppress(SourceError, TimeoutError):
                future.result(RELOAD_TIMEOUT)

    def check(self, name: str) -> Future[str]:
        """Probe one source; the future says what is wrong, in the empty text's place."""
        try:
            source = self._parts.sources.get(name)
            source.require_ready()
        except CratedigError as error:
            done: Future[str] = Future()
            done.set_result(str(error))
            return done
        return source.lane.submit(_probe(source))

    def examine(self, name: str) -> Future[tuple[Check, ...]]:
        """Look closely at one source; never raises for what is wrong with it."""
        try:
            source = self._parts.sources.get(name)
            source.require_ready()
        except CratedigError as error:
            done: Future[tuple[Check, ...]] = Future()
            done.set_result((_failed_check(error),))
            return done
        return source.lane.submit(_examined(source))

    def login(self, name: str, show: Callable[[LoginStep], None]) -> Future[None]:
        """Have a person log in to one source; ``show`` is called on the lane's thread."""
        source = self._parts.sources.get(self._parts.sources.resolve(name))
        return source.lane.submit(source.login(show))


async def _probe(source: Source) -> str:
    try:
        answered = await _checked(source)
    except asyncio.CancelledError:
        raise
    except BaseException as error:  # noqa: BLE001 - a probe has an answer, never an exception
        return str(as_source_error(error, source.name))
    return "" if answered else f"{source.name}: the service does not answer, or refuses the login"


async def _examined(source: Source) -> tuple[Check, ...]:
    try:
        found = await source.examine()
    except asyncio.CancelledError:
        raise
    except BaseException as error:  # noqa: BLE001 - a look has findings, never an exception
        return (_failed_check(as_source_error(error, source.name)),)
    if found:
        return found
    problem = await _probe(source)
    return (Check(name="connection", ok=not problem, detail=problem or "its service answers"),)


def _failed_check(error: CratedigError) -> Check:
    if isinstance(error, SourceError):
        return Check(name="connection", ok=False, detail=error.message, hint=error.hint or "")
    return Check(name="connection", ok=False, detail=str(error))


async def _checked(source: Source) -> bool:
    """Probe; a login that has expired gets its one reload, as it does in a search."""
    try:
        return await source.check()
    except AuthenticationFailed:
        await source.reload()
        return await source.check()


def _name_of(plugin: object) -> str:
    if isinstance(plugin, type):
        raise TypeError("a class needs a name: register_plugin(cls, name=...)")
    info = plugin.source_info() if hasattr(plugin, "source_info") else None
    if not isinstance(info, SourceInfo):
        raise TypeError("the plugin's source_info() does not answer with a SourceInfo")
    return info.name
