"""Calling one source's hooks through pluggy, so that a host's wrappers apply to it.

Every source has a plugin manager of its own: a call can reach that source and the host's wrappers, and
nobody else, whatever is being registered at the same moment.
"""

from __future__ import annotations

import difflib
import threading
from collections.abc import Callable, Iterable
from typing import Any

import pluggy

from cratedig._plugins.hooks import PROJECT, SourceSpec
from cratedig._plugins.info import SourceInfo, Transfer

REQUIRED = ("source_info", "is_configured", "check_connection", "search_raw", "download_raw")
KNOWN = frozenset(hook for hook in vars(SourceSpec) if not hook.startswith("_"))


class Hooks:
    """The hooks of all sources, one manager each."""

    def __init__(self) -> None:
        self._managers: dict[str, pluggy.PluginManager] = {}
        self._sources: dict[str, object] = {}
        self._wrappers: list[object] = []
        self._lock = threading.Lock()

    def add(self, name: str, plugin: object) -> None:
        """Register a source.

        :raises ValueError: pluggy refuses it, or it implements a hook that does not exist.
        """
        manager = pluggy.PluginManager(PROJECT)
        manager.add_hookspecs(SourceSpec)
        manager.register(plugin, name=name)
        _refuse_unknown(manager, plugin)
        with self._lock:
            for wrapper in self._wrappers:
                manager.register(wrapper)
            self._managers[name], self._sources[name] = manager, plugin

    def wrap(self, wrapper: object) -> None:
        """Put a host's hook wrappers round every source, present and future.

        :raises ValueError: pluggy refuses it, or it wraps a hook that does not exist.
        """
        trial = pluggy.PluginManager(PROJECT)
        trial.add_hookspecs(SourceSpec)
        trial.register(wrapper)
        _refuse_unknown(trial, wrapper)
        with self._lock:
            self._wrappers.append(wrapper)
            for manager in self._managers.values():
                manager.register(wrapper)

    def implements(self, name: str, hook: str) -> bool:
        """Whether the source itself has this hook."""
        impls = getattr(self._managers[name].hook, hook).get_hookimpls()
        return any(impl.plugin is self._sources[name] for impl in impls)

    def of(self, name: str, hook: str) -> Callable[..., Any]:
        """The hook of one source, with the host's wrappers round it; call it with keyword arguments."""
        caller: Callable[..., Any] = getattr(self._managers[name].hook, hook)
        return caller

    def missing(self, name: str, info: SourceInfo) -> tuple[str, ...]:
        """The hooks that the source has to implement and does not."""
        required = (*REQUIRED, "watch_raw") if info.transfer is Transfer.EVENTS else REQUIRED
        return tuple(hook for hook in required if not self.implements(name, hook))


def _refuse_unknown(manager: pluggy.PluginManager, plugin: object) -> None:
    implemented = {caller.name for caller in manager.get_hookcallers(plugin) or ()}
    for hook in sorted(implemented - KNOWN):
        raise ValueError(f"there is no hook called {hook!r}{_did_you_mean(hook, KNOWN)}")


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
