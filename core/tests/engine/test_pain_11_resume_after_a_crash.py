"""Pain 11: cannot resume after quit or crash. What was under way goes on from the bytes that are there."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from core.tests.fakes import Answer, Fake, files, forever, running, serving, until, waited, wav
from core.tests.forks import Run, forks

from cratedig import AttemptOutcome, DownloadState, RateLimits, SourceContext, hookimpl
from cratedig._downloads.delivering import Delivering
from cratedig._transfer import publish as publishing

Progress = Callable[..., None]
BODY = wav(120.0, 7)
HALF = len(BODY) // 2
OVERLAP = 64 * 1024
"""Bytes that may be asked for once more, to see that the file is still the same."""


class Fetching(Fake):
    """A source whose bytes come over HTTP."""

    address = ""

    def __init__(self, context: SourceContext) -> None:
        super().__init__()
        self.context = context

    @hookimpl
    async def download_raw(self, target_id: str, dest_dir: Path, progress: Progress) -> Path:
        return await self.context.fetch(f"{self.address}/{target_id}", "song.wav")


@contextmanager
def _service(sent: list[int], healthy: Event) -> Iterator[None]:
    """A server that sends half of the body and then nothing, until it is ``healthy``; ranges are answered."""

    def answer(_path: str, headers: Mapping[str, str]) -> Answer:
        told = {"ETag": '"1"', "Accept-Ranges": "bytes", "Content-Type": "audio/wav"}
        asked = headers.get("Range", "bytes=0-").removeprefix("bytes=")
        start = int(asked.partition("-")[0])
        part = BODY[start:] if healthy.is_set() else BODY[start:HALF]
        sent.append(len(part))
        told["Content-Length"] = str(len(BODY) - start)
        if start:
            told["Content-Range"] = f"bytes {start}-{len(BODY) - 1}/{len(BODY)}"
        return (206 if start else 200), told, part

    with serving(answer) as address:
        Fetching.address = address
        yield


def test_an_engine_that_was_closed_goes_on_from_the_bytes_that_are_there(tmp_path: Path) -> None:
    """Opened again on the same journal, it asks for the other half only, and ends byte for byte the same."""
    sent: list[int] = []
    healthy = Event()
    music, journal = tmp_path / "music", tmp_path / "journal.db"

    async def first() -> str:
        async with running(journal=journal) as engine:
            engine.register_plugin(Fetching, name="fake")
            download_id = await engine.dispatch_download(("fake", "1"), dest_dir=music)
            await until(lambda: any(p.stat().st_size >= HALF for p in music.glob(".cratedig-*/*")))
            return download_id

    async def second(download_id: str) -> None:
        async with running(journal=journal, resume=False) as engine:
            engine.register_plugin(Fetching, name="fake")
            assert await engine.resume_downloads() == [download_id]
            (done,) = await waited(engine, [download_id])
            assert done.state is DownloadState.COMPLETED
            outcomes = [attempt.outcome for attempt in done.attempts]
            assert outcomes == [AttemptOutcome.INTERRUPTED, AttemptOutcome.COMPLETED]
            assert done.file_path is not None
            assert done.file_path.read_bytes() == BODY

    with _service(sent, healthy):
        download_id = asyncio.run(first())
        asked_before = len(sent)
        healthy.set()
        asyncio.run(second(download_id))
    (again,) = sent[asked_before:]
    assert len(BODY) - HALF <= again <= len(BODY) - HALF + OVERLAP
    assert files(music) == ["1.wav"]


def test_what_was_queued_is_queued_again(tmp_path: Path) -> None:
    """Twenty downloads, four under way when it ended: the next engine ends all of them, once each."""
    source = Fake(download=forever, limits=RateLimits(concurrent_downloads=4))
    music, journal = tmp_path / "music", tmp_path / "journal.db"

    async def first() -> list[str]:
        async with running(source, journal=journal) as engine:
            ids = [await engine.dispatch_download(("fake", str(n)), dest_dir=music) for n in range(20)]
            await until(lambda: len(source.asked("download")) == 4)
            return ids

    async def second(ids: list[str]) -> None:
        again = Fake()
        async with running(again, journal=journal) as engine:
            done = await waited(engine, ids)
            assert {download.state for download in done} == {DownloadState.COMPLETED}
            assert sorted(again.asked("download"), key=int) == [str(n) for n in range(20)]

    asyncio.run(second(asyncio.run(first())))
    assert files(music) == sorted(f"{n}.wav" for n in range(20))


def test_what_was_cancelled_stays_cancelled(tmp_path: Path) -> None:
    """A later engine does not take it up again."""
    source = Fake(download=forever)
    journal = tmp_path / "journal.db"

    async def first() -> str:
        async with running(source, journal=journal) as engine:
            download_id = await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path / "music")
            await until(lambda: source.asked("download"))
            await engine.cancel_download(download_id)
            return download_id

    async def second(download_id: str) -> None:
        async with running(Fake(), journal=journal, resume=False) as engine:
            assert await engine.resume_downloads() == []
            done = await engine.get_download_status(download_id)
            assert done is not None
            assert done.state is DownloadState.CANCELLED

    asyncio.run(second(asyncio.run(first())))
    assert files(tmp_path / "music") == []


def test_a_source_that_is_gone_ends_its_downloads_with_that_reason(tmp_path: Path) -> None:
    """An uninstalled source's unfinished downloads end; the error names the source."""
    journal = tmp_path / "journal.db"

    async def first() -> str:
        async with running(Fake("gone", download=forever), journal=journal) as engine:
            return await engine.dispatch_download(("gone", "1"), dest_dir=tmp_path / "music")

    async def second(download_id: str) -> None:
        async with running(Fake("other"), journal=journal) as engine:
            (done,) = await waited(engine, [download_id])
            assert done.state is DownloadState.ERRORED
            assert "no source is called 'gone'" in done.detail

    asyncio.run(second(asyncio.run(first())))


