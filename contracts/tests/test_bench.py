"""A source at work in a real engine, and a person at a terminal, as authors are lent them."""

from __future__ import annotations

import asyncio
import json
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any, ClassVar

import pytest

from cratedig import CratedigError, Download, DownloadEngine, DownloadState
from cratedig_contracts import Bench, Person
from cratedig_contracts.command import toml
from cratedig_emulators.archive import ArchiveEmulator
from cratedig_emulators.catalogue import Catalogue, Track
from cratedig_emulators.server import Fault

TRACK = Track(artist="Ada Quillfeather", title="Margin Notes", album="Margins", seconds=2.0)


class ArchiveBench(Bench):
    """Against the emulated Internet Archive."""

    source: ClassVar[str] = "archive"
    base_url = ""

    def own(self) -> Mapping[str, Any]:
        return {"base_url": self.base_url}


@pytest.fixture(scope="module")
def service() -> Iterator[ArchiveEmulator]:
    with ArchiveEmulator(catalogue=Catalogue(()).plus(TRACK)) as service:
        yield service


@pytest.fixture
def address(service: ArchiveEmulator) -> str:
    service.heal()
    return service.base_url


@pytest.fixture
def bench(address: str, tmp_path: Path) -> ArchiveBench:
    made = ArchiveBench(tmp_path)
    made.base_url = address
    return made


def test_a_bench_searches_and_downloads(bench: ArchiveBench) -> None:
    """Through the installed source; what is not set is left out of the settings."""
    [found] = bench.search("Margin Notes")
    done = bench.fetch(found)
    assert done.state is DownloadState.COMPLETED
    assert bench.left() == [done.file_path]
    assert bench.fetch(found.target_id, searched="Margin Notes").state is DownloadState.COMPLETED
    assert bench.tree(base_url=None)["sources"]["archive"].keys() == {"requests_per_period"}


def test_settings_of_the_engine_itself(bench: ArchiveBench) -> None:
    """They go before the bench's own, and before ``retries``, and reach the engine that is opened."""
    own = bench.tree()["engine"]
    assert bench.tree(retries=2, engine={"minimum_match": 0.5})["engine"] == {
        **own,
        "retries": 2,
        "minimum_match": 0.5,
    }
    assert bench.tree(retries=2, engine={"retries": 3})["engine"] == {**own, "retries": 3}
    with pytest.raises(CratedigError, match="minimum_match"):
        bench.search("Margin Notes", engine={"minimum_match": 2})


def test_a_source_may_be_given_less_patience(bench: ArchiveBench, service: ArchiveEmulator) -> None:
    """What stands still ends after so many seconds, and not after the source's own ninety."""
    [found] = bench.search("Margin Notes")
    service.fault("/download/*", Fault(delay=60))
    done = bench.fetch(found, stall_timeout=0.5)
    assert (done.state, done.code) == (DownloadState.ERRORED, "unavailable")


def test_a_record_is_seen_as_soon_as_it_fits(bench: ArchiveBench, service: ArchiveEmulator) -> None:
    """By words of its detail or by a test's own look; one that ends without is told at once."""
    [found] = bench.search("Margin Notes")
    service.fault("/12/items/*", Fault(stall_at=0.5))

    async def use(engine: DownloadEngine) -> tuple[Download, Download]:
        job = await engine.dispatch_download(found, dest_dir=bench.music)
        moving = await bench.seen(engine, job, lambda record: record.transferred)
        await engine.cancel_download(job)
        ended = await bench.seen(engine, job, "cancel")
        with pytest.raises(AssertionError, match=r"it stays Download\(.*CANCELLED"):
            await bench.seen(engine, job, "what it never says")
        with pytest.raises(AssertionError, match="it stays None"):
            await bench.seen(engine, "nobody's", "")
        return moving, ended

    moving, ended = bench(use)
    assert moving.transferred
    assert not moving.state.terminal
    assert ended.state is DownloadState.CANCELLED


def test_waiting_in_vain_fails(bench: ArchiveBench) -> None:
    """What comes about is waited for, what does not is told with the seconds."""
    answers = [True, False, False]
    asyncio.run(bench.until(answers.pop))
    assert answers == []
    with pytest.raises(AssertionError, match=r"within 0\.05 s"):
        asyncio.run(bench.until(lambda: False, 0.05))


