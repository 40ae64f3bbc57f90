"""A cancelled or failed transfer is ended at the other program, even when the engine closes at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from core.tests.fakes import Fake, running

from cratedig import (
    DownloadEngine,
    DownloadState,
    NotFound,
    Pending,
    SourceContext,
    Transfer,
    TransferUpdate,
    hookimpl,
)
from cratedig._engine import controlling
from cratedig._runtime import outbox


class Slow(Fake):
    """Another program that takes its time to forget; its transfers fail when ``fails`` says so."""

    fails = False
    seconds = 0.3
    told: list[str]

    def __init__(self, context: SourceContext) -> None:
        super().__init__(transfer=Transfer.EVENTS)
        self.context = context

    @hookimpl
    async def download_raw(self, target_id: str, dest_dir: Path, progress: Any) -> Any:
        return Pending(target_id)

    @hookimpl
    async def watch_raw(self) -> AsyncIterator[TransferUpdate]:
        async for _ in self.context.ticks(0.02):
            for one in self.context.transfers():
                state = DownloadState.ERRORED if self.fails else DownloadState.IN_PROGRESS
                error = NotFound("gone") if self.fails else None
                yield TransferUpdate(
                    transfer_id=one.transfer_id, state=state, error=error, detail="at it", transferred=1
                )

    @hookimpl
    async def cancel_raw(self, target_id: str, transfer_id: str) -> bool:
        await self._told(f"cancel {transfer_id}")
        return True

    @hookimpl
    async def tidy_raw(self, target_id: str, transfer_id: str) -> None:
        await self._told(f"tidy {transfer_id}")

    async def _told(self, what: str) -> None:
        await asyncio.sleep(self.seconds)
        self.told.append(what)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> type[Slow]:
    """That program; an engine that closes waits for it."""
    monkeypatch.setattr(controlling, "CHORE_PATIENCE", 120.0)
    monkeypatch.setattr(outbox, "TELL_TIMEOUTS", dict.fromkeys(outbox.TELL_TIMEOUTS, 3600.0))
    monkeypatch.setattr(Slow, "told", [], raising=False)
    return Slow


async def cancelled(engine: DownloadEngine, folder: Path) -> None:
    """Cancel a transfer that is under way."""
    download_id = await engine.dispatch_download(("fake", "one"), dest_dir=folder)
    while (seen := await engine.get_download_status(download_id)) and seen.detail != "at it":
        await asyncio.sleep(0.02)
    assert await engine.cancel_download(download_id)


async def failed(engine: DownloadEngine, folder: Path) -> None:
    """Wait for a transfer that fails."""
    done = await engine.wait(await engine.dispatch_download(("fake", "one"), dest_dir=folder))
    assert done.state is DownloadState.ERRORED


def closed_after(use: Any, slow: type[Slow], folder: Path) -> list[str]:
    """What the other program was told by an engine that closes right after ``use``."""

    async def main() -> None:
        async with running(engine={"retries": 0}) as engine:
            engine.register_plugin(slow, name="fake")
            await use(engine, folder)

    asyncio.run(main())
    return slow.told


def test_cancelled_transfer_is_stopped_before_the_engine_closes(slow: type[Slow], tmp_path: Path) -> None:
    """Nobody would come back for it."""
    assert closed_after(cancelled, slow, tmp_path) == ["cancel one"]


def test_failed_transfer_is_forgotten_before_the_engine_closes(
    slow: type[Slow], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its leftovers are of no use to anybody."""
    monkeypatch.setattr(slow, "fails", True)
    assert closed_after(failed, slow, tmp_path) == ["tidy one"]


def test_program_that_hangs_is_not_waited_for(
    slow: type[Slow], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine is closed all the same."""
    monkeypatch.setattr(slow, "seconds", 3600.0)
    monkeypatch.setattr(controlling, "CHORE_PATIENCE", 0.2)
    assert closed_after(cancelled, slow, tmp_path) == []
