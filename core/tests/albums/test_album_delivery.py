"""What a source delivers as an album: published whole under one name, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from core.tests.fakes import Fake, files, result, running, wav

from cratedig import AlbumFile, Delivery, Download, DownloadState, Kind, NotFound, SearchResult, Wanted

ALBUM = SearchResult(
    source="fake",
    target_id="a1",
    kind=Kind.ALBUM,
    title="Record",
    artist="Artist",
    album="Record",
    track_count=3,
)
WISH = Wanted(artist="Artist", album="Record")

Deliver = Callable[[str, Path, Any], Any]


def tracks(dest_dir: Path, *numbers: int, folder: str = "") -> Path:
    """Put numbered WAV files where a source has to."""
    below = dest_dir / "delivered" / folder
    below.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        (below / f"{number:02d} - Song {number}.wav").write_bytes(wav(1.0, number))
    return dest_dir / "delivered"


def delivering(make: Callable[[Path], Any]) -> Deliver:
    """A hook's body that delivers what ``make`` puts there."""

    async def download(_target_id: str, dest_dir: Path, _progress: Any) -> Any:
        return make(dest_dir)

    return download


def fake(make: Callable[[Path], Any], name: str = "fake") -> Fake:
    """A source of albums."""

    async def search(*_: Any) -> Any:
        return [result("a1", title="Record", album="Record", kind=Kind.ALBUM, track_count=3, duration=None)]

    return Fake(name, delivers={Kind.ALBUM}, search=search, download=delivering(make))


def got(source: Fake, folder: Path, **how: Any) -> Download:
    """How a download of the album ends."""

    async def main() -> Download:
        async with running(source, engine={"retries": 0}) as engine:
            return await engine.wait(await engine.dispatch_download(ALBUM, dest_dir=folder, **how))

    return asyncio.run(main())


def test_an_album_is_one_folder_with_all_of_its_files(tmp_path: Path) -> None:
    """Named after artist and album, the covers along with it, nothing else beside it."""

    def make(dest_dir: Path) -> Path:
        folder = tracks(dest_dir, 1, 2, 3)
        (folder / "cover.jpg").write_bytes(b"\xff\xd8\xff picture")
        (folder / "release.nfo").write_text("made by")
        return folder

    done = got(fake(make), tmp_path)
    assert (done.state, done.kind, done.missing) == (DownloadState.COMPLETED, Kind.ALBUM, ())
    assert done.file_path == tmp_path / "Artist - Record"
    names = ["01 - Song 1.wav", "02 - Song 2.wav", "03 - Song 3.wav"]
    assert files(done.file_path) == [*names, "cover.jpg"]
    assert [file.path for file in done.files] == [done.file_path / name for name in names]
    assert [file.path.stat().st_size for file in done.files] == [file.size for file in done.files]
    assert files(tmp_path) == ["Artist - Record"]


def test_discs_keep_their_folders_and_equal_names_both_stay(tmp_path: Path) -> None:
    """Files listed one by one are published under the names that the source gives."""

    def make(dest_dir: Path) -> Delivery:
        tracks(dest_dir, 1, folder="a")
        tracks(dest_dir, 1, folder="b")
        root, same = dest_dir / "delivered", "01 - Song 1.wav"
        listed = [
            AlbumFile(path=root / "a" / same, name="CD 1/01: Song", duration=1.0),
            AlbumFile(path=root / "b" / same, name="CD 2/01: Song"),
        ]
        plain = AlbumFile(path=tracks(dest_dir, 7) / "07 - Song 7.wav")
        return Delivery(path=dest_dir, files=[*listed, plain])

    done = got(fake(make), tmp_path)
    assert done.state is DownloadState.COMPLETED, done.detail
    assert [str(file.path.relative_to(tmp_path / "Artist - Record")) for file in done.files] == [
        "CD 1/01 - Song.wav",
        "CD 2/01 - Song.wav",
        "07 - Song 7.wav",
    ]


