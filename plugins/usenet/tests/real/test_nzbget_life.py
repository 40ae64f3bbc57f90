"""A release's life through the real NZBGet."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from plugins.usenet.tests.real.bench import RELEASE, Bench
from plugins.usenet.tests.real.newsserver import NewsServer
from plugins.usenet.tests.real.nserv import NServ
from plugins.usenet.tests.real.nzbget import NZBGet
from plugins.usenet.tests.real.repair import par2

from cratedig import Download, DownloadEngine, DownloadState
from cratedig_emulators.usenet.newznab import NewznabEmulator
from cratedig_emulators.usenet.posts import Release

Files = Mapping[str, bytes]


def test_posted_album_is_found_downloaded_and_published_byte_for_byte(bench: Bench, files: Files) -> None:
    """One album folder with the files that were posted, and nothing of them left at NZBGet."""
    bench.offer(files)
    record = bench(bench.got)
    assert record.state is DownloadState.COMPLETED, record.detail
    assert bench.published() == files
    assert {file.path.name: file.size for file in record.files} == {n: len(b) for n, b in files.items()}


def test_nzbgets_own_news_server_does_as_well(
    nserv: NServ, indexer: NewznabEmulator, news: NewsServer, tmp_path: Path, files: Files
) -> None:
    """The same with articles that another program has made."""
    nzb = nserv.post(RELEASE, files)
    indexer.offer(Release(guid="nserv", title=RELEASE, nzb=nzb, size=sum(map(len, files.values()))))
    with NZBGet(tmp_path / "nzbget", nserv.port) as nzbget:
        bench = Bench(tmp_path, indexer, news, nzbget)
        record = bench(bench.got)
    assert record.state is DownloadState.COMPLETED, record.detail
    assert sorted(bench.published().values()) == sorted(files.values())


def test_key_of_the_indexer_stays_out_of_nzbget(bench: Bench, files: Files) -> None:
    """NZBGet is given the NZB's bytes: the key is in none of its files, logs and lists."""
    bench.offer(files)
    bench(bench.got)
    keys = (bench.indexer.api_key.encode(), bench.indexer.rss_key.encode())
    texts = [path.read_bytes() for path in bench.nzbget.folder.rglob("*") if path.is_file()]
    assert any(RELEASE.encode() in text for text in texts)
    assert not any(key in text for text in texts for key in keys)


def test_release_that_was_had_before_is_had_again(bench: Bench, files: Files) -> None:
    """NZBGet's check for duplicates does not stand in the way of a person who asks again."""
    bench.offer(files)

    async def twice(engine: DownloadEngine) -> Download:
        await bench.got(engine)
        return await bench.got(engine, force=True)

    record = bench(twice)
    assert record.state is DownloadState.COMPLETED, record.detail
    assert bench.jobs() == 2


def test_lost_articles_are_told_as_such(bench: Bench, files: Files) -> None:
    """Without enough articles the record says so in NZBGet's word, and nothing is published or left."""
    bench.news.lose(bench.offer(files)[5:9])
    record = bench(bench.got)
    assert record.state is DownloadState.ERRORED
    assert "HEALTH" in record.attempts[-1].reason
    assert bench.published() == {}


def test_second_release_is_taken_when_articles_are_lost(bench: Bench, files: Files) -> None:
    """The same album in another post is the alternate of the one that is damaged."""
    bench.news.lose(bench.offer(files)[:4])
    bench.offer({f"b{name}": data for name, data in files.items()}, name=RELEASE.replace("CRATE", "OTHER"))

    async def follow(engine: DownloadEngine) -> Download:
        wish = await engine.download_with_fallback(
            await bench.found(engine), ["usenet"], dest_dir=bench.music
        )
        return await bench.ended(engine, wish)

    record = bench(follow)
    assert record.state is DownloadState.COMPLETED, record.detail
    assert sorted(bench.published().values()) == sorted(files.values())


def test_repaired_release_is_published(bench: Bench, files: Files) -> None:
    """A lost article that NZBGet makes again from a PAR2 file is no loss, and only the music is published."""
    bench.news.lose([bench.offer({**files, f"{RELEASE}.par2": par2(files)})[4]])
    record = bench(bench.got)
    assert record.state is DownloadState.COMPLETED, record.detail
    assert bench.published() == files


def test_short_file_in_a_whole_post_is_noticed(bench: Bench, files: Files) -> None:
    """NZBGet vouches for the articles, not for the music: half a FLAC is no FLAC."""
    name, data = next(iter(files.items()))
    bench.offer({**files, name: data[: len(data) // 2]})
    record = bench(bench.got)
    assert record.state is DownloadState.ERRORED
    assert record.code == "corrupt-download", record.detail
    assert bench.published() == {}
