"""What another program has left on the disk, brought into a download's staging folder. Blocking.

Files are linked where that is possible and copied where it is not; the originals go only after the record is
durable, so that a crash at any moment leaves them, or the published files, or both.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from cratedig._errors import NotFound, UnexpectedResponse
from cratedig._plugins import AlbumFile, Delivery
from cratedig._transfer.staging import remove

if TYPE_CHECKING:
    from cratedig._plugins import TransferUpdate
    from cratedig._transfer.staging import Staging

INCOMING = "incoming"

_LEFTOVERS = frozenset({".nfo", ".nzb", ".par2", ".sfv", ".srr", ".m3u", ".m3u8", ".txt", ".url"})
"""What releases bring along beside their music; removed with it when the engine takes a folder over."""


@frozen
class Originals:
    """What goes once the record is durable: files, and the folder that they leave empty."""

    paths: tuple[Path, ...] = ()
    folder: Path | None = None


def take_in(update: TransferUpdate, staging: Staging) -> tuple[Delivery, Originals]:
    """Bring the files of a completed transfer into ``staging``; the delivery, and what to remove later.

    :raises NotFound: they are not where the other program says.
    :raises UnexpectedResponse: the update names none, or a folder that holds more than the transfer.
    """
    folder = staging.path / INCOMING
    remove(folder)
    folder.mkdir()
    if update.files:
        return _listed(update, folder)
    if update.path is None:
        raise UnexpectedResponse("the transfer is complete, and no path was told")
    path = Path(update.path)
    if not path.exists():
        raise NotFound(f"the other program has left nothing at {str(path)!r}", hint=_HINT)
    return _folder(update, path, folder) if path.is_dir() else _single(update, path, folder)


def drop(originals: Iterable[Path], folder: Path | None = None) -> None:
    """Remove the originals and the folders that they leave empty; never a whole tree by its name."""
    for original in originals:
        with contextlib.suppress(OSError):
            original.unlink()
    if folder is not None:
        for path in sorted((entry for entry in folder.rglob("*") if entry.is_dir()), reverse=True):
            _remove_empty(path)
        _remove_empty(folder)


_HINT = "see whether path_map is right: `cratedig doctor` proves it"


def _single(update: TransferUpdate, path: Path, folder: Path) -> tuple[Delivery, Originals]:
    inside = _bring(path, folder / path.name, keep=update.keep)
    delivery = Delivery(path=inside, name=update.name or path.stem, missing=update.missing)
    return delivery, Originals() if update.keep else Originals((path,))


def _listed(update: TransferUpdate, folder: Path) -> tuple[Delivery, Originals]:
    brought = [_numbered(update, number, file, folder) for number, file in enumerate(update.files)]
    originals = tuple(file.path for file in update.files)
    delivery = Delivery(path=folder, files=brought, name=update.name, missing=update.missing)
    return delivery, Originals() if update.keep else Originals(originals)


def _numbered(update: TransferUpdate, number: int, file: AlbumFile, folder: Path) -> AlbumFile:
    """Each in a folder of its own: two discs may hold files of the same name."""
    if not file.path.is_file():
        raise NotFound(f"the other program has left nothing at {str(file.path)!r}", hint=_HINT)
    inside = _bring(file.path, folder / str(number) / file.path.name, keep=update.keep)
    return evolve(file, path=inside, name=file.name or file.path.stem)


def _folder(update: TransferUpdate, path: Path, folder: Path) -> tuple[Delivery, Originals]:
    if folder.resolve().is_relative_to(path.resolve()):
        raise UnexpectedResponse(
            f"the other program says that the download is {str(path)!r}, which holds the destination",
            hint=_HINT,
        )
    originals = tuple(_regular_files(path))
    for original in originals:
        if original.suffix.lower() not in _LEFTOVERS:
            _bring(original, folder / original.relative_to(path), keep=update.keep)
    delivery = Delivery(path=folder, name=update.name or path.name, missing=update.missing)
    return delivery, Originals() if update.keep else Originals(originals, path)


def _regular_files(folder: Path) -> Iterator[Path]:
    """Links are left alone: a release may bring one that leads to this person's own files."""
    for path in sorted(folder.rglob("*")):
        if stat.S_ISREG(path.lstat().st_mode) and not path.is_symlink():
            yield path


def _bring(original: Path, target: Path, *, keep: bool) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    if not keep:
        # A kept file stays the other program's: a link would let it change what was published.
        with contextlib.suppress(OSError):
            os.link(original, target, follow_symlinks=False)
            return target
    shutil.copyfile(original, target)
    return target


def _remove_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()
