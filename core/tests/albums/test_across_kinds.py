"""An album put together from tracks of several sources, and a track taken out of an album."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from core.tests.fakes import Fake, deliver, ended, files, forever, raising, result, running, until, wav
from mutagen.id3 import TALB, TIT2, TPE1
from mutagen.wave import WAVE

from cratedig import Download, DownloadState, Kind, NotFound, Wanted

WISH = Wanted(artist="Artist", album="Record")
SONGS = {1: "Dawn", 2: "Noon", 3: "Dusk"}


def tracks_of(name: str, *numbers: int, **more: Any) -> Fake:
    """A source that has these tracks of the album, and no albums."""

    async def search(_query: str, wanted: Wanted) -> Any:
        if not wanted.album:
            return []
        return [
            result(f"{name}-{number}", title=SONGS[number], album="Record", track_number=number)
            for number in numbers
        ]

    return Fake(name, search=search, **more)


def album_at(name: str, body: Any) -> Fake:
    """A source that claims to have the album."""

    async def search(*_: Any) -> Any:
        return [result("a", title="Record", album="Record", kind=Kind.ALBUM, track_count=3, duration=None)]

    return Fake(name, delivers={Kind.ALBUM}, search=search, download=body)


def got(sources: list[Fake], folder: Path, wish: Wanted = WISH, **how: Any) -> Download:
    """How the download ends when the kinds may be crossed."""

    async def main() -> Download:
        async with running(*sources, engine={"retries": 0}) as engine:
            chain = [source.name for source in sources]
            ident = await engine.download_with_fallback(
                wish, chain, dest_dir=folder, across_kinds=True, **how
            )
            return await ended(engine, ident)

    return asyncio.run(main())


def test_an_album_that_no_source_delivers_is_put_together_from_tracks(tmp_path: Path) -> None:
    """Each track comes from where it is to be had; one folder is published, the reasons are kept."""
    lost = album_at("usenet", raising(NotFound("articles are gone")))
    done = got([lost, tracks_of("one", 1, 2), tracks_of("two", 2, 3)], tmp_path)
    assert done.state is DownloadState.COMPLETED, done.detail
    assert files(tmp_path) == ["Artist - Record"]
    assert files(tmp_path / "Artist - Record") == ["01 - Dawn.wav", "02 - Noon.wav", "03 - Dusk.wav"]
    assert [file.path.name for file in done.files] == files(tmp_path / "Artist - Record")
    assert "articles are gone" in done.attempts[0].reason


def test_a_track_that_nobody_has_leaves_the_album_undone_or_partial(tmp_path: Path) -> None:
    """The number that is missing is said; what was promised counts, not what was found."""
    sources = [album_at("usenet", raising(NotFound("gone"))), tracks_of("one", 1, 3)]
    done = got(sources, tmp_path / "whole")
    assert done.state is DownloadState.ERRORED
    assert "track 2" in done.detail
    assert files(tmp_path / "whole") == []
    partial = got(sources, tmp_path / "partial", partial=True)
    assert partial.state is DownloadState.COMPLETED
    assert partial.missing == ("track 2",)
    assert files(tmp_path / "partial" / "Artist - Record") == ["01 - Dawn.wav", "03 - Dusk.wav"]


def test_a_track_that_fails_everywhere_is_named_with_its_reason(tmp_path: Path) -> None:
    """An album of tracks is all or nothing like any other."""

    async def body(target_id: str, dest_dir: Path, _progress: Any) -> Path:
        if target_id.endswith("2"):
            raise NotFound("taken down")
        return deliver(dest_dir, target_id)

    done = got([tracks_of("one", 1, 2, 3, download=body)], tmp_path)
    assert done.state is DownloadState.ERRORED
    assert "02 - Noon" in done.detail
    assert "taken down" in done.detail
    assert files(tmp_path) == []


def test_without_the_wish_nothing_is_put_together(tmp_path: Path) -> None:
    """Crossing the kinds is the caller's choice."""
    source = tracks_of("one", 1, 2, 3)

    async def main() -> Download:
        async with running(source, engine={"retries": 0}) as engine:
            return await engine.wait(await engine.download_with_fallback(WISH, ["one"], dest_dir=tmp_path))

    assert asyncio.run(main()).state is DownloadState.ERRORED
    assert not [call for call in source.calls if call[0] == "download"]


def test_cancelling_the_album_ends_the_downloads_of_its_tracks(tmp_path: Path) -> None:
    """No track goes on for an album that nobody wants."""
    source = tracks_of("one", 1, 2, 3, download=forever)

    async def main() -> list[Download]:
        async with running(source) as engine:
            ident = await engine.download_with_fallback(WISH, ["one"], dest_dir=tmp_path, across_kinds=True)
            await until(lambda: len([call for call in source.calls if call[0] == "download"]) == 3)
            assert await engine.cancel_download(ident)
            done = await engine.wait(ident)
            assert done.state is DownloadState.CANCELLED
            await until(lambda: files(tmp_path) == [])
            return await engine.get_all_downloads()

    assert [download.state for download in asyncio.run(main())] == [DownloadState.CANCELLED]


def test_an_album_half_put_together_goes_on_after_a_restart(tmp_path: Path) -> None:
    """The tracks that were there are kept; none is dispatched twice."""
    stuck = [True]

    async def body(target_id: str, dest_dir: Path, _progress: Any) -> Path:
        if target_id.endswith("3") and stuck:
            await forever()
        return deliver(dest_dir, target_id)

    source = tracks_of("one", 1, 2, 3, download=body)
    journal, music = tmp_path / "journal.db", tmp_path / "music"

    async def first() -> str:
        async with running(source, journal=journal) as engine:
            ident = await engine.download_with_fallback(WISH, ["one"], dest_dir=music, across_kinds=True)
            await until(lambda: len([call for call in source.calls if call[0] == "download"]) == 3)
            records = engine._parts.table.all
            await until(lambda: [r.shown for r in records()].count(DownloadState.COMPLETED) == 2)
            return ident

    async def second(ident: str) -> Download:
        async with running(source, journal=journal) as engine:
            return await ended(engine, ident)

    ident = asyncio.run(first())
    stuck.clear()
    done = asyncio.run(second(ident))
    assert done.state is DownloadState.COMPLETED, done.detail
    assert files(music) == ["Artist - Record"]
    assert len(done.files) == 3
    started = sorted(call[1] for call in source.calls if call[0] == "download")
    assert started == ["one-1", "one-2", "one-3", "one-3"]


def test_a_track_that_no_source_has_is_taken_out_of_its_album(tmp_path: Path) -> None:
    """Only that file is published, under the track's name."""

    async def body(_target_id: str, dest_dir: Path, _progress: Any) -> Path:
        for number, title in SONGS.items():
            path = dest_dir / "album" / f"{number:02d} {title}.wav"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(wav(float(number), number))
            _tag(path, title)
        return dest_dir / "album"

    wish = Wanted(artist="Artist", title="Noon", album="Record")
    done = got([tracks_of("none"), album_at("usenet", body)], tmp_path, wish)
    assert (done.state, done.kind) == (DownloadState.COMPLETED, Kind.TRACK), done.detail
    assert files(tmp_path) == ["Artist - Noon.wav"]
    assert done.files[0].duration == 2.0


def _tag(path: Path, title: str) -> None:
    file: Any = WAVE(path)  # type: ignore[no-untyped-call]
    file.add_tags()
    for frame, text in ((TIT2, title), (TPE1, "Artist"), (TALB, "Record")):
        file.tags.add(frame(encoding=3, text=[text]))
    file.save()
