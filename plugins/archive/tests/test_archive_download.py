"""A download brings the very bytes that the Archive's checksum is of, or says why not."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from cratedig import Download, DownloadEngine, DownloadState
from cratedig_emulators.archive import ArchiveEmulator, Item, audio_file
from cratedig_emulators.catalogue import DEFAULT, Track
from cratedig_emulators.server import Fault, Request, Response, redirect, route

COPPER = "the-brass-lanterns-slow-tram-home/02 - Copper Rain.flac"
NODE = "/12/items/*"


def md5_of(bench: Any, target: str) -> str:
    identifier, _, name = target.partition("/")
    return hashlib.md5(bench.service.items[identifier].file(name).data()).hexdigest()


def assert_whole(bench: Any, record: Download, target: str = COPPER) -> None:
    assert (record.state, record.detail) == (DownloadState.COMPLETED, "")
    assert record.file_path is not None
    assert hashlib.md5(record.file_path.read_bytes()).hexdigest() == md5_of(bench, target)


def test_file_arrives_under_its_name(bench: Any) -> None:
    """The bytes are those of the checksum; the name is artist and title, also without a search."""
    record = bench.download(COPPER)
    assert_whole(bench, record)
    assert record.file_path.name == "The Brass Lanterns - Copper Rain.flac"


def test_downloads_do_not_count_as_views(bench: Any) -> None:
    """The address carries cnt=0, and the redirect is followed to the node."""
    bench.download(COPPER)
    assert [seen.query for seen in bench.service.log.all("/download/*")] == ["cnt=0"]
    nodes = [seen for seen in bench.service.log.all(NODE) if seen.method == "GET"]
    assert [seen.port for seen in nodes] == [bench.service.node.port]


@pytest.mark.parametrize(
    "name", ["a b.flac", "CD 1/#1 50%.flac", "x?y=1&z.flac", "äöü 日本.flac", "a+b;c.flac", "a%2Fb.flac"]
)
def test_awkward_names(bench: Any, name: str) -> None:
    """Names with #, ?, %, blanks, folders and letters of any script reach the right file."""
    track = Track(artist="Zed Quill", title="Awkward", seconds=2)
    bench.service.plant(
        Item(identifier="awkward", metadata={"title": "Awkward"}, files=(audio_file(name, track),))
    )
    assert_whole(bench, bench.download(f"awkward/{name}"), f"awkward/{name}")


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("nobody-knows-this/x.flac", "not-found"),
        ("lanterns-removed/x.flac", "not-found"),
        ("lanterns-part-private/gone.flac", "not-found"),
        ("lanterns-part-private/locked.flac", "not-entitled"),
        ("lanterns-lending/locked_sample.mp3", "not-entitled"),
        ("lanterns-climbing/../../climbed.flac", "not-found"),
        ("the-brass-lanterns-slow-tram-home/the-brass-lanterns-slow-tram-home_files.xml", "not-found"),
        ("..", "not-found"),
        ("no identifier/x.flac", "not-found"),
    ],
)
def test_what_cannot_be_had(bench: Any, target: str, code: str) -> None:
    """Unknown, removed, private and restricted files are told apart, and nothing is left behind."""
    record = bench.download(target)
    assert (record.state, record.code) == (DownloadState.ERRORED, code)
    assert [path for path in bench.folder.rglob("*") if path.is_file() and "state" not in path.parts] == []


@pytest.mark.parametrize(
    "fault",
    [
        Fault(truncate_at=5000, times=1),
        Fault(corrupt_at=5000, times=1),
        Fault(status=503, times=1),
        Fault(reset=True, times=1),
        Fault(html=True, times=2),
        Fault(drip=(100_000, 0.01)),
        Fault(truncate_at=5000, ignore_range=True, times=1),
    ],
    ids=["truncated", "corrupt", "503", "reset", "html", "slow", "range ignored"],
)
def test_node_that_misbehaves_once(bench: Any, fault: Fault) -> None:
    """Whatever the node does once, the file is whole in the end."""
    bench.service.fault(f"GET {NODE}" if not fault.html else "/metadata/*", fault)
    assert_whole(bench, bench.download(COPPER, retries=3))


def test_wrong_bytes_are_refused(bench: Any) -> None:
    """A byte that is always wrong fails the checksum, however often it is fetched."""
    bench.service.fault(NODE, Fault(corrupt_at=5000))
    assert bench.download(COPPER, retries=1).code == "corrupt-download"


def test_page_in_place_of_the_file(bench: Any) -> None:
    """An outage page is never published as music."""
    bench.service.fault(NODE, Fault(html=True))
    record = bench.download(COPPER)
    assert record.state is DownloadState.ERRORED
    assert record.file_path is None


@pytest.mark.parametrize(
    ("status", "code"), [(401, "authentication-failed"), (403, "not-entitled"), (404, "not-found")]
)
def test_refusal_of_the_site(bench: Any, status: int, code: str) -> None:
    """What the site answers in place of the redirect is what the record says."""
    bench.service.fault("/download/*", Fault(status=status))
    assert bench.download(COPPER).code == code


class Hijacked(ArchiveEmulator):
    """A site whose downloads are redirected to ``location``, the same address where it is empty."""

    location = ""

    @route("/download/{identifier}/{name:path}")
    def download(self, request: Request) -> Response:
        return redirect(self.location or request.raw_path)


@pytest.mark.parametrize(
    "location", ["https://archive.org.example.net/x", "ftp://x.archive.org/x", "//example.net/x"]
)
def test_redirect_to_a_foreign_host_is_not_followed(bench_at: Any, location: str) -> None:
    """A redirect to anybody but the Archive ends the download before that host is asked."""
    with Hijacked() as service:
        service.location = location
        record = bench_at(service).download(COPPER)
    assert record.code == "unexpected-response"
    assert record.file_path is None


def test_redirects_in_a_circle_end(bench_at: Any) -> None:
    """A site that redirects to itself is given up on after a few times."""
    with Hijacked() as service:
        record = bench_at(service).download(COPPER)
    assert record.code == "unexpected-response"
    assert len(service.log.all("/download/*")) <= 6


def test_cancel_closes_the_connection(bench: Any) -> None:
    """A cancelled download ends its connection at once and leaves nothing behind."""
    bench.service.fault(NODE, Fault(stall_at=5000))

    async def use(engine: DownloadEngine) -> None:
        download_id = await engine.dispatch_download(("archive", COPPER), dest_dir=bench.music)
        await bench.until(lambda: any(seen.sent for seen in bench.service.log.all(NODE)))
        await bench.cancel(engine, download_id, bench.service)

    bench(use)
    assert list(bench.music.rglob("*")) == []


def test_whole_album_one_after_the_other(bench: Any) -> None:
    """Eight tracks arrive, never more than two at a time."""
    tracks = [track for track in DEFAULT if track.artist == "The Brass Lanterns"]
    targets = [f"the-brass-lanterns-slow-tram-home/{t.number:02} - {t.title}.flac" for t in tracks]

    async def use(engine: DownloadEngine) -> list[Download]:
        ids = [
            await engine.dispatch_download(("archive", target), dest_dir=bench.music) for target in targets
        ]
        return [await engine.wait(one) for one in ids]

    for record, target in zip(bench(use), targets, strict=True):
        assert_whole(bench, record, target)
    assert max(seen.concurrency for seen in bench.service.requests) <= 2
