"""Pain 20: cannot download again on purpose."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from core.tests.fakes import Fake, files, running


@pytest.mark.parametrize("outlives", [False, True], ids=["memory", "sqlite"])
def test_force_fetches_again_beside_what_is_there(outlives: bool, tmp_path: Path) -> None:
    """Nothing is overwritten: the second file gets a number."""
    source = Fake()

    async def main() -> None:
        async with running(source, journal=tmp_path / "journal.db" if outlives else None) as engine:
            target, music = ("fake", "1"), tmp_path / "music"
            first = await engine.dispatch_download(target, dest_dir=music)
            await engine.wait(first)
            again = await engine.dispatch_download(target, dest_dir=music, force=True)
            await engine.wait(again)
            assert again != first
        assert files(tmp_path / "music") == ["1 (2).wav", "1.wav"]

    asyncio.run(main())


@pytest.mark.parametrize("outlives", [False, True], ids=["memory", "sqlite"])
def test_a_file_that_was_deleted_is_fetched_again(outlives: bool, tmp_path: Path) -> None:
    """What counts is whether the file is there, not what a record says."""
    source = Fake()

    async def main() -> None:
        async with running(source, journal=tmp_path / "journal.db" if outlives else None) as engine:
            target, music = ("fake", "1"), tmp_path / "music"
            done = await engine.wait(await engine.dispatch_download(target, dest_dir=music))
            assert done.file_path is not None
            done.file_path.unlink()
            await engine.wait(await engine.dispatch_download(target, dest_dir=music))
        assert files(tmp_path / "music") == ["1.wav"]
        assert source.asked("download") == ["1", "1"]

    asyncio.run(main())
