"""What only the journal in memory does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cratedig._journal.memory import MemoryJournal
from cratedig._journal.port import Action, Row
from cratedig._model import DownloadState


class Watched:
    """A record that counts its snapshots."""

    id = "a"
    state = DownloadState.COMPLETED
    snapshots = 0

    def row(self) -> Row:
        """Count."""
        self.snapshots += 1
        raise AssertionError


def test_saving_takes_no_snapshot_and_makes_no_future() -> None:
    """The hot path costs one look at the state."""
    journal, record = MemoryJournal(), Watched()
    assert journal.save(record) is journal.save(record)
    assert journal.save(record).done()
    assert record.snapshots == 0


def test_a_request_that_the_engine_does_not_know_is_dropped(
    new_record: Callable[..., Any], eventually: Callable[..., None]
) -> None:
    """There is nobody else to ask, and no thread dies of it."""
    asked = []

    def hear(download_id: str, _: Action) -> None:
        asked.append(download_id)
        raise LookupError(download_id)

    journal = MemoryJournal()
    journal.start(hear)
    record = new_record()
    journal.save(record)
    journal.ask(record.id, Action.REMOVE)
    eventually(lambda: asked == [record.id])
