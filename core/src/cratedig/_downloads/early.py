"""Ends of transfers that are told before the engine follows them.

A program that announces may do so before ``download_raw`` has returned the transfer's id, and never again.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cratedig._plugins import TransferUpdate

KEPT = 256
"""Of each source; strangers' transfers are among them."""


class Early:
    """The latest ends of transfers that nobody follows. Used on the lanes' loops."""

    def __init__(self) -> None:
        self._kept: dict[str, dict[str, tuple[float, TransferUpdate]]] = {}

    def keep(self, source: str, update: TransferUpdate) -> None:
        """Remember an end for a while; anything else will be told again."""
        if not update.state.terminal:
            return
        kept = self._kept.setdefault(source, {})
        kept.pop(update.transfer_id, None)
        kept[update.transfer_id] = (time.time(), update)
        if len(kept) > KEPT:
            del kept[next(iter(kept))]

    def take(self, source: str, transfer_id: str, since: float) -> TransferUpdate | None:
        """What was told of it after ``since``; older news is about an earlier transfer of that id."""
        at, update = self._kept.get(source, {}).pop(transfer_id, (0.0, None))
        return update if at >= since else None
