"""Pains 7 and 8, at another program: a release that was given up comes back, or is fetched over and over."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from core.tests.fakes import files, result, until
from core.tests.otherprogram import Delegate, Program, delegating, final, shown

from cratedig import DownloadState, Kind, NotFound, Wanted

RECORD = Wanted(artist="Artist", album="Record")


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """A program that finds two releases of the album, "best" before "other"."""

    async def two(*_: Any) -> Any:
        named = {"title": "Record", "album": "Record", "kind": Kind.ALBUM, "duration": None}
        return [result("best", popularity=9.0, **named), result("other", popularity=1.0, **named)]

    init = Delegate.__init__

    def searching(self: Delegate, context: Any) -> None:
        init(self, context)
        self.search = two

    monkeypatch.setattr(Delegate, "__init__", searching)
    made = Program(tmp_path / "there")
    made.info = {"delivers": {Kind.ALBUM}}
    return made


def test_pain_07_a_cancelled_release_is_not_picked_again(program: Program, tmp_path: Path) -> None:
    """The next wish takes the other one; nothing of the first is left at the program."""

    async def main() -> None:
        async with delegating(program) as engine:
            first = await engine.download_with_fallback(RECORD, ["fake"], dest_dir=tmp_path / "music")
            await shown(engine, first, "waiting for the other program")
            (taken,) = program.jobs
            await engine.cancel_download(first)
            await until(lambda: program.asked("cancel") == [taken])
            second = await engine.download_with_fallback(RECORD, ["fake"], dest_dir=tmp_path / "music")
            await shown(engine, second, "waiting for the other program")
            (other,) = program.jobs
            assert other != taken
            program.bring_album(other, 1, 2)
            assert (await final(engine, second)).state is DownloadState.COMPLETED

    asyncio.run(main())


def test_pain_07_a_release_that_failed_is_not_picked_again(program: Program, tmp_path: Path) -> None:
    """The same download goes on with the other one, and so does the next wish at once."""

    async def main() -> None:
        async with delegating(program) as engine:
            for folder in ("one", "two"):
                ident = await engine.download_with_fallback(RECORD, ["fake"], dest_dir=tmp_path / folder)
                if folder == "one":
                    await until(lambda: "job-best" in program.jobs)
                    program.errors["job-best"] = NotFound("articles are gone")
                    program.say("job-best", state="Errored")
                await until(lambda: "job-other" in program.jobs)
                program.bring_album("job-other", 1, 2)
                assert (await final(engine, ident)).state is DownloadState.COMPLETED
                await until(lambda: not program.jobs)

    asyncio.run(main())
    assert program.asked("start") == ["job-best", "job-other", "job-other"]


def test_pain_08_one_release_is_fetched_once_however_often_it_is_asked_for(
    program: Program, tmp_path: Path
) -> None:
    """By target, result and wish; while it is under way, once it is there, and after a restart."""
    music = tmp_path / "music"

    async def main() -> None:
        async with delegating(program, journal=tmp_path / "journal.db") as engine:
            found = (await engine.search(RECORD)).results[0]
            for _ in range(3):
                ids = [await engine.dispatch_download(target, dest_dir=music) for target in (found, found)]
                ids.append(await engine.dispatch_download((found.source, found.target_id), dest_dir=music))
                for ident in ids:
                    assert (await final(engine, ident)).state is DownloadState.COMPLETED
                wish = await engine.download_with_fallback(RECORD, ["fake"], dest_dir=music)
                assert (await final(engine, wish)).state is DownloadState.COMPLETED

    program.starting = lambda target: _done_at_once(program, target)
    asyncio.run(main())
    asyncio.run(main())
    assert program.asked("start") == ["job-best"]
    assert files(music) == ["Artist - Record"]


def _done_at_once(program: Program, target: str) -> str:
    job = program.start(target)
    program.bring_album(job, 1, 2, 3)
    return job
