"""What was verified and is about to be published, findable until the record is written down.

Between the rename into the destination and the record's commit a process may be killed. The next one finds
the survivor in the download's staging folder. Of a file it is a second name: the same bytes as the published
file, or the only copy. Of an album it is the folder, or a note of where the folder went.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Container
from pathlib import Path

from cratedig._plugins import Delivery
from cratedig._transfer.staging import remove

NAME = "verified"
STEM = "verified.name"
ALBUM = "album"
NOTE = "album.json"


def keep(path: Path, staging: Path, stem: str) -> None:
    """Give the verified file its second name; file systems without hard links go without."""
    with contextlib.suppress(OSError):
        (staging / STEM).write_text(stem, encoding="utf-8", errors="replace")
        os.link(path, staging / NAME)


def find(staging: Path) -> Delivery | None:
    """What an earlier process had verified, if anything."""
    survivor = staging / NAME
    if survivor.is_file():
        return Delivery(path=survivor, name=_stem(staging))
    return _album(staging)


def album_folder(staging: Path) -> Path:
    """Where an album is put together."""
    return staging / ALBUM


def clear(staging: Path) -> None:
    """Remove an album that was being put together: what is delivered anew must not be mixed with it."""
    remove(album_folder(staging))


def note_album(staging: Path, folder: Path, target: Path, stem: str, missing: tuple[str, ...]) -> None:
    """Write down where the folder is about to go, what it is to be called, and what the album lacks."""
    note = {"inode": folder.stat().st_ino, "target": str(target), "stem": stem, "missing": missing}
    written = staging / f"{NOTE}.new"
    written.write_text(json.dumps(note), encoding="utf-8")
    written.replace(staging / NOTE)


def is_second_name(path: Path, staging: Path) -> bool:
    """Whether a file is what :func:`find` has found, and not one that was delivered just now."""
    return path == (staging / NAME).resolve()


def published_as(path: Path, dest_dir: Path, originals: Container[Path] = ()) -> Path | None:
    """The name in ``dest_dir`` under which these very bytes are there already, if they are.

    ``originals`` are another program's names for them: it may deliver into the same folder.
    """
    try:
        if path.stat().st_nlink < 2:  # noqa: PLR2004 - one name is the one that we have
            return None
        with os.scandir(dest_dir) as entries:
            names = [Path(entry) for entry in entries if entry.is_file(follow_symlinks=False)]
        return next((name for name in names if name not in originals and name.samefile(path)), None)
    except OSError:
        return None


def _stem(staging: Path) -> str:
    try:
        return (staging / STEM).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""


def _album(staging: Path) -> Delivery | None:
    try:
        note = json.loads((staging / NOTE).read_text(encoding="utf-8"))
        places = (album_folder(staging), Path(note["target"]))
        here = next((place for place in places if _is(place, note["inode"])), None)
        return None if here is None else Delivery(path=here, name=note["stem"], missing=note["missing"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _is(place: Path, inode: int) -> bool:
    try:
        return place.is_dir() and place.stat().st_ino == inode
    except OSError:
        return False
