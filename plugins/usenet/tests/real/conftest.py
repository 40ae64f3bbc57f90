"""The real engine, the real NZBGet and a real news server; nothing here but the indexer is emulated."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PACKAGE = "plugins.usenet.tests.real"

for _name in ("processes", "posting", "newsserver", "nzbget", "nserv", "repair", "command", "bench"):
    if f"{PACKAGE}.{_name}" not in sys.modules:
        _spec = importlib.util.spec_from_file_location(f"{PACKAGE}.{_name}", HERE / f"{_name}.py")
        assert _spec is not None
        assert _spec.loader is not None
        sys.modules[f"{PACKAGE}.{_name}"] = importlib.util.module_from_spec(_spec)
        _spec.loader.exec_module(sys.modules[f"{PACKAGE}.{_name}"])

from plugins.usenet.tests.real.bench import Bench  # noqa: E402
from plugins.usenet.tests.real.newsserver import NewsServer  # noqa: E402
from plugins.usenet.tests.real.nserv import NServ  # noqa: E402
from plugins.usenet.tests.real.nzbget import NZBGet, program  # noqa: E402

from cratedig_emulators.catalogue import DEFAULT, Catalogue  # noqa: E402
from cratedig_emulators.usenet.newznab import NewznabEmulator  # noqa: E402
from cratedig_emulators.usenet.posts import album_files  # noqa: E402

ALBUM = DEFAULT.albums[1]


def pytest_runtest_setup() -> None:
    """Skip every test of this folder on a machine without the program; raised here, that is one line."""
    if program() is None:
        pytest.skip("NZBGet is not installed (Debian: apt-get install nzbget)")


@pytest.fixture(scope="session")
def files() -> dict[str, bytes]:
    """An album by file name."""
    return album_files(ALBUM)


@pytest.fixture
def news() -> Iterator[NewsServer]:
    with NewsServer() as server:
        yield server


@pytest.fixture
def nzbget(news: NewsServer, tmp_path: Path) -> Iterator[NZBGet]:
    with NZBGet(tmp_path / "nzbget", news.port) as program:
        yield program


@pytest.fixture
def nserv(tmp_path: Path) -> Iterator[NServ]:
    with NServ(tmp_path / "nserv") as server:
        yield server


@pytest.fixture
def indexer() -> Iterator[NewznabEmulator]:
    """Without a release of its own."""
    with NewznabEmulator(catalogue=Catalogue(())) as service:
        yield service
    assert service.errors == []


@pytest.fixture
def bench(indexer: NewznabEmulator, news: NewsServer, nzbget: NZBGet, tmp_path: Path) -> Bench:
    return Bench(tmp_path, indexer, news, nzbget)
