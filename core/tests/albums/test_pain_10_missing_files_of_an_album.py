"""Pain 10: a few files of each album are missing, and nothing is tried again."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

from core.tests.fakes import Fake, deliver, files, result, running
from core.tests.otherprogram import Program, delegating, final

from cratedig import Download, DownloadState, Kind, NotFound, SearchResult, Unavailable, Wanted

WISH = Wanted(artist="Artist", album="Record")
ALBUM = SearchResult(
    source="fake", target_id="a", kind=Kind.ALBUM, title="Record", artist="Artist", track_count=3
)


def gathered(music: Path, tries: Counter[str], **how: Any) -> Download:
    """An album of tracks: the second fails twice and then succeeds, the third is gone for good."""

    async def search(_query: str, wanted: Wanted) -> Any:
        numbers = (1, 2, 3, 4) if wanted.album else ()
        return [result(f"t{n}", title=f"Song {n}", album="Record", track_number=n) for n in numbers]

    async def body(target_id: str, dest_dir: Path, _progress: Any) -> Path:
        tries[target_id] += 1
        if target_id == "t2" and tries["t2"] < 3:
            raise Unavailable("time-out")
        if target_id == "t3":
            raise NotFound("taken down")
        return deliver(dest_dir, target_id)

    async def main() -> Download:
        async with running(Fake(search=search, download=body), engine={"retries": 3}) as engine:
            ident = await engine.download_with_fallback(
                WISH, ["fake"], dest_dir=music, across_kinds=True, **how
            )
            return await final(engine, ident)

    return asyncio.run(main())


def test_what_may_pass_is_tried_again_and_what_will_not_is_reported(tmp_path: Path) -> None:
    """Each file by the class of its failure; the record says which one is missing, and why."""
    tries: Counter[str] = Counter()
    done = gathered(tmp_path / "whole", tries)
    assert dict(tries) == {"t1": 1, "t2": 3, "t3": 1, "t4": 1}
    assert done.state is DownloadState.ERRORED
    assert "3 of 4 tracks" in done.detail
    assert "03 - Song 3" in done.detail
    assert "taken down" in done.detail
    assert files(tmp_path / "whole") == []
    partial = gathered(tmp_path / "partial", Counter(), partial=True)
    assert partial.state is DownloadState.COMPLETED
    (missing,) = partial.missing
    assert missing.startswith("03 - Song 3")
    assert files(tmp_path / "partial" / "Artist - Record") == [f"0{n} - Song {n}.wav" for n in (1, 2, 4)]


def test_an_album_with_a_damaged_file_is_fetched_once_more_and_then_given_up_by_name(tmp_path: Path) -> None:
    """The other program gets one more try from the beginning; then the record has the exact list."""
    program = Program(tmp_path / "there")

    def damaged(target_id: str) -> str:
        job = program.start(target_id)
        program.bring_album(job, 1, 2, 3)
        second = program.folder / job / "02 - Song 2.wav"
        second.write_bytes(second.read_bytes()[:-6000])
        return job

    async def main() -> list[Download]:
        program.starting = damaged
        async with delegating(program, engine={"retries": 3}) as engine:
            whole = await engine.dispatch_download(ALBUM, dest_dir=tmp_path / "whole")
            ended = [await final(engine, whole)]
            assert program.asked("start") == ["job-a", "job-a"]
            partial = await engine.dispatch_download(ALBUM, dest_dir=tmp_path / "partial", partial=True)
            return [*ended, await final(engine, partial)]

    whole, partial = asyncio.run(main())
    assert (whole.state, whole.code) == (DownloadState.ERRORED, "corrupt-download")
    assert "2 of 3 tracks: 02 - Song 2 (" in whole.detail
    assert (partial.state, partial.missing) == (DownloadState.COMPLETED, ("02 - Song 2",))
    assert files(tmp_path / "partial" / "Artist - Record") == ["01 - Song 1.wav", "03 - Song 3.wav"]
    assert program.asked("tidy") == ["job-a"] * 3
