"""A verified file gets its final name: flushed, atomic, and never over another file."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sys
import unicodedata
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from uuid import uuid4

from cratedig._transfer.names import safe_name
from cratedig._transfer.staging import COPY_SUFFIX

_NO_HARD_LINKS = frozenset(
    {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EACCES, errno.EMLINK}
)
_DEFAULT_LIMIT = 255
_WINDOWS_PATH = 259
_SHORTEST_NAME = 24


def publish(path: Path, dest_dir: Path, stem: str, extension: str, *, keep: bool = False) -> Path:
    """Move ``path`` to ``dest_dir/stem.extension`` and return where it is, durable when this returns.

    The name is made safe first. Where a file has it already, also in other letter case, the new one is
    called ``stem (2).extension`` and so on; any number of threads and processes may do this at once. With
    ``keep`` the file is copied and stays where it was.

    :raises OSError: the destination is full, gone or not writable; ``path`` is then still there.
    """
    dest_dir.mkdir(parents=True, exist_ok=True)
    source = path if _same_device(path, dest_dir) and not keep else _copy(path, dest_dir)
    flush_file(source)
    for target in targets(dest_dir, stem, extension):
        if _claim(source, target):
            break
    flush_folder(dest_dir)
    if source != path and not keep:
        path.unlink(missing_ok=True)
    return target


def name_limit(dest_dir: Path) -> int:
    """How many bytes a name in ``dest_dir`` may have; on Windows the whole path must stay below 260."""
    if sys.platform == "win32":
        return max(_SHORTEST_NAME, min(_DEFAULT_LIMIT, _WINDOWS_PATH - len(str(dest_dir.absolute())) - 1))
    try:
        limit = os.pathconf(dest_dir, "PC_NAME_MAX")
    except (OSError, ValueError):
        return _DEFAULT_LIMIT
    return min(limit, _DEFAULT_LIMIT) if limit > 0 else _DEFAULT_LIMIT


def targets(dest_dir: Path, stem: str, extension: str) -> Iterator[Path]:
    """The safe names for ``stem`` that nobody has in ``dest_dir``, the plain one first; without end."""
    limit = name_limit(dest_dir)
    taken = _names_in(dest_dir)
    for number in count(1):
        mark = "" if number == 1 else f" ({number})"
        name = _numbered(stem, extension, mark, limit)
        if _folded(name) not in taken:
            yield dest_dir / name


def _numbered(stem: str, extension: str, mark: str, limit: int) -> str:
    plain = safe_name(stem, extension, limit_bytes=limit - len(mark))
    base, dot, suffix = plain.rpartition(".") if extension.strip(". ") else (plain, "", "")
    return f"{base}{mark}{dot}{suffix}"


def _names_in(dest_dir: Path) -> set[str]:
    return {_folded(entry.name) for entry in dest_dir.iterdir()}


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _claim(source: Path, target: Path) -> bool:
    """Give ``source`` the name ``target`` unless somebody has it."""
    try:
        os.link(source, target, follow_symlinks=False)
    except FileExistsError:
        return False
    except (OSError, NotImplementedError) as error:
        if isinstance(error, OSError) and error.errno not in _NO_HARD_LINKS:
            raise
        return _reserve(source, target)
    source.unlink()
    return True


def _reserve(source: Path, target: Path) -> bool:
    """Do the same on file systems without hard links (FAT, some network shares)."""
    try:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    except FileExistsError:
        return False
    try:
        source.replace(target)
    except OSError:
        target.unlink(missing_ok=True)
        raise
    return True


def _same_device(path: Path, dest_dir: Path) -> bool:
    return path.stat().st_dev == dest_dir.stat().st_dev


def _copy(path: Path, dest_dir: Path) -> Path:
    copy = dest_dir / f".{uuid4()}{COPY_SUFFIX}"
    try:
        shutil.copyfile(path, copy)
    except BaseException:
        copy.unlink(missing_ok=True)
        raise
    return copy


def flush_file(path: Path) -> None:
    """Have its bytes on the disk when this returns."""
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def flush_folder(folder: Path) -> None:
    """Have its entries on the disk when this returns, where the system knows how."""
    # Windows cannot open folders, and some network file systems refuse to flush them.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
