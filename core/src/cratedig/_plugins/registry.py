"""The sources of one engine, by name and alias."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from cratedig._errors import NameTaken, SourceBroken, UnknownSource
from cratedig._plugins.callers import Hooks
from cratedig._plugins.entry import Entry, Factory
from cratedig._plugins.loading import Loader
from cratedig._plugins.status import SourceState

if TYPE_CHECKING:
    from cratedig._plugins.context import SourceContext


class Registry:
    """Knows every source; loads one when somebody needs it."""

    def __init__(self, make_context: Callable[[str], SourceContext], settle: Callable[[Entry], None]) -> None:
        self.hooks = Hooks()
        self._entries: dict[str, Entry] = {}
        self._aliases: dict[str, str] = {}
        self._clashes: list[Entry] = []
        self._lock = threading.RLock()
        self._loading = threading.Lock()
        self._loader = Loader(self.hooks, make_context, self._claim, settle)

    def add(self, entry: Entry) -> None:
        """Make a source known.

        :raises NameTaken: another source has that name or alias already.
        """
        with self._lock:
            taken = self._entries.get(entry.name) or self._entries.get(self._aliases.get(entry.name, ""))
            if taken is not None:
                raise NameTaken(f"{_who(entry)} wants the name {entry.name!r}, which {_who(taken)} has")
            self._entries[entry.name] = entry

    def add_installed(self, entries: Iterable[Entry]) -> None:
        """Make installed sources known; the second of two with one name is listed as broken."""
        for entry in entries:
            try:
                self.add(entry)
            except NameTaken as error:
                entry.loaded, entry.state, entry.error = True, SourceState.BROKEN, error
                entry.reason, entry.hint = str(error), "uninstall one of the two"
                self._clashes.append(entry)

    def register(self, plugin: object, name: str, aliases: Iterable[str]) -> Entry:
        """Make a plugin known that the host hands over, an object or a class to be built with a context."""
        factory: Factory = plugin if isinstance(plugin, type) else lambda _context: plugin
        entry = Entry(name=name, load=lambda: factory, given_aliases=tuple(aliases))
        self.add(entry)
        self.ensure([name])
        if entry.state is SourceState.BROKEN and entry.error is not None:
            self._forget(entry)
            raise entry.error
        return entry

    def names(self) -> tuple[str, ...]:
        """The canonical names, loaded or not."""
        return tuple(self._entries)

    def entries(self) -> list[Entry]:
        """Every source, the ones that clash with another's name included."""
        return [*self._entries.values(), *self._clashes]

    def resolve(self, name: str) -> str:
        """The canonical name behind a name or alias. Aliases are known once their source is loaded.

        :raises UnknownSource: nobody has that name.
        """
        if name in self._entries:
            return name
        if name not in self._aliases:
            self.ensure(self.names())
        try:
            return self._aliases[name]
        except KeyError:
            raise UnknownSource(name, self.names()) from None

    def ensure(self, names: Iterable[str]) -> list[Entry]:
        """The entries of canonical names, loaded. Blocks for at most the loading time-out."""
        wanted = [self._entries[name] for name in names]
        if not all(entry.loaded for entry in wanted):
            with self._loading:
                self._loader.load_all(wanted)
        return wanted

    def is_loaded(self, name: str) -> bool:
        """Whether a name or alias is of a source that is loaded, so that asking for it blocks nobody."""
        entry = self._entries.get(self._aliases.get(name, name))
        return entry is not None and entry.loaded

    def get(self, name: str) -> Entry:
        """One source by name or alias, loaded.

        :raises UnknownSource: nobody has that name.
        """
        return self.ensure([self.resolve(name)])[0]

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

    def _forget(self, entry: Entry) -> None:
        with self._lock:
            del self._entries[entry.name]
            self._aliases = {alias: name for alias, name in self._aliases.items() if name != entry.name}

    def _claim(self, entry: Entry, aliases: Iterable[str]) -> None:
        with self._lock:
            wanted = tuple(dict.fromkeys(alias for alias in aliases if alias != entry.name))
            for alias in wanted:
                owner = self._entries.get(alias) or self._entries.get(self._aliases.get(alias, ""))
                if owner is not None and owner is not entry:
                    raise NameTaken(f"{_who(entry)} wants the alias {alias!r}, which {_who(owner)} has")
            self._aliases.update(dict.fromkeys(wanted, entry.name))
            entry.aliases = wanted


def _who(entry: Entry) -> str:
    shipped = f"{entry.distribution} {entry.version}".strip() or "registered by hand"
    return f"{entry.name} [{shipped}]"
