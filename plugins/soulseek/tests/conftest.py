"""The real engine with the emulated slskd, whose folders it sees under other names than slskd does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Generator, Iterator
from pathlib import Path
from typing import Any, TypeVar

import av
import pytest
from attrs import evolve

from cratedig import Download, DownloadEngine, SearchReport, SearchResult, Wanted, hookimpl
from cratedig_emulators.soulseek import SharedFile, SlskdEmulator, Transfer
from cratedig_soulseek.targets import Target

T = TypeVar("T")
Use = Callable[[DownloadEngine], Coroutine[Any, Any, T]]

COPPER = Wanted(artist="The Brass Lanterns", title="Copper Rain")
LIST = "/api/v0/transfers/downloads"
BATCHES = f"{LIST}/batches"


class Impatient:
    """A host's wrapper that gives the source so many seconds without news."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    @hookimpl(wrapper=True)
    def source_info(self) -> Generator[None, Any, Any]:
        info = yield
        return evolve(info, stall_timeout=self._seconds) if info.name == "soulseek" else info


class Bench:
    """``bench(use)`` opens an engine, gives it to ``use`` and returns its result."""

    def __init__(self, service: SlskdEmulator, folder: Path) -> None:
        self.service = service
        self.folder = folder
        self.dest = folder / "music"
        self.journal: Path | None = None
        """Where records outlive an engine, if they are to."""
        self.patience: float | None = None
        """Seconds without news after which a download is given up, if not the source's own."""

    def __call__(self, use: Use[T], **settings: Any) -> T:
        async def run() -> T:
            async with self.engine(**settings) as engine:
                return await asyncio.wait_for(use(engine), 50)

        return asyncio.run(run())

    def engine(self, **settings: Any) -> DownloadEngine:
        """An engine that is not open yet."""
        engine = DownloadEngine.open(self.tree(**settings), journal=self.journal)
        if self.patience is not None:
            engine.register_wrapper(Impatient(self.patience))
        return engine

    def tree(self, *, engine: dict[str, Any] | None = None, **settings: Any) -> dict[str, Any]:
        """Whole settings; what is ``None`` is left out."""
        own = {key: value for key, value in {**self.own(), **settings}.items() if value is not None}
        general = {
            "state_dir": str(self.folder / "state"),
            "retries": 0,
            "search_cache_ttl": 0,
            "breaker_failures": 1000,  # some tests fail on purpose more often than it allows
            **(engine or {}),
        }
        return {"engine": general, "sources": {"soulseek": own}}

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
        return self(lambda engine: engine.search(wish, sources=["soulseek"]), **settings)

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
        return await engine.dispatch_download(wanted, dest_dir=self.dest / folder, force=True, **more)

    def left(self) -> list[str]:
        """Everything that lies where downloads go to."""
        return sorted(str(path.relative_to(self.dest)) for path in self.dest.rglob("*") if path.is_file())

    def left_there(self) -> list[str]:
        """Every file in slskd's folders."""
        root = self.service.folder
        return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())

    def records(self) -> list[Transfer]:
        """What slskd still shows."""
        return [one for one in self.service.transfers() if not one.removed]

    def settled(self, records: int = 0) -> bool:
        """Whether slskd has been tidied up within some seconds, but for so many records."""
        end = time.monotonic() + 20
        while len(self.records()) > records or list(self.service.downloads.downloads.glob("cratedig*")):
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True

    async def detail(self, engine: DownloadEngine, download_id: str, words: str) -> Download:
        """The record as soon as its detail has those words."""
        end = time.monotonic() + 20
        while True:
            record = await engine.get_download_status(download_id)
            assert record is not None
            if words in record.detail:
                return record
            assert time.monotonic() < end, f"it stays at {record.state}: {record.detail}"
            assert not record.state.terminal, f"it ends as {record.state}: {record.detail}"
            await asyncio.sleep(0.02)

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


def seconds_of(path: Path) -> float:
    """How long a file plays, every frame of it decoded."""
    with av.open(path) as container:
        return sum(frame.samples / frame.sample_rate for frame in container.decode(audio=0))


async def until(true: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it does not become true"
        await asyncio.sleep(0.02)


@pytest.fixture
def playing() -> Callable[[Path], float]:
    return seconds_of


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
def bench(slskd: SlskdEmulator, tmp_path: Path) -> Bench:
    return Bench(slskd, tmp_path)
