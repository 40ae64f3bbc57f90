"""Pain 5: stuck "downloading" after the peer rejected. What the program says has failed ends at once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from core.tests.fakes import Fake, until
from core.tests.otherprogram import Program, delegating, final

from cratedig import Download, DownloadState, NotEntitled, NotFound, SearchResult, SourceError

SONG = SearchResult(source="fake", target_id="a", title="Song", artist="Artist", duration=1.0)
OTHER = SearchResult(source="other", target_id="x", title="Song", artist="Artist", duration=1.0)


@pytest.mark.parametrize(
    "error", [NotEntitled("peer one shares with friends only"), NotFound("peer one is offline")]
)
def test_a_rejection_ends_the_wait_at_once_and_the_next_source_is_tried(
    error: SourceError, tmp_path: Path
) -> None:
    """No patience is spent on it, the reason stays in the record, and nobody asks there again."""
    program = Program(tmp_path / "there")

    async def main() -> Download:
        async with delegating(program, Fake("other"), engine={"queue_patience": 10**6}) as engine:
            chain = ["fake", "other"]
            wish = SONG
            ident = await engine.download_with_fallback(wish, chain, dest_dir=tmp_path / "music")
            await until(lambda: program.jobs)
            program.errors["job-a"] = error
            program.say("job-a", state="Errored")
            return await final(engine, ident)

    done = asyncio.run(main())
    assert (done.state, done.source) == (DownloadState.COMPLETED, "other"), done.detail
    assert error.message in done.attempts[0].reason
    assert program.asked("start") == program.asked("tidy") == ["job-a"]


def test_a_rejection_that_is_announced_before_the_id_is_known_ends_it_too(tmp_path: Path) -> None:
    """The program refuses so quickly that its answer overtakes the id."""
    program = Program(tmp_path / "there")

    async def main() -> Download:
        async with delegating(program, engine={"retries": 0}) as engine:
            program.errors["job-a"] = NotEntitled("banned")
            program.starting = _refused
            ident = await engine.dispatch_download(("fake", "a"), dest_dir=tmp_path / "music")
            return await final(engine, ident)

    def _refused(target_id: str) -> str:
        job = program.start(target_id)
        program.say(job, state="Errored")
        return job

    done = asyncio.run(main())
    assert (done.state, done.code) == (DownloadState.ERRORED, "not-entitled")
