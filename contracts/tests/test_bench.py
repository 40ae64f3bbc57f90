"""A source at work in a real engine, and a person at a terminal, as authors are lent them."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from cratedig import DownloadState
from cratedig_contracts import Bench, Person
from cratedig_contracts.command import toml
from cratedig_emulators.archive import ArchiveEmulator
from cratedig_emulators.catalogue import Catalogue, Track

TRACK = Track(artist="Ada Quillfeather", title="Margin Notes", album="Margins", seconds=2.0)


class ArchiveBench(Bench):
    """Against the emulated Internet Archive."""

    source: ClassVar[str] = "archive"
    base_url = ""

    def own(self) -> Mapping[str, Any]:
        return {"base_url": self.base_url}


@pytest.fixture(scope="module")
def address() -> Any:
    with ArchiveEmulator(catalogue=Catalogue(()).plus(TRACK)) as service:
        yield service.base_url


def test_a_bench_searches_and_downloads(address: str, tmp_path: Path) -> None:
    """Through the installed source; what is not set is left out of the settings."""
    bench = ArchiveBench(tmp_path)
    bench.base_url = address
    [found] = bench.search("Margin Notes")
    done = bench.fetch(found)
    assert done.state is DownloadState.COMPLETED
    assert bench.left() == [done.file_path]
    assert bench.fetch(found.target_id, searched="Margin Notes").state is DownloadState.COMPLETED
    assert bench.tree(base_url=None)["sources"]["archive"].keys() == {"requests_per_period"}


def test_a_person_sees_only_what_the_settings_say(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other sources are off, this process's own settings do not count, and an unexpected end is told."""
    monkeypatch.setenv("CRATEDIG_ARCHIVE__BASE_URL", "http://127.0.0.1:1")
    person = Person(tmp_path)
    person.write({"archive": {"base_url": address}})
    told = json.loads(person.run("sources", "--json"))
    ready = [one["name"] for one in told["sources"] if one["state"] == "ready"]
    assert ready == ["archive"]
    person.run("get", "Ada Quillfeather - Margin Notes")
    assert [path.suffix for path in person.music.iterdir()] == [".flac"]
    with pytest.raises(AssertionError, match="ends with 4"):
        person.run("get", "zqxwv jjkqz")
    assert "Margin Notes" in person.printed


def test_settings_of_any_shape_are_written_as_they_are(tmp_path: Path) -> None:
    """Lists of tables, and tables whose keys are paths, come back out of the file."""
    own = {
        "indexers": [{"kind": "newznab", "api_key": 'a"b'}, {"kind": "prowlarr"}],
        "path_map": {"/data/dst": "C:\\dst", "é.=": "x"},
        "numbers": [1, 2.5],
        "enabled": True,
    }
    read = tomllib.loads(toml({"sources.usenet": own}))
    assert read == {"sources": {"usenet": own}}
