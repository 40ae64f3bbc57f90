"""Albums are folders of a peer's: listed when they are wanted, enqueued in one batch, delivered as one."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from cratedig import DownloadEngine, DownloadState, Kind, Wanted
from cratedig_emulators.server import Fault
from cratedig_emulators.soulseek import Script
from cratedig_soulseek.targets import Target

LIST = "/api/v0/transfers/downloads"
GLASSHOUSE = Wanted(artist="Mira Oldenburg", album="Glasshouse Songs")
FOLDER = "@@abcde\\Music\\Mira Oldenburg\\Glasshouse Songs (2019)"
NAMES = ["01 - Glasshouse", "02 - Moth Season", "03 - Tell the Gardener", "04 - Vier Uhr früh"]


async def album(engine: DownloadEngine, bench: Any, wish: Wanted = GLASSHOUSE, **more: Any) -> str:
    """Search for an album and dispatch its first result; the id."""
    found = (await engine.search(wish, sources=["soulseek"])).results[0]
    assert found.kind is Kind.ALBUM
    job: str = await bench.begin(engine, found, **more)
    return job


@pytest.mark.parametrize("old", [True, False])
def test_album_comes_as_one_folder(bench: Any, old: bool) -> None:
    """One call for all of its files, one record, one folder; nothing stays at slskd."""
    bench.service.old = old

    async def use(engine: DownloadEngine) -> Any:
        return await engine.wait(await album(engine, bench))

    done = bench(use)
    assert done.state is DownloadState.COMPLETED, done.detail
    assert done.kind is Kind.ALBUM
    assert sorted(file.path.stem for file in done.files) == NAMES
    folder = bench.music / "Mira Oldenburg - Glasshouse Songs"
    assert bench.left() == [folder / f"{name}.flac" for name in NAMES]
    calls = [
        seen for seen in bench.service.log.all(f"{LIST}/*") if seen.method == "POST" and seen.status == 201
    ]
    assert len(calls) == 1
    assert bench.settled()
    assert (bench.left_there(), bench.records()) == ([], [])


def test_album_of_two_discs(bench: Any) -> None:
    """Two folders are one album; its files keep their discs apart."""
    wish = Wanted(artist="Kettle & Moss", album="Field Recordings of Nowhere")

    async def use(engine: DownloadEngine) -> Any:
        report = await engine.search(wish, sources=["soulseek"])
        (discs,) = [
            one for result in report for one in (result, *result.alternates) if "two_discs" in one.target_id
        ]
        return await engine.wait(await bench.begin(engine, discs))

    done = bench(use)
    assert done.state is DownloadState.COMPLETED, done.detail
    assert [str(file.path.relative_to(done.file_path)) for file in done.files] == [
        "CD 1/01 Nowhere, Part One.flac",
        "CD 1/02 Nowhere, Part Two.flac",
        "CD 2/01 A Map of the Fog.flac",
    ]


def test_progress_counts_files(bench: Any) -> None:
    """The record tells how many there are, and what the next one waits for."""
    bench.service.script(Script(hang="Queued, Remotely", place=3), path="*Moth*")

    async def use(engine: DownloadEngine) -> Any:
        job = await album(engine, bench)
        record = await bench.seen(engine, job, "3 of 4 files; place 3 in the queue of peer one")
        bench.service.unscript()
        await engine.wait(job)
        return record

    record = bench(use)
    assert 0 < record.transferred < record.size


def test_album_that_lacks_a_track_is_all_or_nothing(bench: Any) -> None:
    """A refused track makes it incomplete; slskd keeps nothing of it."""
    bench.service.script(Script(end="Rejected"), path="*Moth*")

    async def use(engine: DownloadEngine) -> Any:
        return await engine.wait(await album(engine, bench))

    done = bench(use)
    assert (done.state, done.code) == (DownloadState.ERRORED, "not-found")
    assert "02 - Moth Season" in done.detail
    assert bench.left() == []
    assert bench.settled()
    assert bench.left_there() == []


def test_partial_album_has_the_list_of_what_is_missing(bench: Any) -> None:
    """Whoever asks for it gets what there is, with the names of the rest."""
    bench.service.script(Script(end="Rejected"), path="*Moth*")

    async def use(engine: DownloadEngine) -> Any:
        return await engine.wait(await album(engine, bench, partial=True))

    done = bench(use)
    assert done.state is DownloadState.COMPLETED, done.detail
    assert done.missing == ("02 - Moth Season",)
    assert len(bench.left()) == 3


def test_track_that_slskd_refuses_at_once_is_missing_by_its_name(bench: Any) -> None:
    """What never came onto slskd's list is known from the peer's."""
    size = len(bench.service.people["peer one"].find(f"{FOLDER}\\{NAMES[1]}.flac").data())
    with bench.service.lock:
        bench.service.downloads.enqueue("peer one", [(f"{FOLDER}\\{NAMES[1]}.flac", size)])
    bench.service.script(Script(hang="Queued, Remotely"), path="*Moth*")

    async def use(engine: DownloadEngine) -> Any:
        return await engine.wait(await album(engine, bench, partial=True))

    done = bench(use)
    assert done.state is DownloadState.COMPLETED, done.detail
    assert done.missing == ("02 - Moth Season",)


def test_album_that_fails_wholly_says_why(bench: Any) -> None:
    """The peer is banned from nothing less than all of it."""
    bench.service.script(Script(end="Rejected", exception="Transfer rejected: Banned"))

    async def use(engine: DownloadEngine) -> Any:
        return await engine.wait(await album(engine, bench))

    done = bench(use)
    assert (done.state, done.code) == (DownloadState.ERRORED, "not-entitled")
    assert "Banned" in done.detail


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ([], "not-found"),
        ([{"name": FOLDER, "files": []}], "not-found"),
        ({"files": [{"filename": "cover.jpg", "size": 5}]}, "not-found"),
        ([None, 7, {"files": [[], {"filename": 7, "size": "x"}]}], "not-found"),
    ],
)
def test_folder_without_music(bench: Any, body: Any, code: str) -> None:
    """A peer's list without audio in it is no album, whatever else it holds."""
    bench.service.fault(
        "/api/v0/users/*/directory", Fault(body=json.dumps(body).encode(), content_type="application/json")
    )
    done = bench.download(("soulseek", Target(user="peer one", folders=(FOLDER,)).text))
    assert (done.state, done.code) == (DownloadState.ERRORED, code), done.detail


