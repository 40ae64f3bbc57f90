"""Why a transfer has ended badly, as an error that belongs to one record alone."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from cratedig._errors import NotFound, SourceError, Unavailable, UnexpectedResponse
from cratedig._model import DownloadState
from cratedig._plugins.calls import as_source_error

if TYPE_CHECKING:
    from cratedig._downloads.run import Run
    from cratedig._plugins import TransferUpdate


def reason_of(update: TransferUpdate, source: str, run: Run) -> SourceError:
    """The update's error; what its state means where it has none."""
    return as_source_error(_own(_told(update)), source, run.candidate.target_id)


def _told(update: TransferUpdate) -> BaseException:
    error: object = update.error
    if isinstance(error, BaseException):
        return error
    if error is not None:
        return UnexpectedResponse(f"the transfer has failed, and its error is no exception: {error!r:.200}")
    if update.state is DownloadState.CANCELLED:
        # A person did that over there; trying it again would be trying their patience.
        return NotFound(update.detail or "it was cancelled at the other program")
    return Unavailable(update.detail or f"the other program says {update.state}")


def _own(error: BaseException) -> BaseException:
    """A copy: a source may tell the same error of many transfers, and each is stamped with its target."""
    if not isinstance(error, SourceError):
        return error
    try:
        return copy.copy(error)
    except Exception:  # noqa: BLE001 - a class of the plugin's own may not be made for it
        return error
