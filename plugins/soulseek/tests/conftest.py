"""The real engine with the emulated slskd, whose folders it sees under other names than slskd does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from cratedig import Download, DownloadEngine, SearchReport, SearchResult, Wanted
from cratedig_contracts import Bench
from cratedig_contracts.bench import SOON
from cratedig_contracts.patience import blocking_until
from cratedig_emulators.soulseek import SharedFile, SlskdEmulator, Transfer
from cratedig_soulseek.targets import Target

COPPER = Wanted(artist="The Brass Lanterns", title="Copper Rain")
LIST = "/api/v0/transfers/downloads"


class SoulseekBench(Bench):
    """An engine with the emulated slskd behind it."""

    source = "soulseek"

    def __init__(self, service: SlskdEmulator, folder: Path) -> None:
        super().__init__(folder)
        self.service = service

    def own(self) -> dict[str, Any]:
        """What stands under ``[sources.soulseek]``."""
        return {
            "base_url": self.service.base_url,
            "api_key": self.service.api_key,
            "download_dir": str(self.service.downloads.downloads),
            "path_map": {self.service.there: str(self.service.folder)},
            "poll_interval": 0.05,
            "searches_per_period": 1000,
        }

    def search(self, wish: str | Wanted = COPPER, **settings: Any) -> SearchReport:
        """The report of one search."""
        return super().search(wish, **settings)

    def target(self, title: str = "Copper Rain", user: str = "peer one") -> tuple[str, str]:
        """The target that a title is at a peer's."""
        return target_of(self.service, title, user)

    def download(self, target: Any = None, *, folder: str = "", **settings: Any) -> Download:
        """The record of one download when it has ended."""

        async def use(engine: DownloadEngine) -> Download:
            return await engine.wait(await self.begin(engine, target, folder=folder))

        return self(use, **settings)

    async def begin(
        self, engine: DownloadEngine, target: Any = None, *, folder: str = "", **more: Any
    ) -> str:
        """Dispatch one download; its id."""
        wanted: SearchResult | tuple[str, str] = target or self.target()
        return await engine.dispatch_download(wanted, dest_dir=self.music / folder, force=True, **more)

    def left_there(self) -> list[str]:
        """Every file in slskd's folders."""
        root = self.service.folder
        return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())

    def records(self) -> list[Transfer]:
        """What slskd still shows."""
        return [one for one in self.service.transfers() if not one.removed]

    def settled(self, records: int = 0) -> bool:
        """Whether slskd has been tidied up within some seconds, but for so many records."""
        folder = self.service.downloads.downloads
        return blocking_until(
            lambda: len(self.records()) <= records and not list(folder.glob("cratedig*")), SOON
        )

    def land(self) -> None:
        """Have slskd move to their places what it has received, where its script says that it never does."""
        with self.service.lock:
            for one in self.service.downloads.all:
                one.move_at = 0.0 if one.state == "Completed, Succeeded" else one.move_at

    @contextmanager
    def answers_later(self) -> Iterator[Event]:
        """Calls that begin something are taken on when the event is set, at the latest afterwards."""
        now = Event()
        self.service.take_time = now.wait  # type: ignore[method-assign,assignment]
        try:
            yield now
        finally:
            now.set()
            del self.service.take_time

    def looks(self, glob: str = LIST) -> int:
        """How many requests there were for the list, or for something else."""
        return len(self.service.log.all(glob))


def file_of(service: SlskdEmulator, title: str, user: str) -> SharedFile:
    """A peer's file of that title."""
    return next(file for file in service.people[user].files if title in file.path and not file.locked)


def target_of(service: SlskdEmulator, title: str, user: str) -> tuple[str, str]:
    """The target that it is."""
    file = file_of(service, title, user)
    return ("soulseek", Target(user=user, path=file.path, size=len(file.data())).text)


@pytest.fixture(autouse=True)
def _short_doubts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Believe a failure that may pass after half a second in place of two."""
    monkeypatch.setattr("cratedig_soulseek.watching.SETTLED", 0.5)


@pytest.fixture
def slskd(tmp_path: Path) -> Iterator[SlskdEmulator]:
    with SlskdEmulator(folder=tmp_path / "slskd", there="/app").prepare() as service:
        yield service
    assert service.errors == []


@pytest.fixture
def bench(slskd: SlskdEmulator, tmp_path: Path) -> SoulseekBench:
    return SoulseekBench(slskd, tmp_path)