class Busy:
    """A service that is asked for more all the time, or has requests without an end."""

    def __init__(self, *, active: int = 0, more: int = 0) -> None:
        self.active = active
        self.log = self
        self._more = more
        self._asked: list[int] = []

    @property
    def requests(self) -> list[int]:
        self._asked += range(self._more)
        return self._asked


@pytest.mark.parametrize(
    ("busy", "why"),
    [
        (None, ""),
        (Busy(more=1), "asked for more"),
        (Busy(active=1), "does not become true"),
    ],
    ids=["quiet", "asked", "open"],
)
def test_a_cancel_ends_everything(
    bench: ArchiveBench,
    service: ArchiveEmulator,
    busy: Busy | None,
    why: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The service is not asked any more and nothing lies around; what goes on is told."""
    if busy and busy.active:
        monkeypatch.setattr("cratedig_contracts.bench.AT_ONCE", 3.0)
    [found] = bench.search("Margin Notes")
    service.fault("/12/items/*", Fault(stall_at=0.5))

    async def use(engine: DownloadEngine) -> Download:
        job = await engine.dispatch_download(found, dest_dir=bench.music)
        await bench.seen(engine, job, lambda record: record.transferred)
        return await bench.cancel(engine, job, busy or service)

    with pytest.raises(AssertionError, match=why) if why else nullcontext():
        assert bench(use).state is DownloadState.CANCELLED


def test_files_that_a_cancel_leaves_are_told(bench: ArchiveBench, service: ArchiveEmulator) -> None:
    """And so is a download that cannot be cancelled any more."""
    [found] = bench.search("Margin Notes")
    service.fault("/12/items/*", Fault(delay=60, skip=1))

    async def use(engine: DownloadEngine) -> None:
        first = await bench.done(engine, found)
        with pytest.raises(AssertionError, match="it has ended before"):
            await bench.cancel(engine, first.id, service)
        before = len(service.log.all("/12/items/*"))
        job = await engine.dispatch_download(found, dest_dir=bench.music, force=True)
        # A request that is still on its way would count as one that comes afterwards.
        await bench.until(lambda: len(service.log.all("/12/items/*")) > before)
        with pytest.raises(AssertionError, match=r"files are left: .*Margin Notes\.flac"):
            await bench.cancel(engine, job, service)

    bench(use)


def test_all_that_is_told_of_a_source(bench: ArchiveBench) -> None:
    """Report, records, checks and what the source keeps, of downloads that end in any way, as one text."""
    [found] = bench.search("Margin Notes")
    targets = [found.target_id, "nobody/nothing.flac", found.target_id]
    told = bench(lambda engine: bench.told(engine, "Margin Notes", targets))
    for words in ("SearchReport(", "Completed", "not-found", "Cancelled", "Check(", "_context"):
        assert words in told


def test_a_person_sees_only_what_the_settings_say(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other sources are off, this process's own settings do not count, and an unexpected end is told."""
    monkeypatch.setenv("CRATEDIG_ARCHIVE__BASE_URL", "http://127.0.0.1:1")
    person = Person(tmp_path)
    person.write({"archive": {"base_url": address}})
    told = json.loads(person.run("sources", "--json"))
    ready = [one["name"] for one in told["sources"] if one["state"] == "ready"]
    assert ready == ["archive"]
    person.run("get", "Ada Quillfeather - Margin Notes")
    assert [path.suffix for path in person.music.iterdir()] == [".flac"]
    with pytest.raises(AssertionError, match="ends with 4"):
        person.run("get", "zqxwv jjkqz")
    assert "Margin Notes" in person.printed


def test_settings_of_any_shape_are_written_as_they_are(tmp_path: Path) -> None:
    """Lists of tables, and tables whose keys are paths, come back out of the file."""
    own = {
        "indexers": [{"kind": "newznab", "api_key": 'a"b'}, {"kind": "prowlarr"}],
        "path_map": {"/data/dst": "C:\\dst", "é.=": "x"},
        "numbers": [1, 2.5],
        "enabled": True,
    }
    read = tomllib.loads(toml({"sources.usenet": own}))
    assert read == {"sources": {"usenet": own}}
