"""Loading one source. Whatever goes wrong is written into its entry; nothing is raised past it."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

from cratedig._errors import ContractMismatch, NameTaken, SettingsError
from cratedig._plugins import CONTRACT_VERSION, SourceInfo
from cratedig._plugins.callers import Hooks
from cratedig._plugins.entry import Entry
from cratedig._plugins.status import SourceState, Stage

if TYPE_CHECKING:
    from cratedig._plugins.context import SourceContext
    from cratedig._plugins.names import Names

LOAD_TIMEOUT = 15.0
"""Seconds that importing and constructing one source may take."""

_HINTS = {
    Stage.IMPORT: "reinstall or update {distribution}; its own dependencies may be missing",
    Stage.CONSTRUCTION: "update {distribution}, or report it to its authors",
    Stage.SOURCE_INFO: "update {distribution}, or report it to its authors",
    Stage.REGISTRATION: "update {distribution}, or report it to its authors",
    Stage.SETTINGS: "`cratedig config` shows each setting and where it comes from",
}


class Setup(Protocol):
    """What a source is given while it is loaded, by whoever is going to run it."""

    def make_context(self, name: str) -> SourceContext:
        """Return the context that the source of that name is built with."""
        ...

    def configure(self, entry: Entry) -> None:
        """Read the settings of a source, and put into its entry whether it is to be used."""
        ...


class Loader:
    """Takes entries through import, construction, source_info, registration and settings."""

    def __init__(self, hooks: Hooks, names: Names, setup: Setup) -> None:
        self._hooks = hooks
        self._names = names
        self._setup = setup

    def load_all(self, entries: Iterable[Entry]) -> None:
        """Load each in a thread of its own, so that one that hangs costs the others nothing."""
        started = [(entry, self._start(entry)) for entry in entries if not entry.loaded]
        deadline = time.monotonic() + LOAD_TIMEOUT
        for entry, thread in started:
            thread.join(max(0.0, deadline - time.monotonic()))
            if thread.is_alive():
                late = TimeoutError(f"loading took more than {LOAD_TIMEOUT:g} s")
                _broken(entry, entry.stage or Stage.IMPORT, late)
            entry.loaded = True

    def _start(self, entry: Entry) -> threading.Thread:
        thread = threading.Thread(target=self._load, args=(entry,), name=f"load-{entry.name}", daemon=True)
        thread.start()
        return thread

    def _load(self, entry: Entry) -> None:
        try:
            self._steps(entry)
        except BaseException as error:  # noqa: BLE001 - SystemExit at import is a broken source, too
            if not entry.loaded:
                _broken(entry, entry.stage or Stage.IMPORT, error)
        else:
            if not entry.loaded:
                entry.stage = None

    def _steps(self, entry: Entry) -> None:
        _enter(entry, Stage.IMPORT)
        factory = entry.load()
        _enter(entry, Stage.CONSTRUCTION)
        entry.context = self._setup.make_context(entry.name)
        plugin = factory(entry.context)
        _enter(entry, Stage.REGISTRATION)
        self._hooks.add(entry.name, plugin)
        entry.plugin = plugin
        _enter(entry, Stage.SOURCE_INFO)
        info = self._hooks.of(entry.name, "source_info")()
        _check_info(entry, info)
        aliases = _checked_aliases(self._hooks.of(entry.name, "aliases")())
        _enter(entry, Stage.REGISTRATION)
        missing = self._hooks.missing(entry.name, info)
        if missing:
            raise TypeError(f"it does not implement {', '.join(missing)}")
        self._names.claim(entry, (*aliases, *entry.given_aliases))
        entry.info = info
        _enter(entry, Stage.SETTINGS)
        self._setup.configure(entry)


def _enter(entry: Entry, stage: Stage) -> None:
    if entry.loaded:
        raise TimeoutError("it was given up meanwhile")
    entry.stage = stage


def _check_info(entry: Entry, info: object) -> None:
    if not isinstance(info, SourceInfo):
        raise TypeError(f"source_info() answered {type(info).__name__}, expected SourceInfo")
    if info.name != entry.name:
        raise ValueError(f"source_info() calls it {info.name!r}, but it is registered as {entry.name!r}")
    wanted, spoken = (tuple(map(int, v.split("."))) for v in (info.contract_version, CONTRACT_VERSION))
    if wanted[0] != spoken[0] or wanted > spoken:
        newer = wanted > spoken
        raise ContractMismatch(
            f"{entry.name} was written for contract {info.contract_version}, this engine speaks "
            f"{CONTRACT_VERSION}: update {'cratedig' if newer else entry.distribution or entry.name}"
        )


def _checked_aliases(aliases: object) -> tuple[str, ...]:
    # A lone string would be taken for as many aliases as it has letters.
    if aliases is None:
        return ()
    if isinstance(aliases, str) or not isinstance(aliases, Iterable):
        raise TypeError(f"aliases() answered {type(aliases).__name__}, expected a tuple of names")
    names = tuple(aliases)
    if not all(isinstance(name, str) and name for name in names):
        raise TypeError(f"aliases() answered {names!r:.200}, expected a tuple of names")
    return names


def _broken(entry: Entry, stage: Stage, error: BaseException) -> None:
    entry.state = SourceState.BROKEN
    entry.stage = stage
    entry.error = error
    entry.reason = f"{type(error).__name__}: {error}"
    if isinstance(error, ContractMismatch | NameTaken | SettingsError):
        entry.reason = str(error)
    entry.hint = _HINTS[stage].format(distribution=entry.distribution or "the plugin")
    if isinstance(error, NameTaken):
        entry.hint = "uninstall one of the two"
    entry.traceback = "".join(traceback.format_exception(error))
