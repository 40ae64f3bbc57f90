"""Names and aliases of the sources of one engine, each of which belongs to one source."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from cratedig._errors import NameTaken
from cratedig._plugins.entry import Entry


class Names:
    """Finds a source's entry by name or alias; callable from any thread."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._aliases: dict[str, str] = {}
        self._lock = threading.RLock()

    def add(self, entry: Entry) -> None:
        """Make a source known.

        :raises NameTaken: another source has that name or alias already.
        """
        with self._lock:
            taken = self.find(entry.name)
            if taken is not None:
                raise NameTaken(f"{_who(entry)} wants the name {entry.name!r}, which {_who(taken)} has")
            self._entries[entry.name] = entry

    def claim(self, entry: Entry, aliases: Iterable[str]) -> None:
        """Give a known source its aliases, all or none of them.

        :raises NameTaken: another source has one of them already.
        """
        with self._lock:
            wanted = tuple(dict.fromkeys(alias for alias in aliases if alias != entry.name))
            for alias in wanted:
                owner = self.find(alias)
                if owner is not None and owner is not entry:
                    raise NameTaken(f"{_who(entry)} wants the alias {alias!r}, which {_who(owner)} has")
            self._aliases.update(dict.fromkeys(wanted, entry.name))
            entry.aliases = wanted

    def remove(self, entry: Entry) -> None:
        """Forget a source with its aliases."""
        with self._lock:
            del self._entries[entry.name]
            self._aliases = {alias: name for alias, name in self._aliases.items() if name != entry.name}

    def find(self, name: str) -> Entry | None:
        """Return the entry with that name or, of a source that was loaded, alias."""
        return self._entries.get(name) or self._entries.get(self._aliases.get(name, ""))

    def entries(self) -> list[Entry]:
        """Return every known source."""
        return list(self._entries.values())


def _who(entry: Entry) -> str:
    shipped = f"{entry.distribution} {entry.version}".strip() or "registered by hand"
    return f"{entry.name} [{shipped}]"
