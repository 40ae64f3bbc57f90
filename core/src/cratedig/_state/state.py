"""The store on disk: one JSON file for each source, readable by its owner only."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from cratedig._errors import NotConfigured
from cratedig._state.lock import file_lock
from cratedig._state.memory import MemoryState

if TYPE_CHECKING:
    from cratedig._redaction import Redactor

_Stamp = tuple[int, int, int]


class State(MemoryState):
    """JSON values in a file of mode 0600, in a folder of mode 0700.

    A value is durable when ``set`` returns. Several processes may share a file: each sees the others'
    values, and for one key the last writer wins. A file that cannot be read is never replaced: every
    method then raises :class:`~cratedig.NotConfigured`, so that the source is skipped and says why.
    """

    def __init__(self, path: Path, redactor: Redactor | None = None) -> None:
        super().__init__(redactor)
        self.path = Path(path)
        self._stamp: _Stamp | None = None

    @classmethod
    def for_source(cls, state_dir: Path, name: str, redactor: Redactor | None = None) -> State:
        """The state of the source of that name."""
        return cls(Path(state_dir) / "sources" / f"{name}.json", redactor)

    def _present(self) -> dict[str, Any]:
        """Read the file again if another process has replaced it."""
        with self._explained("read"):
            stamp = _stamp(self.path)
            if stamp != self._stamp:
                self._values = _read(self.path) if stamp else {}
                self._stamp = stamp
                self._note(self._values)
        return self._values

    def _change(self, change: Callable[[dict[str, Any]], object]) -> None:
        with self._lock, self._explained("written"):
            _private_folder(self.path.parent)
            with file_lock(self.path.with_suffix(".lock")):
                values = dict(self._present())
                change(values)
                _replace(self.path, json.dumps(values, indent=1, sort_keys=True))
                self._values, self._stamp = values, _stamp(self.path)

    @contextmanager
    def _explained(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            reason = error.strerror or type(error).__name__
            self._refuse(f"cannot be {what}: {reason}", "check its folder's owner, mode and free space")
        except (ValueError, RecursionError):
            self._refuse("is damaged", "repair it, or move it away and log in again")

    def _refuse(self, reason: str, hint: str) -> NoReturn:
        # Not chained: the JSON parser's error holds the whole document.
        raise NotConfigured(
            f"the state file {self.path} {reason}; it was left as it is", source=self.path.stem, hint=hint
        ) from None


def _stamp(path: Path) -> _Stamp | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    # The inode tells two replacements within one tick of the clock apart.
    return (status.st_ino, status.st_mtime_ns, status.st_size)


def _read(path: Path) -> dict[str, Any]:
    if os.name == "posix" and path.stat().st_mode & 0o077:
        path.chmod(0o600)  # copied or restored with the usual mode
    found = json.loads(path.read_bytes())
    if not isinstance(found, dict):
        raise ValueError("not an object")  # noqa: TRY004  # one kind of damage like any other
    return found


def _private_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name == "posix" and folder.stat().st_mode & 0o077:
        folder.chmod(0o700)


def _replace(path: Path, text: str) -> None:
    """Write beside it, flush, rename: at every moment one whole file is there."""
    fresh = path.with_suffix(".new")
    # One name is enough under the lock, and what a crash leaves behind is overwritten by the next.
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
    handle = os.open(fresh, flags, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        if os.name == "posix":
            os.fchmod(file.fileno(), 0o600)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    _flush_folder(path.parent)


def _flush_folder(folder: Path) -> None:
    with suppress(OSError):  # Windows cannot open a folder
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
