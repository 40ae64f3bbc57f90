"""One engine with every source: one search, one merged list, one download from each, all verified."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from cratedig import Download, DownloadEngine, DownloadState, Kind, SearchReport, SearchResult, Wanted
from cratedig_contracts.patience import within
from cratedig_emulators.playing import play

pytestmark = pytest.mark.timeout(300)

PATIENCE = 200.0


def copies(report: SearchReport) -> dict[str, SearchResult]:
    """The best copy at each source, rows and alternates alike."""
    found: dict[str, SearchResult] = {}
    for row in report:
        for copy in (row, *row.alternates):
            found.setdefault(copy.source, copy)
    return found


def used(tree: dict[str, Any], use: Any) -> Any:
    """What ``use`` makes of an engine with all sources."""

    async def main() -> Any:
        async with DownloadEngine.open(tree) as engine:
            return await within(PATIENCE, use(engine))

    return asyncio.run(main())


def test_one_search_one_merged_list_and_one_download_from_each(
    town: Any, tree: dict[str, Any], tmp_path: Path
) -> None:
    """Eleven sources answer the search for an album; each delivers the best that it has, track or album."""

    async def use(engine: DownloadEngine) -> tuple[SearchReport, list[Download]]:
        report = await engine.search(Wanted(artist=town.artist, album=town.album))
        chosen = copies(report)
        ids = [
            await engine.dispatch_download(evolve(copy, alternates=()), dest_dir=tmp_path / "music" / source)
            for source, copy in sorted(chosen.items())
        ]
        return report, list(await asyncio.gather(*map(engine.wait, ids)))

    report, ended = used(tree, use)
    how = {name: (one.status.value, one.reason) for name, one in report.outcomes.items()}
    assert how == dict.fromkeys(town.names, ("ok", ""))
    assert {one.source: (one.state, one.detail) for one in ended} == dict.fromkeys(
        town.names, (DownloadState.COMPLETED, "")
    )
    kinds = {source: copy.kind for source, copy in copies(report).items()}
    assert {name for name, kind in kinds.items() if kind is Kind.ALBUM} >= set(town.albums)
    for done in ended:
        assert done.kind is kinds[done.source]
        assert len(done.files) == (len(town.titles) if done.kind is Kind.ALBUM else 1)
        for file in done.files:
            assert play(file.path).seconds == pytest.approx(file.duration, abs=0.2)
            assert file.size == file.path.stat().st_size


def test_the_copies_of_one_recording_are_one_row(town: Any, tree: dict[str, Any]) -> None:
    """A track and an album never share a row; the copies of a track do, and those of the album."""

    async def use(engine: DownloadEngine) -> SearchReport:
        return await engine.search(Wanted(artist=town.artist, album=town.album))

    report = used(tree, use)
    rows = [((row, *row.alternates), {copy.source for copy in (row, *row.alternates)}) for row in report]
    assert all(len({copy.kind for copy in copies}) == 1 for copies, _ in rows)
    albums = [sources for copies, sources in rows if copies[0].kind is Kind.ALBUM]
    tracks = [sources for copies, sources in rows if copies[0].kind is Kind.TRACK]
    assert any(sources >= set(town.albums) for sources in albums)
    # A Soulseek peer's folder is the album here, not its files.
    assert set(town.names) - set(town.albums) - {"soulseek"} in tracks


def test_a_track_is_asked_of_those_that_have_tracks(town: Any, tree: dict[str, Any]) -> None:
    """All nine copies are one row; Lidarr and Usenet get no request for it, and the report says why."""
    before = len(town.lidarr.requests), len(town.indexer.requests)

    async def use(engine: DownloadEngine) -> SearchReport:
        return await engine.search(Wanted(artist=town.artist, title=town.titles[0]))

    report = used(tree, use)
    skipped = {name for name, one in report.outcomes.items() if one.status.value == "skipped"}
    assert skipped == set(town.albums)
    rows = [{copy.source for copy in (row, *row.alternates)} for row in report]
    assert rows[0] == set(town.names) - skipped
    assert (len(town.lidarr.requests), len(town.indexer.requests)) == before


def test_the_whole_chain_is_walked_until_the_last_source_delivers(
    town: Any, tree: dict[str, Any], tmp_path: Path
) -> None:
    """An album that only Usenet delivers comes from there, and every source before it has its reason."""
    chain = ["youtube", "tidal", "qobuz", "hifi", "deezer", "soundcloud", "archive", "folder"]

    async def use(engine: DownloadEngine) -> Download:
        wish = Wanted(artist=town.artist, album=town.album)
        return await engine.wait(
            await engine.download_with_fallback(wish, [*chain, "usenet"], dest_dir=tmp_path / "music")
        )

    done = used(tree, use)
    assert (done.state, done.source) == (DownloadState.COMPLETED, "usenet"), done.detail
    assert [attempt.source for attempt in done.attempts] == [*chain, "usenet"]
    assert all(attempt.reason for attempt in done.attempts[:-1])