def process(there: str, moment: str) -> str:
    """What runs in a process of its own: the one download, begun or gone on with, killed at a moment."""
    whole = publishing.publish

    def killed(*args: Any, **more: Any) -> None:
        if moment == "after":
            whole(*args, **more)
        os.kill(os.getpid(), signal.SIGKILL)

    if moment != "never":
        publishing.publish = killed  # type: ignore[assignment]
    return asyncio.run(_one_download(Path(there)))


async def _one_download(folder: Path) -> str:
    async with running(Fake(), journal=folder / "journal.db") as engine:
        ids = [d.id for d in await engine.get_all_downloads()]
        if not ids:
            ids = [await engine.dispatch_download(("fake", "1"), dest_dir=folder / "music")]
        (done,) = await waited(engine, ids)
        return f"{done.state} {done.file_path and done.file_path.name}"


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """One process that is killed at a moment, or ends by itself."""
    with forks(__name__) as run:
        yield run


@pytest.mark.skipif(os.name == "nt", reason="there is no kill -9")
@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_about_the_moment_of_publishing_there_is_one_file(
    moment: str, tmp_path: Path, run: Run
) -> None:
    """One kill -9 about the rename: the next process ends with one file and no leftovers."""
    killed = run(str(tmp_path), moment)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    again = run(str(tmp_path), "never")
    assert again.stdout.strip() == "Completed 1.wav", again.stderr
    assert files(tmp_path / "music") == ["1.wav"]


@pytest.mark.skipif(os.name == "nt", reason="there is no kill -9")
def test_killed_again_and_again_there_is_still_one_file(tmp_path: Path, run: Run) -> None:
    """Five kills after the rename do not make five files."""
    for moment in ["after", "before", "after", "after", "before"]:
        assert run(str(tmp_path), moment).returncode in (0, -signal.SIGKILL)
    again = run(str(tmp_path), "never")
    assert again.stdout.strip() == "Completed 1.wav", again.stderr
    assert files(tmp_path / "music") == ["1.wav"]


def test_a_file_that_is_published_but_not_written_down_is_found_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the rename and the commit an engine may end; the next one takes the file for its own."""
    published, go_on = Event(), Event()
    publish = Delivering._publish

    def stuck(self: Delivering, *arguments: object) -> Path:
        publish(self, *arguments)  # type: ignore[arg-type]
        published.set()
        go_on.wait()
        raise SystemExit

    journal, music = tmp_path / "journal.db", tmp_path / "music"

    async def first() -> str:
        async with running(Fake(), journal=journal) as engine:
            download_id = await engine.dispatch_download(("fake", "1"), dest_dir=music)
            await until(published.is_set)
            return download_id

    async def second(download_id: str) -> None:
        source = Fake()
        async with running(source, journal=journal) as engine:
            (done,) = await waited(engine, [download_id])
            assert done.state is DownloadState.COMPLETED
            assert source.asked("download") == []

    try:
        with monkeypatch.context() as patched:
            patched.setattr(Delivering, "_publish", stuck)
            download_id = asyncio.run(first())
        asyncio.run(second(download_id))
    finally:
        go_on.set()
    assert files(music) == ["1.wav"]
