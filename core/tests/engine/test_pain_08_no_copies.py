"""Pain 8: the same release fetched over and over, into folders called ".1" and ".2"."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from core.tests.fakes import Fake, files, forever, result, running, until

from cratedig import DownloadState, Wanted

SONG = Wanted(artist="Artist", title="Song", duration=1.0)


async def _one(*_: Any) -> Any:
    return [result("1")]


def test_asking_again_is_one_file_however_often_and_by_which_road(tmp_path: Path) -> None:
    """By target, by result, by wish and by alias: one download call, one file, no numbered copies."""
    source = Fake(search=_one)

    async def main() -> None:
        async with running(journal=tmp_path / "journal.db") as engine:
            engine.register_plugin(source, aliases=("old_fake",))
            music = tmp_path / "music"
            found = (await engine.search(SONG)).results[0]
            for _ in range(3):
                for target in (found, ("fake", "1"), ("old_fake", "1")):
                    done = await engine.wait(await engine.dispatch_download(target, dest_dir=music))
                    assert done.state is DownloadState.COMPLETED
                wish = await engine.download_with_fallback(SONG, ["old_fake"], dest_dir=music)
                assert (await engine.wait(wish)).state is DownloadState.COMPLETED
            assert source.asked("download") == ["1"]
            assert files(music) == ["Artist - Song.wav"]

    asyncio.run(main())


def test_the_same_wish_twice_is_one_download_while_it_is_under_way(tmp_path: Path) -> None:
    """A wish is the same when what is wanted, the chain and the folder are."""
    source = Fake(search=_one, download=forever)

    async def main() -> None:
        async with running(source) as engine:
            first = await engine.download_with_fallback(SONG, ["fake"], dest_dir=tmp_path)
            await until(lambda: source.asked("download"))
            assert await engine.download_with_fallback(SONG, ["fake"], dest_dir=tmp_path) == first

    asyncio.run(main())


def test_a_later_process_knows_what_is_there(tmp_path: Path) -> None:
    """With a journal, an engine that is opened later does not fetch it again."""
    source = Fake()

    async def main() -> str:
        async with running(source, journal=tmp_path / "journal.db") as engine:
            download_id = await engine.dispatch_download(("fake", "1"), dest_dir=tmp_path / "music")
            await engine.wait(download_id)
            return download_id

    assert asyncio.run(main()) == asyncio.run(main())
    assert source.asked("download") == ["1"]
    assert files(tmp_path / "music") == ["1.wav"]
