"""What ``download_raw`` and ``watch_raw`` hand back."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from attrs import field, frozen
from attrs.validators import instance_of, optional

from cratedig._model import DownloadState, Quality, RawSearchResult, checks


def _shortened(name: object) -> object:
    """A name as long as a text may be: sources put it together from two that are."""
    return name[: checks.MAX_TEXT] if isinstance(name, str) else name


@frozen(kw_only=True)
class AlbumFile:
    """One file of a delivered album, with what the service said of it: seconds, bytes, quality.

    ``name`` is what to publish it under, without extension; a slash in it makes a folder: ``CD 2/01 - Song``.
    Where it is empty, the file keeps the name that it has.
    """

    path: Path = field(converter=Path)
    name: str = field(default="", converter=_shortened, validator=checks.text)
    duration: float | None = field(default=None, validator=checks.maybe(checks.number))
    size: int | None = field(default=None, validator=checks.maybe(checks.whole))
    quality: Quality | None = field(default=None, validator=optional(instance_of(Quality)))


def _files(files: Iterable[AlbumFile]) -> tuple[AlbumFile, ...]:
    return tuple(files)


def _names(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(str(name) for name in names)


@frozen(kw_only=True)
class Delivery:
    """A delivered file together with what the service said of it.

    Return it in place of a bare path when ``download_raw`` learns more than the search knew; the engine
    holds the file against it. ``duration`` in seconds, ``size`` in bytes. ``name`` is the file name to
    publish under, without extension, for targets that were dispatched without a search result.

    Of an album, ``path`` is the folder that holds its files. ``files`` lists them; where it is empty, every
    audio file below ``path`` is one. ``missing`` names the tracks that the service has promised and not
    delivered: such an album is incomplete, and only a person who asked for a partial one gets it.
    """

    path: Path = field(converter=Path)
    duration: float | None = field(default=None, validator=checks.maybe(checks.number))
    size: int | None = field(default=None, validator=checks.maybe(checks.whole))
    quality: Quality | None = None
    name: str = field(default="", converter=_shortened, validator=checks.text)
    files: tuple[AlbumFile, ...] = field(default=(), converter=_files)
    missing: tuple[str, ...] = field(default=(), converter=_names)


@frozen
class Pending:
    """The service has taken the job; ``watch_raw`` reports on ``transfer_id`` from now on."""

    transfer_id: str = field(validator=checks.filled_text)


@frozen(kw_only=True)
class TransferUpdate:
    """News of one transfer, out of ``watch_raw``.

    ``state`` is ``IN_PROGRESS`` (also while it is queued at the other side, with ``detail`` saying so),
    or the terminal state. ``path`` comes with ``COMPLETED``: a file, or a folder for an album, that the
    engine takes over by moving or, where ``keep`` is true, by copying. ``files`` and ``missing`` are those
    of a :class:`Delivery`; the files of an album need not lie below one folder then, and ``path`` may be
    left out. ``name`` is what to publish under where no search has told, in place of the path's own name.
    ``error`` comes with ``ERRORED``.
    """

    transfer_id: str = field(validator=checks.filled_text)
    state: DownloadState = field(converter=DownloadState, validator=instance_of(DownloadState))
    transferred: int | None = field(default=None, validator=checks.maybe(checks.whole))
    size: int | None = field(default=None, validator=checks.maybe(checks.whole))
    detail: str = field(default="", validator=checks.text)
    path: Path | None = None
    files: tuple[AlbumFile, ...] = field(default=(), converter=_files)
    missing: tuple[str, ...] = field(default=(), converter=_names)
    keep: bool = False
    name: str = field(default="", converter=_shortened, validator=checks.text)
    error: Exception | None = None


@frozen(kw_only=True)
class OpenTransfer:
    """A transfer at the other program that the engine waits for news of.

    ``download_id`` is the record's id (a UUID), ``promise`` the search result that it was made from, if there
    was one, and ``since`` when the wait began, in seconds since the epoch.
    """

    transfer_id: str
    target_id: str
    download_id: str
    since: float
    promise: RawSearchResult | None = None
