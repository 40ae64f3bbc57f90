"""NZBGet names folders as it sees them, and `path_map` says where they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from plugins.usenet.tests.real.bench import Bench
from plugins.usenet.tests.real.newsserver import NewsServer
from plugins.usenet.tests.real.nzbget import NZBGet

from cratedig import Download, DownloadEngine, DownloadState
from cratedig_emulators.usenet.newznab import NewznabEmulator

Files = Mapping[str, bytes]

THERE = "/proc/self/cwd"
"""A path that leads elsewhere for each process, as those of a container do: here, NZBGet's own folder."""


@pytest.fixture
def apart(indexer: NewznabEmulator, news: NewsServer, tmp_path: Path) -> Iterator[Bench]:
    """A bench with an NZBGet whose paths this process cannot use."""
    with NZBGet(tmp_path / "nzbget", news.port, seen_as=THERE) as nzbget:
        yield Bench(tmp_path, indexer, news, nzbget)


def test_folder_under_another_prefix_is_found(apart: Bench, files: Files) -> None:
    """With the map the album is taken over from where it really is."""
    apart.offer(files)
    record = apart(apart.got, path_map={THERE: str(apart.nzbget.folder)})
    assert record.state is DownloadState.COMPLETED, record.detail
    assert apart.published() == files


def test_missing_map_is_named(apart: Bench, files: Files) -> None:
    """Without it the record names NZBGet's path and the setting, and the finished album stays."""
    apart.offer(files)

    async def followed(engine: DownloadEngine) -> Download:
        return await engine.wait(await apart.begin(engine))

    record = apart(followed)
    assert record.state is DownloadState.ERRORED
    assert f"{THERE}/dst/audio" in record.detail
    assert "path_map" in record.detail
    assert apart.published() == {}
    assert {path.name: path.read_bytes() for path in apart.nzbget.files()} == files
