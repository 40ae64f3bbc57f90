"""An album's whole life: found, handed over, followed, taken over, tidied up."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from cratedig import Download, DownloadEngine, DownloadState, Kind, Wanted
from cratedig_emulators.catalogue import DEFAULT
from cratedig_emulators.playing import play
from cratedig_emulators.usenet import SabnzbdEmulator, post
from cratedig_emulators.usenet.posts import album_files

GLASSHOUSE = DEFAULT.albums[1]


def plant(bench: Any, title: str, files: dict[str, bytes]) -> Any:
    """A release of its own at the indexer."""
    release = post(title, files)
    bench.indexer.offer(release)
    return release


async def fetch(bench: Any, engine: DownloadEngine, wish: Wanted) -> Download:
    found = await bench.found(engine, wish)
    done = await engine.wait(await engine.dispatch_download(found, dest_dir=bench.music, force=True))
    await bench.tidied()
    return done


def test_album_is_found_downloaded_and_decodes(bench: Any) -> None:
    """Search, job, and a folder of playable files of the right length and format."""
    done = bench.download()
    assert done.state is DownloadState.COMPLETED, done.detail
    assert done.kind is Kind.ALBUM
    assert [file.path.suffix for file in done.files] == [".flac"] * 4
    for file in done.files:
        assert play(file.path).seconds == pytest.approx(file.duration, abs=0.1)
    assert {file.quality.codec for file in done.files} == {"flac"}
    assert done.file_path == bench.music / "Mira Oldenburg - Glasshouse Songs"


def test_files_are_those_that_were_posted(bench: Any) -> None:
    """Every byte is there, under the names that the poster gave."""
    bench.download()
    folder = bench.music / "Mira Oldenburg - Glasshouse Songs"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == album_files(GLASSHOUSE)


def test_nothing_stays_at_the_client(bench: Any) -> None:
    """Job, history and folders are gone there when the album is published here."""
    bench.download()
    assert not bench.client.jobs
    assert not list(bench.client.complete.rglob("*.flac"))
    assert not [path for path in bench.client.complete.rglob("*") if "cratedig" in path.name]


@pytest.mark.parametrize(
    ("stage", "told"),
    [
        ("queued", ("waiting in NZBGet's queue", "downloading")),
        ("downloading", ("downloading",)),
        ("checking", ("verifying",)),
        ("unpacking", ("unpacking",)),
        ("moving", ("moving", "Moving: ")),
        ("ending", ("finishing", "Moving: ")),
    ],
)
def test_record_says_what_the_client_is_doing(bench: Any, stage: str, told: tuple[str, ...]) -> None:
    """While it waits, the detail is the client's own stage in plain words; nothing is complete too early."""
    bench.client.hold = stage

    async def use(engine: DownloadEngine) -> Download:
        download_id = await bench.begin(engine)
        await bench.until(lambda: any(job.stage == stage for job in bench.client.alive()))
        record = await bench.seen(engine, download_id, lambda found: found.detail.startswith(told))
        assert record.state is DownloadState.IN_PROGRESS
        bench.client.hold = ""
        return await engine.wait(download_id)

    assert bench(use).state is DownloadState.COMPLETED


def test_progress_is_told_in_bytes(bench: Any) -> None:
    """Transferred and size come from the client's queue while it downloads."""
    bench.client.hold = "downloading"

    async def use(engine: DownloadEngine) -> Download:
        download_id = await bench.begin(engine)
        record: Download = await bench.seen(engine, download_id, lambda found: found.transferred)
        bench.client.hold = ""
        await engine.wait(download_id)
        return record

    record = bench(use)
    size = bench.indexer.release("glasshouse").size
    assert 0 < record.transferred < size
    assert abs(record.size - size) < 0.01 * size + 2**16  # SABnzbd tells hundredths of a MiB


def test_repaired_album_is_whole(bench: Any) -> None:
    """Missing articles that recovery files make up for are no loss."""
    files = {**album_files(GLASSHOUSE), "glasshouse.vol0+8.par2": b"planted recovery data"}
    release = plant(bench, "Repaired-Broken_Pots-WEB-FLAC-2019-GRP", files)
    assert bench.client.spool.expire(release.nzb, file="01 - Glasshouse.flac", every=3)
    wish = Wanted(artist="Repaired", album="Broken Pots")
    done = bench(lambda engine: fetch(bench, engine, wish))
    assert done.state is DownloadState.COMPLETED, done.detail
    assert {file.path.name: file.path.read_bytes() for file in done.files} == album_files(GLASSHOUSE)


def test_release_of_one_file_is_taken(bench: Any) -> None:
    """SABnzbd names the file in place of the folder, and gives it the job's name: both are undone."""
    name, data = next(iter(album_files(GLASSHOUSE).items()))
    plant(bench, "Alone-One_Long_Piece-WEB-FLAC-2019-GRP", {name: data})
    done = bench(lambda engine: fetch(bench, engine, Wanted(artist="Alone", album="One Long Piece")))
    assert done.state is DownloadState.COMPLETED, done.detail
    assert [file.path.read_bytes() for file in done.files] == [data]
    assert "cratedig-" not in str(done.files[0].path)
    assert not [path for path in bench.client.complete.rglob("*") if "cratedig" in path.name]


def test_same_album_twice_is_two_jobs_in_two_folders(bench: Any) -> None:
    """Two downloads of one release that are wanted at once do not get into each other's way."""

    async def use(engine: DownloadEngine) -> list[Download]:
        ids = [await bench.begin(engine), await bench.begin(engine)]
        return [await engine.wait(one) for one in ids]

    one, other = bench(use)
    assert one.state is other.state is DownloadState.COMPLETED
    assert one.file_path != other.file_path
    assert len(set(bench.client.added)) == 2


def test_category_is_passed_on(bench: Any) -> None:
    """The client puts the job where its category says."""
    bench.client.hold = "moving"

    async def use(engine: DownloadEngine) -> set[str]:
        await bench.begin(engine)
        await bench.until(lambda: bench.client.jobs)
        return {job.category for job in bench.client.jobs.values()}

    assert bench(use) == {"audio"}


def test_one_status_request_a_round_for_any_number_of_jobs(bench: Any) -> None:
    """Ten jobs at the client cost as many requests as one."""
    bench.client.hold = "downloading"

    async def use(engine: DownloadEngine) -> list[Any]:
        for _ in range(10):
            await bench.begin(engine)
        await bench.until(lambda: len(bench.client.jobs) == 10)
        await bench.until(lambda: all(job.stage == "downloading" for job in bench.client.jobs.values()))
        before = len(bench.client.requests)
        await bench.until(lambda: len(bench.client.requests) > before + 5)
        return list(bench.client.requests[before:])

    asked = bench(use, poll_interval=0.2)
    assert min(late.at - early.at for early, late in pairwise(asked)) >= 0.2


def test_job_is_named_after_the_release(bench: Any) -> None:
    """People who look at the client see the release's own name."""
    bench.download()
    assert all("Mira_Oldenburg-Glasshouse_Songs" in name for name in bench.client.added)
    if isinstance(bench.client, SabnzbdEmulator):
        assert all(name.rpartition(" ")[2].startswith("cratedig-") for name in bench.client.added)
