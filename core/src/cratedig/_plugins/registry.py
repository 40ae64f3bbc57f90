"""The sources of one engine, by name and alias."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from cratedig._errors import NameTaken, SourceBroken, UnknownSource
from cratedig._plugins.callers import Hooks
from cratedig._plugins.entry import Entry, Factory
from cratedig._plugins.loading import Loader, Setup
from cratedig._plugins.names import Names
from cratedig._plugins.status import SourceState


class Registry:
    """Knows every source; loads one when somebody needs it."""

    def __init__(self, setup: Setup) -> None:
        self.hooks = Hooks()
        self._names = Names()
        self._clashes: list[Entry] = []
        self._loading = threading.Lock()
        self._loader = Loader(self.hooks, self._names, setup)

    def add_installed(self, entries: Iterable[Entry]) -> None:
        """Make installed sources known; the second of two with one name is listed as broken."""
        for entry in entries:
            try:
                self._names.add(entry)
            except NameTaken as error:
                entry.loaded, entry.state, entry.error = True, SourceState.BROKEN, error
                entry.reason, entry.hint = str(error), "uninstall one of the two"
                self._clashes.append(entry)

    def register(self, plugin: object, name: str, aliases: Iterable[str]) -> Entry:
        """Make a plugin known that the host hands over, an object or a class to be built with a context."""
        factory: Factory = plugin if isinstance(plugin, type) else lambda _context: plugin
        entry = Entry(name=name, load=lambda: factory, given_aliases=tuple(aliases))
        self._names.add(entry)
        self.ensure([entry])
        if entry.state is SourceState.BROKEN and entry.error is not None:
            self._names.remove(entry)
            raise entry.error
        return entry

    def names(self) -> tuple[str, ...]:
        """The canonical names, loaded or not."""
        return tuple(entry.name for entry in self._names.entries())

    def entries(self) -> list[Entry]:
        """Every source, the ones that clash with another's name included."""
        return [*self._names.entries(), *self._clashes]

    def resolve(self, name: str) -> str:
        """The canonical name behind a name or alias. Aliases are known once their source is loaded.

        :raises UnknownSource: nobody has that name.
        """
        return self._entry(name).name

    def ensure(self, entries: Iterable[Entry]) -> list[Entry]:
        """The same entries, loaded. Blocks for at most the loading time-out."""
        wanted = list(entries)
        if not all(entry.loaded for entry in wanted):
            with self._loading:
                self._loader.load_all(wanted)
        return wanted

    def is_loaded(self, name: str) -> bool:
        """Whether a name or alias is of a source that is loaded, so that asking for it blocks nobody."""
        entry = self._names.find(name)
        return entry is not None and entry.loaded

    def get(self, name: str) -> Entry:
        """One source by name or alias, loaded.

        :raises UnknownSource: nobody has that name.
        """
        return self.ensure([self._entry(name)])[0]

    def require(self, names: Iterable[str]) -> None:
        """Insist on sources.

        :raises SourceBroken: one of them is missing or cannot be loaded.
        """
        for name in names:
            try:
                entry = self.get(name)
            except UnknownSource as error:
                raise SourceBroken(f"{name} is required: {error}") from error
            if entry.state is SourceState.BROKEN:
                raise SourceBroken(
                    f"{name} is required but broken at {entry.stage}: {entry.reason} "
                    f"[{entry.distribution or 'registered by hand'} {entry.version}] ({entry.hint})"
                ) from entry.error

    def _entry(self, name: str) -> Entry:
        entry = self._names.find(name)
        if entry is None:
            # It may be an alias of a source that is not loaded yet.
            self.ensure(self._names.entries())
            entry = self._names.find(name)
        if entry is None:
            raise UnknownSource(name, self.names())
        return entry
