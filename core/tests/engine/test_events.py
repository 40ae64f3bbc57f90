"""Events come in the order in which things happen, and never before they are durable."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from core.tests.fakes import (
    SOON,
    Fake,
    deliver,
    ended,
    files,
    forever,
    in_turn,
    running,
    until,
    waited,
)

from cratedig import DownloadEngine, DownloadEvent, DownloadState, NotFound, RateLimits, Unavailable
from cratedig._downloads.announcing import Announcing
from cratedig._downloads.record import Record
from cratedig._downloads.table import Table
from cratedig._journal.memory import MemoryJournal
from cratedig._journal.sqlite import SqliteJournal, statements
from cratedig._model import Candidate, Plan
from cratedig_contracts.patience import within

Progress = Callable[..., None]
S = DownloadState
Change = tuple[DownloadState | None, DownloadState]


async def _until_ended(events: AsyncIterator[DownloadEvent], count: int) -> dict[str, list[Change]]:
    """The changes of state of each record, until ``count`` records have ended."""
    seen: dict[str, list[Change]] = {}
    async for event in events:
        before, state = event.before, event.download.state
        if before is not state:
            seen.setdefault(event.download.id, []).append((before, state))
            count -= state.terminal
        if not count:
            break
    await events.aclose()  # type: ignore[attr-defined]
    return seen


@pytest.mark.parametrize("outlives", [False, True], ids=["memory", "sqlite"])
def test_each_record_goes_through_its_states_in_order(outlives: bool, tmp_path: Path) -> None:
    """Each event starts where the one before has ended; the end comes once."""
    source = Fake(download=in_turn(Unavailable("once")), limits=RateLimits(concurrent_downloads=8))

    async def main() -> None:
        async with running(source, journal=tmp_path / "j.db" if outlives else None) as engine:
            events = engine.events()
            targets = [("fake", str(n)) for n in range(40)]
            ids = [await engine.dispatch_download(t, dest_dir=tmp_path / "music") for t in targets]
            seen = await within(SOON, _until_ended(events, len(ids)))
        once = [(None, S.INITIALIZING), (S.INITIALIZING, S.IN_PROGRESS), (S.IN_PROGRESS, S.COMPLETED)]
        twice = [*once[:2], (S.IN_PROGRESS, S.INITIALIZING), *once[1:]]
        assert sorted(map(len, seen.values())) == [3] * 39 + [5]
        assert all(changes in (once, twice) for changes in seen.values())

    asyncio.run(main())


def test_nothing_is_told_before_it_is_written_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the disk is slow, an event, a snapshot and a waiter all say what is on it."""
    held = Event()
    save = statements.save

    def slow(connection: Any, owner: str, row: Any) -> None:
        if row.download.state.terminal:
            held.wait()
        save(connection, owner, row)

    monkeypatch.setattr(statements, "save", slow)

    async def main() -> None:
        async with running(Fake(), journal=tmp_path / "j.db") as engine:
            told: list[DownloadState] = []
            engine._parts.table.listen(lambda event: told.append(event.download.state))
            download_id = await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path / "music")
            waiting = asyncio.ensure_future(engine.wait(download_id))
            record = engine._parts.table.get(download_id)
            await until(lambda: record.state is S.COMPLETED)
            await asyncio.sleep(0.1)
            now = await engine.get_download_status(download_id)
            assert now is not None
            assert not now.state.terminal
            assert now.file_path is None
            assert S.COMPLETED not in told
            assert not waiting.done()
            held.set()
            assert (await waiting).state is S.COMPLETED
            assert told[-1] is S.COMPLETED

    try:
        asyncio.run(main())
    finally:
        held.set()


def test_what_is_told_is_in_the_journal(tmp_path: Path) -> None:
    """At each event, another reader of the file sees that state or a later one."""
    order = list(S)
    behind: list[str] = []

    async def main() -> None:
        reader = SqliteJournal(tmp_path / "j.db")
        async with running(Fake(), journal=tmp_path / "j.db") as engine:
            reader.start()

            def compare(event: DownloadEvent) -> None:
                row = reader.row(event.download.id)
                if row is None or order.index(row.download.state) < order.index(event.download.state):
                    behind.append(f"{event.download.state} told, {row and row.download.state} written")

            engine._parts.table.listen(compare)
            targets = [("fake", str(n)) for n in range(10)]
            await waited(
                engine, [await engine.dispatch_download(t, dest_dir=tmp_path / "m") for t in targets]
            )
        reader.close()

    asyncio.run(main())
    assert behind == []


