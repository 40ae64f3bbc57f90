"""The real engine between emulated indexers and emulated download clients."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

import cratedig_contracts
from cratedig import Download, DownloadEngine, SearchReport, SearchResult, Wanted
from cratedig_emulators.server import Fault
from cratedig_emulators.usenet import NewznabEmulator, NzbgetEmulator, ProwlarrEmulator, SabnzbdEmulator
from cratedig_usenet import source

ClientEmulator = NzbgetEmulator | SabnzbdEmulator

ALBUM = Wanted(artist="Mira Oldenburg", album="Glasshouse Songs")
OWN = ("-PLANTED", "MP3 320")
"""How the titles of the catalogue's releases end; tests add others to the indexer."""


class Bench(cratedig_contracts.Bench):
    """The source between an indexer and a client."""

    source = "usenet"

    def __init__(self, indexer: NewznabEmulator, client: ClientEmulator, folder: Path) -> None:
        super().__init__(folder)
        self.indexer = indexer
        self.client = client

    def own(self) -> dict[str, Any]:
        """What stands under ``[sources.usenet]``."""
        indexer = {"kind": "newznab", "base_url": self.indexer.base_url, "api_key": self.indexer.api_key}
        return {
            "indexers": [indexer],
            **client_settings(self.client),
            "category": "audio",
            "path_map": self.client.path_map,
            "poll_interval": 0.05,
            "requests_per_period": 10_000,
        }

    def search(self, wish: str | Wanted = ALBUM, **settings: Any) -> SearchReport:
        """The report of one search."""
        return super().search(wish, **settings)

    async def found(self, engine: DownloadEngine, wish: Wanted = ALBUM) -> SearchResult:
        """The album."""
        report = await engine.search(wish, sources=["usenet"])
        assert report.results, report.outcomes
        return report.results[0]

    async def begin(self, engine: DownloadEngine, **more: Any) -> str:
        """Search for the album and dispatch it; the id."""
        found = await self.found(engine)
        return await engine.dispatch_download(found, dest_dir=self.music, force=True, **more)

    def download(self, **settings: Any) -> Download:
        """The record of the album's download when it has ended."""

        async def use(engine: DownloadEngine) -> Download:
            done = await engine.wait(await self.begin(engine))
            await self.tidied()
            return done

        return self(use, **settings)

    async def tidied(self) -> None:
        """Wait until the source has removed what it had at the client, which comes after the record's end."""
        await self.until(lambda: not any("cratedig-" in job.name for job in self.client.jobs.values()))

    def spoil_adding(self, fault: Fault) -> None:
        """Spoil the answer that tells of the new job; looks for an old one come before it."""
        looks = 3 if self.client.name == "sabnzbd" else 1
        self.client.fault("*", evolve(fault, skip=2 * looks, times=1))


def client_settings(client: ClientEmulator) -> dict[str, Any]:
    """How the source logs in to it."""
    login = (
        {"client_api_key": client.api_key}
        if isinstance(client, SabnzbdEmulator)
        else {"client_username": client.username, "client_password": client.password}
    )
    return {"client": client.name, "client_base_url": client.base_url, **login}


@contextlib.contextmanager
def running(service: Any) -> Iterator[Any]:
    """A service, and the proof afterwards that it had no trouble of its own."""
    with service:
        yield service
    assert service.errors == []


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for a job that is nowhere three times in a tenth of a second, not in one."""
    monkeypatch.setattr(source, "_PAUSE", 0.03)


@pytest.fixture(scope="session")
def newznab_service() -> Iterator[NewznabEmulator]:
    with running(NewznabEmulator()) as service:
        yield service


@pytest.fixture
def newznab(newznab_service: NewznabEmulator) -> NewznabEmulator:
    """An indexer as it was in the beginning."""
    service = newznab_service
    service.heal()
    service.thaw()
    service.log.clear()
    service.music_search = service.has_get = True
    service.error = service.nzb_error = None
    service.nzb_page = False
    service.removed.clear()
    service.releases = {one.guid: one for one in service.releases.values() if one.title.endswith(OWN)}
    return service


@pytest.fixture
def prowlarr() -> Iterator[ProwlarrEmulator]:
    with running(ProwlarrEmulator()) as service:
        yield service


@pytest.fixture
def nzbget(tmp_path: Path) -> Iterator[NzbgetEmulator]:
    with running(NzbgetEmulator(folder=tmp_path / "nzbget")) as service:
        yield service


@pytest.fixture
def sabnzbd(tmp_path: Path) -> Iterator[SabnzbdEmulator]:
    with running(SabnzbdEmulator(folder=tmp_path / "sabnzbd")) as service:
        yield service


@pytest.fixture(params=["nzbget", "sabnzbd"])
def client(request: pytest.FixtureRequest) -> ClientEmulator:
    """Each of the two."""
    found: ClientEmulator = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def bench(newznab: NewznabEmulator, client: ClientEmulator, tmp_path: Path) -> Bench:
    return Bench(newznab, client, tmp_path)
