"""What yt-dlp keeps between extractions: client ids, and digests of player scripts."""

from __future__ import annotations

import json
import re
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cratedig._plugins.lending import State

MAX_KEPT = 4096
"""Bytes of JSON that are worth writing down; a solved player script is not, and stays in memory."""

MAX_LARGE = 16
"""How many of those larger values stay in memory, the latest ones."""


_CREDENTIAL = re.compile(r"client_?id|token|session|visitor", re.IGNORECASE)


class Memory:
    """In place of yt-dlp's cache folder: small values in the source's own state, large ones in memory.

    Thread-safe, because extractions of one source share it.
    """

    enabled = True

    def __init__(self, state: State) -> None:
        self._state = state
        self._large: dict[str, dict[str, Any]] = {}
        self._lock = Lock()

    def store(self, section: str, key: str, data: Any, dtype: str = "json") -> None:
        """Keep ``data`` under a section and a key; ``dtype`` is always JSON."""
        del dtype
        kept, name = {"version": _version(), _field(key): data}, _name(section, key)
        with self._lock:
            if len(json.dumps(data)) <= MAX_KEPT:
                self._state.set(name, kept)
                return
            self._large.pop(name, None)
            self._large[name] = kept
            while len(self._large) > MAX_LARGE:
                del self._large[next(iter(self._large))]

    def load(
        self, section: str, key: str, dtype: str = "json", default: Any = None, *, min_ver: str | None = None
    ) -> Any:
        """Give what this version of yt-dlp stored, else ``default``; so ``min_ver`` always holds."""
        del dtype, min_ver
        name = _name(section, key)
        with self._lock:
            kept = self._large.get(name) or self._state.get(name)
        if not isinstance(kept, dict) or kept.get("version") != _version():
            return default
        data = kept.get(_field(key))
        return default if data is None else data


def _field(key: str) -> str:
    """Where the data stand; the log leaves out what a state has under the name of a secret."""
    return "secret" if _CREDENTIAL.search(key) else "data"


def _name(section: str, key: str) -> str:
    return f"yt-dlp/{section}/{key}"


def _version() -> str:
    from yt_dlp.version import __version__  # noqa: PLC0415 - its package takes a quarter of a second

    return str(__version__)