def test_album_of_a_peer_who_is_offline(bench: Any) -> None:
    """His list cannot be asked for."""
    bench.service.people["peer one"].online = False
    done = bench.download(("soulseek", Target(user="peer one", folders=(FOLDER,)).text))
    assert (done.state, done.code) == (DownloadState.ERRORED, "not-found")


def test_cancel_of_an_album_ends_all_of_its_files(bench: Any) -> None:
    """None of them goes on, and no part of one stays."""
    bench.service.script(Script(hang="InProgress"), path="*Moth*")

    async def use(engine: DownloadEngine) -> Any:
        job = await album(engine, bench)
        await bench.seen(engine, job, "3 of 4 files")
        await engine.cancel_download(job)
        await bench.until(lambda: not bench.records())
        return await engine.wait(job)

    assert bench(use).state is DownloadState.CANCELLED
    assert bench.settled()
    assert (bench.left(), bench.left_there()) == ([], [])


def test_track_that_an_albums_job_brings_along(bench: Any) -> None:
    """It is copied out of the album's folder; the album is whole all the same."""
    bench.service.script(Script(hang="InProgress"))

    async def use(engine: DownloadEngine) -> list[Any]:
        whole = await album(engine, bench)
        await bench.seen(engine, whole, "0 of 4 files; coming from")
        track = await bench.begin(engine, bench.target("Moth Season"), folder="track")
        await bench.seen(engine, track, "coming from peer one")
        bench.service.script(Script(), path="*Moth*")
        first = await engine.wait(track)
        await asyncio.sleep(0.3)
        bench.service.unscript()
        return [first, await engine.wait(whole)]

    done = bench(use)
    assert [one.state for one in done] == [DownloadState.COMPLETED] * 2, [one.detail for one in done]
    assert bench.service.downloads.enqueued.total() == 4
    assert bench.settled()
    assert bench.left_there() == []