def test_a_state_that_could_not_be_written_is_said_to_be_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody waits for ever because of a disk: the record says that its state is not written down."""
    save = statements.save

    def broken(connection: Any, owner: str, row: Any) -> None:
        if row.download.state.terminal:
            raise OSError(5, "Input/output error")
        save(connection, owner, row)

    monkeypatch.setattr(statements, "save", broken)

    async def main() -> None:
        source = Fake(download=in_turn(NotFound("gone")))
        async with running(source, journal=tmp_path / "j.db") as engine:
            download_id = await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path / "m")
            done = await ended(engine, download_id)
            assert "not written down" in done.detail

    asyncio.run(main())
    assert "could not be written down" in caplog.text


def test_a_state_that_is_written_late_does_not_hide_the_end(tmp_path: Path) -> None:
    """Where an earlier state becomes durable after a later one, readers and waiters keep the later one."""
    pending: list[Future[None]] = []

    class Unordered(MemoryJournal):
        def save(self, record: Any) -> Future[None]:
            super().save(record)
            pending.append(Future())
            return pending[-1]

    table = Table(Unordered())
    candidate = Candidate(source="fake", target_id="1")
    record = Record("id", Plan(candidates=(candidate,)), tmp_path, display_name="1")
    told: list[Change] = []
    table.listen(lambda event: told.append((event.before, event.download.state)))
    table.add(record, "key")
    record.begin(candidate)
    table.commit(record, S.INITIALIZING)
    record.cancel("enough")
    table.commit(record, S.IN_PROGRESS)
    waiting = table.waiter("id")
    for written in reversed(pending):
        written.set_result(None)
    assert record.snapshot().state is S.CANCELLED
    assert table.waiter("id").result(0).state is S.CANCELLED
    assert waiting.result(0).state is S.CANCELLED
    assert told == [(S.IN_PROGRESS, S.CANCELLED)]


def test_several_readers_see_the_same(tmp_path: Path) -> None:
    """Each stream has every change; one that is not read holds nobody up."""

    async def main() -> None:
        async with running(Fake()) as engine:
            ignored, first, second = engine.events(), engine.events(), engine.events()
            await waited(engine, [await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path)])
            assert await _until_ended(first, 1) == await _until_ended(second, 1)
            await ignored.aclose()  # type: ignore[attr-defined]

    asyncio.run(main())


def test_progress_is_told_while_an_attempt_lasts(tmp_path: Path) -> None:
    """News of bytes has the same state before and after."""
    told: list[tuple[DownloadState | None, int]] = []

    async def slow(target_id: str, dest_dir: Path, progress: Progress) -> Path:
        for part in range(1, 4):
            progress(part, 8)
            await until(lambda: part in [transferred for _, transferred in told])  # noqa: B023 - now
        return deliver(dest_dir, target_id)

    async def main() -> None:
        async with running(Fake(download=slow)) as engine:

            def listen(event: DownloadEvent) -> None:
                if event.before is event.download.state:
                    told.append((event.before, event.download.transferred))

            engine._parts.table.listen(listen)
            await waited(engine, [await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path)])
            parts = [transferred for _, transferred in told]
            assert {before for before, _ in told} == {S.IN_PROGRESS}
            assert {1, 2, 3} <= set(parts)
            assert parts == sorted(parts)

    asyncio.run(main())


def test_a_listener_that_fails_or_calls_the_engine_stops_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Its exception is logged; calling back into the engine does not hang."""

    async def main() -> None:
        async with running(Fake(download=forever)) as engine:

            def meddles(event: DownloadEvent) -> None:
                if event.download.state is S.IN_PROGRESS:
                    engine._controlling.cancel(event.download.id, remove=False)
                raise ZeroDivisionError

            engine._parts.table.listen(meddles)
            done = await waited(engine, [await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path)])
            assert done[0].state is S.CANCELLED

    asyncio.run(main())
    assert "a listener to events failed" in caplog.text


def test_threads_that_tell_at_once_are_heard_in_the_order_of_putting() -> None:
    """Whoever is telling tells what others put meanwhile, so that no two threads overtake each other."""
    announcing = Announcing()
    heard: list[Any] = []
    announcing.listen(heard.append)

    def tell(thread: int) -> None:
        for number in range(500):
            announcing.put((thread, number))  # type: ignore[arg-type]
            announcing.flush()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(tell, range(4)))
    for thread in range(4):
        assert [number for who, number in heard if who == thread] == list(range(500))


def test_closing_the_engine_tells_everybody_who_waits(tmp_path: Path) -> None:
    """A waiter of a download that will not end here gets an error, not silence."""

    async def main() -> None:
        async with running(Fake(download=forever)) as engine:
            download_id = await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path)
            waiting = asyncio.create_task(_wait(engine, download_id))
            await asyncio.sleep(0)  # it takes one step, and waits
        assert "closed before this download ended" in await waiting
        assert files(tmp_path) == []

    asyncio.run(main())


async def _wait(engine: DownloadEngine, download_id: str) -> str:
    try:
        return str(await engine.wait(download_id))
    except Exception as error:  # noqa: BLE001 - its text is what is tested
        return str(error)
