"""Getting a file from the collection to the staging folder."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from cratedig import NotEntitled, NotFound, Unavailable

_PIECE = 4 * 1024 * 1024
_CANNOT = frozenset({errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM, errno.EMLINK})
"""What file systems say that cannot link, or cannot share blocks."""

Progress = Callable[..., None]


def deliver(source: Path, target: Path, *, link: bool, progress: Progress) -> Path:
    """Link or copy ``source`` to ``target``; a copy shares its blocks where the file system can.

    :raises NotFound: the file has vanished.
    :raises NotEntitled: it may not be read.
    :raises Unavailable: reading or writing failed, the disk being full for instance.
    """
    try:
        reader = source.open("rb")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        raise NotFound("the file is no longer there") from error
    except PermissionError as error:
        raise NotEntitled("the file may not be read", hint="check its permissions") from error
    with reader:
        try:
            _bring(reader, source, target, link=link, progress=progress)
        except OSError as error:
            raise Unavailable(f"cannot copy the file: {error.strerror or error}") from error
    return target


def _bring(reader: BinaryIO, source: Path, target: Path, *, link: bool, progress: Progress) -> None:
    size = os.fstat(reader.fileno()).st_size
    target.unlink(missing_ok=True)
    if link and _linked(source.resolve(), target):
        progress(size, size)
        return
    with target.open("wb") as writer:
        _copy(reader, writer, size, progress)


def _linked(source: Path, target: Path) -> bool:
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in _CANNOT:
            raise
        return False
    return True


def _copy(reader: BinaryIO, writer: BinaryIO, size: int, progress: Progress) -> None:
    done = 0
    progress(done, size)
    while moved := _share(reader, writer) or _read(reader, writer):
        done += moved
        progress(done, size)


def _share(reader: BinaryIO, writer: BinaryIO) -> int:
    """Let the kernel move the next piece; 0 at the end and where it cannot."""
    with suppress(OSError, AttributeError):
        moved: int = os.copy_file_range(reader.fileno(), writer.fileno(), _PIECE)
        return moved
    return 0


def _read(reader: BinaryIO, writer: BinaryIO) -> int:
    piece = os.read(reader.fileno(), _PIECE)
    view = memoryview(piece)
    while view:
        view = view[os.write(writer.fileno(), view) :]
    return len(piece)
