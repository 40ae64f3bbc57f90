"""`cratedig doctor` looks at the real NZBGet."""

from __future__ import annotations

from collections.abc import Mapping

from plugins.usenet.tests.real.bench import Bench
from plugins.usenet.tests.real.posting import posted

Files = Mapping[str, bytes]


def test_all_is_well(bench: Bench, files: Files) -> None:
    """The login is accepted, the version told, and the paths are proven with what NZBGet has finished."""
    finished(bench, files)
    told = bench.person().run("doctor", "usenet", "-vv")
    assert "NZBGet 21" in told


def test_wrong_path_map_is_told_before_the_first_job(bench: Bench, files: Files) -> None:
    """A map that leads nowhere is a finding that names the setting and NZBGet's folder."""
    there = finished(bench, files)
    wrong = {str(bench.nzbget.dest): str(bench.folder / "nowhere")}
    told = bench.person(path_map=wrong).run("doctor", "usenet", code=1)
    assert "path_map" in told
    assert there in told or str(bench.nzbget.dest) in told


def test_category_that_nzbget_does_not_know_is_told(bench: Bench) -> None:
    """NZBGet would take the job and put it elsewhere."""
    told = bench.person(category="musik").run("doctor", "usenet", code=1)
    assert "musik" in told
    assert "audio" in told


def test_wrong_password_is_told(bench: Bench) -> None:
    """The setting is named, and neither password is shown."""
    told = bench.person(client_password="planted-wrong").run("doctor", "usenet", code=1)
    assert "client_password" in told
    assert "planted" not in told


def test_program_that_is_not_there_is_told(bench: Bench) -> None:
    """A stopped NZBGet cannot be reached, and its address is named."""
    bench.nzbget.kill()
    assert bench.nzbget.base_url in bench.person().run("doctor", "usenet", code=1)


def finished(bench: Bench, files: Files) -> str:
    """Where NZBGet says that it has put a job of somebody else's."""
    release, articles = posted("Other-2020", files)
    bench.news.add(articles)
    return str(bench.nzbget.ended(release.title, release.nzb)["DestDir"])
