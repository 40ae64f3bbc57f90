"""One engine, four streaming services: one row for one recording, and a file although three of them fail."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from cratedig import AttemptOutcome, Download, DownloadEngine, DownloadState, SearchReport, Wanted
from cratedig_emulators.playing import play

CHAIN = ("deezer", "qobuz", "tidal", "hifi")


def searched(tree: dict[str, Any], wish: str | Wanted) -> SearchReport:
    """The report of one search at all of them."""

    async def main() -> SearchReport:
        async with DownloadEngine.open(tree) as engine:
            return await engine.search(wish)

    return asyncio.run(main())


def downloaded(tree: dict[str, Any], four: Any, start: str = "wish") -> Download:
    """The record of a download that begins when three of them are in trouble.

    It starts with a ``wish`` that goes along the chain, with a ``result`` that does, or with the
    ``alternates`` of a result alone.
    """

    async def main() -> Download:
        async with DownloadEngine.open(tree) as engine:
            wish: Any = Wanted(artist=four.artist, title=four.title)
            if start != "wish":
                [wish] = await engine.search(wish)
            four.trouble()
            if start == "alternates":
                return await engine.wait(await engine.dispatch_download(wish))
            return await engine.wait(await engine.download_with_fallback(wish, CHAIN))

    return asyncio.run(main())


@pytest.mark.parametrize("by", ["words", "wish"])
def test_one_search_lists_a_recording_of_all_four_as_one_row(tree: Any, four: Any, by: str) -> None:
    """The best copy is the row, those of the other three are its alternates, the better ones first."""
    wish = f"{four.artist} {four.title}" if by == "words" else Wanted(artist=four.artist, title=four.title)
    report = searched(tree, wish)
    assert {name: one.status.value for name, one in report.outcomes.items()} == dict.fromkeys(
        four.names, "ok"
    )
    [row] = report.results
    copies = [row, *row.alternates]
    assert sorted(copy.source for copy in copies) == sorted(four.names)
    assert {copy.source: copy.target_id for copy in copies} == four.targets()
    assert {(copy.artist, copy.title, copy.album) for copy in copies} == {
        (four.artist, four.title, four.album)
    }
    depths = [copy.quality.bit_depth for copy in copies if copy.quality]
    assert depths == [24, 24, 16, 16]


def test_the_whole_album_is_one_row_for_each_track(tree: Any, four: Any) -> None:
    """Two tracks at four services are two rows, each with three alternates."""
    report = searched(tree, f"{four.artist} {four.album}")
    assert {row.title: len(row.alternates) for row in report} == {"The Crossing": 3, "Last Boat Out": 3}


@pytest.mark.parametrize("start", ["wish", "result", "alternates"])
def test_three_fail_and_the_fourth_delivers(tree: Any, four: Any, start: str) -> None:
    """It ends Completed from HiFi, plays from start to end, and the record tells why the others did not."""
    done = downloaded(tree, four, start)
    assert (done.state, done.source) == (DownloadState.COMPLETED, "hifi")
    told = {attempt.source: (attempt.code, attempt.reason) for attempt in done.attempts}
    assert {source: code for source, (code, _) in told.items()} == {
        "deezer": "unavailable",
        "qobuz": "not-entitled",
        "tidal": "not-entitled",
        "hifi": "",
    }
    assert "connection broke" in told["deezer"][1]
    assert "sample of 30 seconds" in told["qobuz"][1]
    assert "region" in told["tidal"][1]
    outcomes = [attempt.outcome for attempt in done.attempts]
    assert outcomes == [*[AttemptOutcome.FAILED] * 3, AttemptOutcome.COMPLETED]
    assert done.file_path is not None
    assert play(done.file_path).samples == four.seconds * 44100
    assert [path for path in done.dest_dir.rglob("*") if path.is_file()] == [done.file_path]


def test_deezer_had_half_of_the_bytes_when_it_failed(tree: Any, four: Any) -> None:
    """What was received is in the record; none of it is in the file, which is HiFi's alone."""
    done = downloaded(tree, four)
    [failed] = [attempt for attempt in done.attempts if attempt.source == "deezer"]
    whole = len(four.deezer.song(four.title).audio("FLAC"))
    assert failed.received == pytest.approx(whole / 2, abs=2)
    assert done.file_path is not None
    assert done.file_path.read_bytes()[:4] == b"fLaC"
    assert done.size == done.file_path.stat().st_size
