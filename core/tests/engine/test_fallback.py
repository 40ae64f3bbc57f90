"""From source to source until a verified file is there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from core.tests.fakes import Fake, deliver, ended, files, forever, raising, result, running

from cratedig import (
    DownloadState,
    Kind,
    NotFound,
    SearchResult,
    SourceError,
    Unavailable,
    UnknownSource,
    Wanted,
)

Progress = Callable[..., None]
SONG = Wanted(artist="Artist", title="Song", duration=200.0)


async def _the_song(*_: Any) -> Any:
    return [result("1", duration=200.0)]


async def _preview(target_id: str, dest_dir: Path, _progress: Progress) -> Path:
    return deliver(dest_dir, target_id, seconds=30)


async def _cut(target_id: str, dest_dir: Path, _progress: Progress) -> Path:
    whole = deliver(dest_dir, target_id, seconds=200)
    whole.write_bytes(whole.read_bytes()[:-100_000])
    return whole


async def _whole(target_id: str, dest_dir: Path, _progress: Progress) -> Path:
    return deliver(dest_dir, target_id, seconds=200)


def test_the_verified_outcome_decides_not_whether_a_source_took_the_job(tmp_path: Path) -> None:
    """A preview, a time-out and a truncated file are failures; the fourth source has the song."""
    sources = [
        Fake("previews", search=_the_song, download=_preview),
        Fake("hangs", search=_the_song, download=forever, stall_timeout=0.5),
        Fake("cuts", search=_the_song, download=_cut),
        Fake("good", search=_the_song, download=_whole),
    ]
    chain = [source.name for source in sources]

    async def main() -> None:
        async with running(*sources, engine={"retries": 0}) as engine:
            done = await engine.wait(await engine.download_with_fallback(SONG, chain, dest_dir=tmp_path))
        assert (done.state, done.source) == (DownloadState.COMPLETED, "good")
        assert files(tmp_path) == ["Artist - Song.wav"]
        assert done.files[0].duration == 200.0
        reasons = {attempt.source: attempt.reason for attempt in done.attempts}
        assert list(reasons) == chain
        assert "preview" in reasons["previews"]
        assert "nothing moved for 0.5 s" in reasons["hangs"]
        assert "cuts" in reasons["cuts"]
        assert [a.code for a in done.attempts] == [
            "not-entitled", "unavailable", "corrupt-download", "corrupt-download", "",
        ]  # fmt: skip

    asyncio.run(main())


def test_a_results_own_alternates_come_before_any_search(tmp_path: Path) -> None:
    """What a search has found already is tried in the order of the chain; then the next source is asked."""
    a = Fake("a", download=raising(NotFound("gone")))
    b = Fake("b", download=raising(NotFound("gone, too")))
    c = Fake("c", search=_the_song, download=_whole)

    async def main() -> None:
        async with running(a, b, c) as engine:
            found = _found("a", "a1", alternates=[_found("b", "b1")])
            download_id = await engine.download_with_fallback(found, ["c", "b"], dest_dir=tmp_path)
            done = await engine.wait(download_id)
        assert [(at.source, at.target_id) for at in done.attempts] == [("a", "a1"), ("b", "b1"), ("c", "1")]
        assert (a.asked("search"), b.asked("search"), len(c.asked("search"))) == ([], [], 1)

    asyncio.run(main())


def test_without_a_chain_the_alternates_keep_their_order(tmp_path: Path) -> None:
    """The best copy is next, whatever its source is called."""
    sources = [Fake(name, download=raising(NotFound("gone"))) for name in ("aaa", "mmm", "zzz")]
    names = ("mmm", "zzz", "aaa")
    first, *others = [_found(name, "1") for name in names]

    async def main() -> list[str]:
        async with running(*sources) as engine:
            wish = evolve(first, alternates=others)
            done = await engine.wait(await engine.download_with_fallback(wish, dest_dir=tmp_path))
            return [attempt.source for attempt in done.attempts][:3]

    assert asyncio.run(main()) == list(names)


def test_a_dispatched_result_falls_back_to_its_alternates(tmp_path: Path) -> None:
    """`dispatch_download` goes on to the same recording at another source."""
    a, b = Fake("a", download=raising(NotFound("gone"))), Fake("b")

    async def main() -> None:
        async with running(a, b) as engine:
            found = _found("a", "1", duration=1.0, alternates=[_found("b", "2", duration=1.0)])
            done = await engine.wait(await engine.dispatch_download(found, dest_dir=tmp_path))
        assert (done.state, done.source, done.target_id) == (DownloadState.COMPLETED, "b", "2")

    asyncio.run(main())


def test_what_is_not_surely_the_same_song_is_not_taken(tmp_path: Path) -> None:
    """A live version is no match; the reason says what the best one was."""

    async def live(*_: Any) -> Any:
        return [result("1", title="Song (Live at Home)", duration=260.0)]

    async def main() -> None:
        async with running(Fake(search=live)) as engine:
            done = await engine.wait(await engine.download_with_fallback(SONG, ["fake"], dest_dir=tmp_path))
        assert (done.state, done.code) == (DownloadState.ERRORED, "not-found")
        assert "none of them surely the same" in done.detail

    asyncio.run(main())


def test_a_failing_search_is_an_attempt_of_its_own(tmp_path: Path) -> None:
    """A source that cannot be asked is told in the attempts; the next one is asked."""
    down = Fake("down", search=raising(Unavailable("maintenance")))

    async def main() -> None:
        async with running(down, Fake("up", search=_the_song, download=_whole)) as engine:
            download_id = await engine.download_with_fallback(SONG, ["down", "up"], dest_dir=tmp_path)
            done = await engine.wait(download_id)
        assert done.source == "up"
        assert "maintenance" in done.attempts[0].reason

    asyncio.run(main())


def test_an_outage_goes_on_to_the_next_source_without_waiting(tmp_path: Path) -> None:
    """While a source is down and there is another one, nobody waits for the breaker."""
    down = Fake("down", search=_the_song, download=raising(Unavailable("connection refused")))
    up = Fake("up", search=_the_song, download=_whole)

    async def main() -> None:
        settings = {"breaker_failures": 1, "breaker_pause": 86400.0}
        async with running(down, up, engine=settings) as engine:
            download_id = await engine.download_with_fallback(SONG, ["down", "up"], dest_dir=tmp_path)
            done = await ended(engine, download_id)
        assert done.source == "up"
        assert len(down.asked("download")) == 1

    asyncio.run(main())


def test_a_folder_that_cannot_be_written_is_no_reason_to_try_another_source(tmp_path: Path) -> None:
    """The chain is not walked for a full disk, and no candidate is blamed."""
    blocked = tmp_path / "folder"
    blocked.write_text("in the way")
    a, b = (Fake(name, search=_the_song, download=_whole) for name in "ab")

    async def main() -> None:
        async with running(a, b) as engine:
            done = await engine.wait(await engine.download_with_fallback(SONG, ["a", "b"], dest_dir=blocked))
            assert (done.state, done.code) == (DownloadState.ERRORED, "destination")
            assert b.asked("search") == []
            assert engine._parts.blocklist.reason("a", "1") is None

    asyncio.run(main())


def test_album_only_sources_are_asked_for_albums(tmp_path: Path) -> None:
    """A track is not looked for where only albums are; the attempt says so."""
    albums = Fake("albums", delivers={Kind.ALBUM})

    async def main() -> None:
        async with running(albums, Fake("tracks", search=_the_song, download=_whole)) as engine:
            download_id = await engine.download_with_fallback(SONG, ["albums", "tracks"], dest_dir=tmp_path)
            done = await engine.wait(download_id)
        assert done.source == "tracks"
        assert "albums only" in done.attempts[0].reason
        assert albums.calls == []

    asyncio.run(main())


def test_an_unknown_name_in_the_chain_is_refused_at_once(tmp_path: Path) -> None:
    """The error names it and what there is; no record is made."""

    async def main() -> None:
        async with running(Fake("good")) as engine:
            with pytest.raises(UnknownSource, match="good") as caught:
                await engine.download_with_fallback(SONG, ["good", "nobody"], dest_dir=tmp_path)
            assert caught.value.name == "nobody"
            assert await engine.get_all_downloads() == []

    asyncio.run(main())


def test_every_source_failing_ends_with_every_reason(tmp_path: Path) -> None:
    """The last word names what went wrong at each of them."""
    sources = [
        Fake(name, search=_the_song, download=raising(SourceError(f"{name} says no"))) for name in "abc"
    ]

    async def main() -> None:
        async with running(*sources) as engine:
            done = await engine.wait(await engine.download_with_fallback(SONG, dest_dir=tmp_path))
        assert done.state is DownloadState.ERRORED
        assert all(f"{name} says no" in done.detail for name in "abc")
        assert files(tmp_path) == []

    asyncio.run(main())


def _found(source: str, target_id: str, **more: Any) -> SearchResult:
    fields: dict[str, Any] = {"title": "Song", "artist": "Artist", "duration": 200.0, **more}
    return SearchResult(source=source, target_id=target_id, **fields)
