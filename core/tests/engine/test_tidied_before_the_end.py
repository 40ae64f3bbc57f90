"""What another program keeps of a finished transfer is removed before an engine closes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from core.tests.fakes import Fake, running, wav

from cratedig import DownloadState, Pending, SourceContext, Transfer, TransferUpdate, hookimpl
from cratedig._engine import controlling
from cratedig._runtime import outbox


class Delegating(Fake):
    """Another program that is done at once, and slow to forget."""

    folder: Path
    tidied: list[str]
    seconds: float

    def __init__(self, context: SourceContext) -> None:
        super().__init__(transfer=Transfer.EVENTS)
        self.context = context

    @hookimpl
    async def download_raw(self, target_id: str, dest_dir: Path, progress: Any) -> Pending:
        (self.folder / "there.wav").write_bytes(wav(1.0))
        return Pending(target_id)

    @hookimpl
    async def watch_raw(self) -> AsyncIterator[TransferUpdate]:
        async for _ in self.context.ticks(0.02):
            for one in self.context.transfers():
                path = self.folder / "there.wav"
                yield TransferUpdate(transfer_id=one.transfer_id, state=DownloadState.COMPLETED, path=path)

    @hookimpl
    async def tidy_raw(self, target_id: str, transfer_id: str) -> None:
        await asyncio.sleep(self.seconds)
        self.tidied.append(transfer_id)


async def one_download(folder: Path) -> None:
    """Open an engine, complete one download, close it at once."""
    async with running(journal=folder / "journal.db") as engine:
        engine.register_plugin(Delegating, name="fake")
        done = await engine.wait(await engine.dispatch_download(("fake", "one"), dest_dir=folder / "music"))
        assert done.state is DownloadState.COMPLETED, done.detail


def test_an_engine_that_closes_lets_the_other_program_forget(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever gets one file and ends leaves nothing behind at the other program."""
    monkeypatch.setattr(controlling, "SETTLE_PATIENCE", 120.0)
    Delegating.folder, Delegating.tidied, Delegating.seconds = tmp_path, [], 0.3
    asyncio.run(one_download(tmp_path))
    assert Delegating.tidied == ["one"]


def test_a_program_that_hangs_holds_no_engine_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It gets its time; then the engine is closed all the same."""
    monkeypatch.setattr(controlling, "SETTLE_PATIENCE", 0.2)
    monkeypatch.setattr(controlling, "CHORE_PATIENCE", 0.2)
    monkeypatch.setattr(outbox, "TELL_TIMEOUTS", {"tidy_raw": 3600.0})
    Delegating.folder, Delegating.tidied, Delegating.seconds = tmp_path, [], 3600.0
    asyncio.run(one_download(tmp_path))
    assert Delegating.tidied == []
