"""A private folder for each download, beside its destination and so on the same file system."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import time
from collections.abc import Callable
from pathlib import Path

from cratedig._errors import CorruptDownload

PREFIX = ".cratedig-"
COPY_SUFFIX = ".cratedig-copy"
"""What a file that is being copied to its destination's file system is called until it is whole."""

_FORGOTTEN = 86_400.0
_ID = re.compile(r"[A-Za-z0-9._-]{1,100}")


class Staging:
    """The folder that a download's source may write into; nobody else can read it."""

    def __init__(self, dest_dir: Path, download_id: str) -> None:
        if not _ID.fullmatch(download_id) or download_id in {".", ".."}:
            raise ValueError(f"no usable download id: {download_id[:100]!r}")
        self.path = dest_dir / f"{PREFIX}{download_id}"

    def create(self) -> Path:
        """Make it, or take up the one that is there, and return its path.

        :raises OSError: something else has that name, or the destination cannot be written.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.mkdir(mode=0o700, exist_ok=True)
        found = self.path.lstat()
        if not stat.S_ISDIR(found.st_mode) or (hasattr(os, "getuid") and found.st_uid != os.getuid()):
            raise NotADirectoryError(f"{self.path} is not a folder of this user's own")
        self.path.chmod(0o700)
        return self.path

    def remove(self) -> None:
        """Delete it with everything in it, as far as the system lets it; a missing one is fine."""
        remove(self.path)


def inside(path: Path, folder: Path) -> Path:
    """Return ``path`` resolved, when it is a regular file within ``folder`` that no other name points to.

    :raises CorruptDownload: it is missing, something else, or elsewhere.
    """
    try:
        resolved = path.resolve(strict=True)
        mode = path.lstat().st_mode
    except (OSError, RuntimeError, ValueError) as error:
        raise CorruptDownload(f"the source named a file that is not there: {path.name!r}") from error
    if not resolved.is_relative_to(folder.resolve()):
        raise CorruptDownload(f"the source named a file outside the download's folder: {path.name!r}")
    if not stat.S_ISREG(mode):
        raise CorruptDownload(f"the source named something that is no regular file: {path.name!r}")
    return resolved


def sweep(dest_dir: Path, over: Callable[[str], bool]) -> list[Path]:
    """Remove the staging folders of downloads whose ids are ``over``, and copies that a crash left behind.

    Returns what was removed. A copy counts as left behind when nothing was written to it for a day.
    """
    with contextlib.suppress(OSError):
        leftovers = [path for path in dest_dir.iterdir() if _is_leftover(path, over)]
        for path in leftovers:
            remove(path)
        return leftovers
    return []


def remove(path: Path) -> None:
    """Delete a file, a link, or a folder with everything in it, as far as the system lets it."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink()


def _is_leftover(path: Path, over: Callable[[str], bool]) -> bool:
    if path.name.endswith(COPY_SUFFIX):
        return path.lstat().st_mtime < time.time() - _FORGOTTEN
    download_id = path.name.removeprefix(PREFIX)
    return path.name.startswith(PREFIX) and bool(_ID.fullmatch(download_id)) and over(download_id)
