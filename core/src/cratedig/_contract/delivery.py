"""What ``download_raw`` and ``watch_raw`` hand back."""

from __future__ import annotations

from pathlib import Path

from attrs import field, frozen
from attrs.validators import instance_of

from cratedig._model import DownloadState, Quality, checks


@frozen(kw_only=True)
class Delivery:
    """A delivered file together with what the service said of it.

    Return it in place of a bare path when ``download_raw`` learns more than the search knew; the engine
    holds the file against it. ``duration`` in seconds, ``size`` in bytes. ``name`` is the file name to
    publish under, without extension, for targets that were dispatched without a search result.
    """

    path: Path = field(converter=Path)
    duration: float | None = field(default=None, validator=checks.maybe(checks.number))
    size: int | None = field(default=None, validator=checks.maybe(checks.whole))
    quality: Quality | None = None
    name: str = field(default="", validator=checks.text)


@frozen
class Pending:
    """The service has taken the job; ``watch_raw`` reports on ``transfer_id`` from now on."""

    transfer_id: str = field(validator=checks.filled_text)


@frozen(kw_only=True)
class TransferUpdate:
    """News of one transfer, out of ``watch_raw``.

    ``state`` is ``IN_PROGRESS`` (also while it is queued at the other side, with ``detail`` saying so),
    or the terminal state. ``path`` comes with ``COMPLETED``: a file, or a folder for an album, that the
    engine takes over by moving or, where ``keep`` is true, by copying. ``error`` comes with ``ERRORED``.
    """

    transfer_id: str = field(validator=checks.filled_text)
    state: DownloadState = field(converter=DownloadState, validator=instance_of(DownloadState))
    transferred: int | None = field(default=None, validator=checks.maybe(checks.whole))
    size: int | None = field(default=None, validator=checks.maybe(checks.whole))
    detail: str = field(default="", validator=checks.text)
    path: Path | None = None
    keep: bool = False
    error: Exception | None = None
