"""A verified file that is about to be published, kept under a second name until the record is written down.

Between the rename into the destination and the record's commit a process may be killed. The next one finds
the survivor in the download's staging folder: the same bytes as the published file, or the only copy.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

NAME = "verified"


def keep(path: Path, staging: Path) -> None:
    """Give the verified file its second name; file systems without hard links go without."""
    with contextlib.suppress(OSError):
        os.link(path, staging / NAME)


def find(staging: Path) -> Path | None:
    """What an earlier process had verified, if anything."""
    survivor = staging / NAME
    return survivor if survivor.is_file() else None


def published_as(path: Path, dest_dir: Path) -> Path | None:
    """The name in ``dest_dir`` under which these very bytes are there already, if they are."""
    try:
        if path.stat().st_nlink < 2:  # noqa: PLR2004 - one name is the one that we have
            return None
        with os.scandir(dest_dir) as entries:
            names = [Path(entry) for entry in entries if entry.is_file(follow_symlinks=False)]
        return next((name for name in names if name.samefile(path)), None)
    except OSError:
        return None
