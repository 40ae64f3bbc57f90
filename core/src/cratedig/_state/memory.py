"""The store's face, and the variant that forgets with the process."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cratedig._redaction import Redactor


class MemoryState:
    """JSON values under text keys. Every method may be called from any thread.

    What ``get`` returns is a copy: changing it changes nothing here.
    """

    def __init__(self, redactor: Redactor | None = None) -> None:
        self._lock = threading.RLock()
        self._values: dict[str, Any] = {}
        self._redactor = redactor

    def get(self, key: str, default: Any = None) -> Any:
        """The value, or ``default`` where there is none."""
        with self._lock:
            value = self._present().get(key, default)
        return _copy(value) if value is not default else default

    def set(self, key: str, value: Any) -> None:
        """Keep a value that JSON can hold; lists for tuples, texts for keys.

        :raises TypeError: JSON cannot hold it.
        """
        if not isinstance(key, str):
            raise TypeError(f"the key of a state value is text, not {type(key).__name__}")
        kept = _jsonable(key, value)
        self._note({key: kept})
        self._change(lambda values: values.__setitem__(key, kept))

    def delete(self, key: str) -> None:
        """Forget a value; nothing happens where there is none."""
        self._change(lambda values: values.pop(key, None))

    def keys(self) -> list[str]:
        """The keys that have a value, sorted."""
        with self._lock:
            return sorted(self._present())

    def __repr__(self) -> str:
        """Keys only: the values are tokens."""
        with self._lock:
            return f"<{type(self).__name__} {', '.join(sorted(self._values))}>"

    def _present(self) -> dict[str, Any]:
        """The values as they are now; called with the lock held."""
        return self._values

    def _change(self, change: Callable[[dict[str, Any]], object]) -> None:
        with self._lock:
            change(self._values)

    def _note(self, values: dict[str, Any]) -> None:
        if self._redactor is not None:
            self._redactor.plant_from(values)


def _copy(value: Any) -> Any:
    return json.loads(json.dumps(value)) if isinstance(value, dict | list) else value


def _jsonable(key: str, value: Any) -> Any:
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        # The reason would quote the value.
        raise TypeError(f"{key}: a state value is what JSON can hold, not {type(value).__name__}") from None