@pytest.mark.parametrize("wrong", ["lacks one", "one is damaged", "one is a web page", "says so"])
def test_an_incomplete_album_is_not_published_and_what_it_lacks_is_said(tmp_path: Path, wrong: str) -> None:
    """All or nothing is the default; with ``partial`` the rest is published with an exact list."""

    def make(dest_dir: Path) -> Path | Delivery:
        folder = tracks(dest_dir, *((1, 3) if wrong in ("lacks one", "says so") else (1, 2, 3)))
        second = folder / "02 - Song 2.wav"
        if wrong == "one is damaged":
            second.write_bytes(second.read_bytes()[:-9000])
        if wrong == "one is a web page":
            listed = [AlbumFile(path=path) for path in sorted(folder.iterdir())]
            second.write_text("<html>no</html>")
            return Delivery(path=folder, files=listed)
        return Delivery(path=folder, missing=["track 2"]) if wrong.startswith("says") else folder

    whole = got(fake(make), tmp_path / "whole")
    assert whole.state is DownloadState.ERRORED
    assert "2 of 3 tracks" in whole.detail
    assert "2" in whole.detail.partition("tracks:")[2]
    assert files(tmp_path / "whole") == []
    partial = got(fake(make), tmp_path / "partial", partial=True)
    assert partial.state is DownloadState.COMPLETED
    assert [file.path.name for file in partial.files] == ["01 - Song 1.wav", "03 - Song 3.wav"]
    assert partial.missing in (("track 2",), ("02 - Song 2",))
    assert "partial" in partial.detail


def test_an_album_without_audio_is_refused_even_as_a_partial_one(tmp_path: Path) -> None:
    """A folder of texts is no album."""

    def make(dest_dir: Path) -> Path:
        folder = tracks(dest_dir)
        (folder / "readme.txt").write_text("password: see elsewhere")
        return folder

    done = got(fake(make), tmp_path, partial=True)
    assert (done.state, done.code) == (DownloadState.ERRORED, "corrupt-download")
    assert "no audio" in done.detail


def test_a_second_album_of_the_same_name_gets_a_folder_of_its_own(tmp_path: Path) -> None:
    """Two albums never mix their files."""
    (tmp_path / "Artist - Record").mkdir()
    (tmp_path / "Artist - Record" / "mine.txt").write_text("kept")
    done = got(fake(lambda dest_dir: tracks(dest_dir, 1, 2, 3)), tmp_path)
    assert done.file_path == tmp_path / "Artist - Record (2)"
    assert files(tmp_path / "Artist - Record") == ["mine.txt"]


def test_links_in_a_delivered_album_are_left_alone(tmp_path: Path) -> None:
    """A release cannot have this person's own files published."""
    private = tmp_path / "private.wav"
    private.write_bytes(wav(1.0, 99))

    def make(dest_dir: Path) -> Path:
        folder = tracks(dest_dir, 1, 2, 3)
        (folder / "04.wav").symlink_to(private)
        (folder / "cover.jpg").symlink_to(private)
        return folder

    done = got(fake(make), tmp_path / "music")
    assert done.state is DownloadState.COMPLETED
    assert len(files(tmp_path / "music" / "Artist - Record")) == 3


def test_the_next_source_is_tried_after_an_incomplete_album(tmp_path: Path) -> None:
    """The chain goes on until one has all of it, and the record tells the reasons."""
    sources = [fake(lambda d: tracks(d, 1), "first"), fake(lambda d: tracks(d, 1, 2, 3), "second")]

    async def main() -> Download:
        async with running(*sources, engine={"retries": 0}) as engine:
            ident = await engine.download_with_fallback(WISH, ["first", "second"], dest_dir=tmp_path)
            return await engine.wait(ident)

    done = asyncio.run(main())
    assert (done.state, done.source) == (DownloadState.COMPLETED, "second")
    assert [attempt.source for attempt in done.attempts] == ["first", "second"]
    assert done.attempts[0].code == NotFound.code
    assert "track 2; track 3 missing" in done.attempts[0].reason


def test_the_same_album_asked_for_again_is_the_one_that_is_there(tmp_path: Path) -> None:
    """Nothing is downloaded twice while the files are there; a lost file is a reason to do it again."""
    source = fake(lambda dest_dir: tracks(dest_dir, 1, 2, 3))
    journal = tmp_path / "journal.db"

    async def again() -> Download:
        async with running(source, journal=journal) as engine:
            return await engine.wait(await engine.dispatch_download(ALBUM, dest_dir=tmp_path / "music"))

    first, second = asyncio.run(again()), asyncio.run(again())
    assert second.id == first.id
    assert len([call for call in source.calls if call[0] == "download"]) == 1
    first.files[1].path.unlink()
    third = asyncio.run(again())
    assert third.id != first.id
    assert third.state is DownloadState.COMPLETED
