"""Transfers that were open when an engine ended: the next one picks them up and starts none twice."""

from __future__ import annotations

import asyncio
from pathlib import Path

from core.tests.fakes import files, until
from core.tests.otherprogram import Program, delegating, final, shown

from cratedig import Download, DownloadState, Kind, OpenTransfer, SearchResult

SONG = SearchResult(source="fake", target_id="a", title="Song", artist="Artist", duration=1.0)
RECORD = SearchResult(
    source="fake", target_id="r", kind=Kind.ALBUM, title="Record", artist="Artist", track_count=3
)


async def _begun(program: Program, tmp_path: Path, *targets: SearchResult | str) -> list[str]:
    """Start transfers, and close the engine while they are open."""
    async with delegating(program, journal=tmp_path / "journal.db") as engine:
        asked = [("fake", target) if isinstance(target, str) else target for target in targets]
        ids = [await engine.dispatch_download(target, dest_dir=tmp_path / "music") for target in asked]
        for ident in ids:
            await shown(engine, ident, "waiting for the other program")
        return ids


def test_the_next_engine_lists_the_open_transfers_as_they_were(program: Program, tmp_path: Path) -> None:
    """With target, promise and the download's id; nothing is asked of the program but news."""
    seen: list[OpenTransfer] = []

    async def second(ids: list[str]) -> None:
        async with delegating(program, journal=tmp_path / "journal.db") as engine:
            client = engine.client("fake")
            await until(lambda: len(client.context.transfers()) == 3)
            seen.extend(client.context.transfers())
            assert client.asked("download") == []
            for job in list(program.jobs):
                program.bring(job, name=f"{job}.wav") if job != "job-r" else program.bring_album(job, 1, 2, 3)
            for ident in ids:
                done = await final(engine, ident)
                assert done.state is DownloadState.COMPLETED, done.detail

    ids = asyncio.run(_begun(program, tmp_path, SONG, RECORD, "plain"))
    asyncio.run(second(ids))
    assert [(one.download_id, one.transfer_id, one.target_id) for one in seen] == [
        (ids[0], "job-a", "a"), (ids[1], "job-r", "r"), (ids[2], "job-plain", "plain"),
    ]  # fmt: skip
    assert [one.promise.title if one.promise else "" for one in seen] == ["Song", "Record", ""]
    assert seen[1].promise is not None
    assert seen[1].promise.track_count == 3
    assert sorted(program.asked("start")) == sorted(program.asked("tidy"))
    assert files(tmp_path / "music") == ["Artist - Record", "Artist - Song.wav", "job-plain.wav"]


def test_what_was_finished_meanwhile_completes(program: Program, tmp_path: Path) -> None:
    """And what the program has lost meanwhile is begun again, or ends with that reason."""

    async def second(ids: list[str]) -> list[Download]:
        settings = {"retries": 0}
        async with delegating(program, journal=tmp_path / "journal.db", engine=settings) as engine:
            return [await final(engine, ident) for ident in ids]

    ids = asyncio.run(_begun(program, tmp_path, "a", "b"))
    program.bring("job-a")
    del program.jobs["job-b"]
    completed, lost = asyncio.run(second(ids))
    assert completed.state is DownloadState.COMPLETED, completed.detail
    assert (lost.state, lost.code) == (DownloadState.ERRORED, "not-found")
    assert "knows nothing of this job" in lost.detail
    assert program.asked("start") == ["job-a", "job-b"]


def test_the_same_target_asked_for_after_the_restart_is_the_same_download(
    program: Program, tmp_path: Path
) -> None:
    """What was picked up is under way: it is not fetched twice."""

    async def second(ids: list[str]) -> None:
        async with delegating(program, journal=tmp_path / "journal.db") as engine:
            again = await engine.dispatch_download(("fake", "a"), dest_dir=tmp_path / "music")
            assert [again] == ids
            program.bring("job-a")
            assert (await final(engine, again)).state is DownloadState.COMPLETED

    asyncio.run(second(asyncio.run(_begun(program, tmp_path, "a"))))
    assert files(tmp_path / "music") == ["song.wav"]


def test_an_engine_that_closes_in_the_middle_of_taking_over_ends_no_record(
    program: Program, tmp_path: Path
) -> None:
    """Fifty arrive as it closes: those that were not taken over are by the next, none is lost or twice."""

    async def first() -> list[str]:
        async with delegating(program, journal=tmp_path / "journal.db") as engine:
            music = tmp_path / "music"
            ids = [await engine.dispatch_download(("fake", str(n)), dest_dir=music) for n in range(50)]
            await until(lambda: len(program.jobs) == 50)
            for number in range(50):
                program.bring(f"job-{number}", 0.2, f"{number}.wav")
            await until(lambda: len(program.asked("tidy")) > 3)
            return ids

    async def second(ids: list[str]) -> None:
        async with delegating(program, journal=tmp_path / "journal.db") as engine:
            for ident in ids:
                done = await final(engine, ident)
                assert done.state is DownloadState.COMPLETED, done.detail

    asyncio.run(second(asyncio.run(first())))
    assert files(tmp_path / "music") == sorted(f"{n}.wav" for n in range(50))
    assert sorted(set(program.asked("tidy"))) == sorted(program.asked("start"))
    assert len(program.asked("start")) == 50


def test_cancelled_after_the_restart_the_job_there_ends(program: Program, tmp_path: Path) -> None:
    """The program is told the id of the transfer that an earlier engine began."""

    async def second(ids: list[str]) -> None:
        async with delegating(program, journal=tmp_path / "journal.db") as engine:
            await shown(engine, ids[0], "waiting for the other program")
            assert await engine.cancel_download(ids[0])
            await until(lambda: program.asked("cancel") == ["job-a"] and program.open == 0)

    asyncio.run(second(asyncio.run(_begun(program, tmp_path, "a"))))
    assert files(tmp_path / "music") == []


def test_a_lane_that_closes_ends_no_record_by_that(program: Program, tmp_path: Path) -> None:
    """What arrives when the threads are already gone is left as it is, for the next engine."""

    async def first() -> str:
        async with delegating(program, journal=tmp_path / "journal.db") as engine:
            ident = await engine.dispatch_download(("fake", "a"), dest_dir=tmp_path / "music")
            await shown(engine, ident, "waiting for the other program")
            source = engine._parts.sources.get("fake")
            lane = source.lane
            lane._closing = True
            lane.pool.shutdown()
            program.bring("job-a")
            parked = engine._parts.parked
            await until(lambda: not source.followers and parked._arriving._movers["fake"].done())
            return ident

    async def second(ident: str) -> Download:
        async with delegating(program, journal=tmp_path / "journal.db") as engine:
            return await final(engine, ident)

    done = asyncio.run(second(asyncio.run(first())))
    assert done.state is DownloadState.COMPLETED, done.detail
    assert program.asked("start") == ["job-a"]
