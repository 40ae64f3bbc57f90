"""What the other tests of this folder rest on: articles that NZBGet can read, and how it behaves."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from plugins.usenet.tests.real.newsserver import NewsServer
from plugins.usenet.tests.real.nserv import NServ
from plugins.usenet.tests.real.nzbget import NZBGet
from plugins.usenet.tests.real.posting import posted
from plugins.usenet.tests.real.repair import par2

RELEASE = "Mira.Oldenburg-Glasshouse.Songs-2019-FLAC"


def test_posted_files_come_back(news: NewsServer, nzbget: NZBGet, files: Mapping[str, bytes]) -> None:
    """Every byte and every name of a post arrives, through a login at the news server."""
    release, articles = posted(RELEASE, files)
    news.add(articles)
    entry = nzbget.ended(RELEASE, release.nzb)
    assert entry["Status"] == "SUCCESS/HEALTH"
    assert {path.name: path.read_bytes() for path in Path(entry["DestDir"]).iterdir()} == files
    assert news.logins == {("reader", "planted")}


def test_lost_articles_are_noticed(news: NewsServer, nzbget: NZBGet, files: Mapping[str, bytes]) -> None:
    """A post that cannot be had whole, and has nothing to repair it with, fails."""
    release, articles = posted(RELEASE, files)
    news.add(articles)
    news.lose(list(articles)[:3])
    assert nzbget.ended(RELEASE, release.nzb)["Status"] == "FAILURE/HEALTH"


def test_own_news_server_serves_too(nserv: NServ, tmp_path: Path, files: Mapping[str, bytes]) -> None:
    """NZBGet's own news server and NZB maker do the same; only its names know no umlauts."""
    nzb = nserv.post(RELEASE, files)
    with NZBGet(tmp_path / "nzbget", nserv.port) as nzbget:
        entry = nzbget.ended(RELEASE, nzb)
    assert entry["Status"] == "SUCCESS/HEALTH"
    arrived = [path.read_bytes() for path in Path(entry["DestDir"]).iterdir()]
    assert sorted(arrived) == sorted(files.values())


def test_lost_article_is_made_again(news: NewsServer, nzbget: NZBGet, files: Mapping[str, bytes]) -> None:
    """One article of a post with a PAR2 file may be lost."""
    release, articles = posted(RELEASE, {**files, f"{RELEASE}.par2": par2(files)})
    news.add(articles)
    news.lose([list(articles)[4]])
    entry = nzbget.ended(RELEASE, release.nzb)
    assert entry["Status"] == "SUCCESS/PAR"
    arrived = {path.name: path.read_bytes() for path in Path(entry["DestDir"]).glob("*.flac")}
    assert arrived == files
