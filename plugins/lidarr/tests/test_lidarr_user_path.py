"""The way of docs/sources/lidarr.md: settings, doctor, search, get, with the real command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cratedig_contracts import Person, leaks
from cratedig_emulators.lidarr import LidarrEmulator

ALBUM = "Field Recordings of Nowhere"
WISH = ("--artist", "Kettle & Moss", "--album", ALBUM)


class Owner(Person):
    """Somebody who runs the emulated Lidarr."""

    def __init__(self, home: Path, service: LidarrEmulator) -> None:
        super().__init__(home)
        self.service = service

    def configure(self, *, here: str = "", **own: Any) -> None:
        """Write the settings file; ``here`` is what ``/music`` is on this machine."""
        known = {
            "base_url": self.service.address,
            "api_key": self.service.api_key,
            "poll_interval": 0.1,
            "requests_per_period": 1000,
        }
        paths = {'"/music"': here or str(self.service.folder)}
        self.write({"lidarr": {**known, **own}, "lidarr.path_map": paths})


@pytest.fixture
def person(bench: Any) -> Iterator[Owner]:
    made = Owner(bench.folder, bench.service)
    yield made
    assert leaks([bench.service.api_key], {"printed": made.printed}) == []


def test_from_nothing_to_an_album(person: Owner) -> None:
    """Doctor says what is missing, then that all is well; search shows the album, get brings it."""
    person.write({"lidarr": {}})
    assert "missing: base_url, api_key" in person.run("doctor", "lidarr", code=3)
    variables = {
        "CRATEDIG_LIDARR__BASE_URL": person.service.address,
        "CRATEDIG_LIDARR__API_KEY": person.service.api_key,
        "CRATEDIG_LIDARR__PATH_MAP": json.dumps({"/music": str(person.service.folder)}),
    }
    told = person.run("doctor", "lidarr", variables=variables)
    assert "Lidarr 2.14.5.0" in told
    assert "root folder /music" in told
    person.configure()
    assert ALBUM in person.run("search", *WISH)
    got = json.loads(person.run("get", *WISH, "--source", "lidarr", "--json"))
    assert [one["state"] for one in got["downloads"]] == ["Completed"]
    (folder,) = person.music.iterdir()
    assert len(list(folder.glob("*.flac"))) == 3
    assert not person.service.shelf.albums[7].monitored


def test_doctor_proves_the_map_with_a_file(person: Owner) -> None:
    """A file of the library is looked for on this machine, its size included."""
    shelved = person.service.add(ALBUM)
    person.configure()
    first = shelved.files[1]
    told = " ".join(person.run("doctor", "lidarr").split())
    assert f"path_map: /music/{first.relative_to(person.service.folder)} is {first}" in told
    wrong = person.home / "another"
    copy = wrong / first.relative_to(person.service.folder)
    copy.parent.mkdir(parents=True)
    copy.write_bytes(b"not it")
    person.configure(here=str(wrong))
    assert "has 6 bytes" in " ".join(person.run("doctor", "lidarr", code=1).split())
    person.configure(here="/nowhere")
    told = person.run("doctor", "lidarr", code=1)
    assert "would be '/nowhere/Kettle & Moss" in told
    assert "set path_map so that '/music/" in told


def test_doctor_tells_a_wrong_key(person: Owner) -> None:
    """Lidarr is there, and does not know the key; where the right one stands is told."""
    person.configure(api_key="planted-wrong")
    told = person.run("doctor", "lidarr", code=1)
    assert "Settings, General" in told
    assert "planted-wrong" not in told


def test_doctor_tells_that_nobody_is_there(person: Owner) -> None:
    """With what to look at; what would follow from it is not asked."""
    person.service.stop()
    person.configure()
    told = person.run("doctor", "lidarr", code=1)
    assert "cannot connect" in told
    assert "base_url" in told
    assert "version" not in told.partition("lidarr")[2]
    person.service.start()


def test_doctor_tells_that_it_is_somebody_else(person: Owner) -> None:
    """A relative of Lidarr's has the same addresses."""
    person.service.app = "Sonarr"
    person.configure()
    assert "that is Sonarr" in person.run("doctor", "lidarr", code=1)


def test_doctor_tells_of_an_unknown_version(person: Owner) -> None:
    """Its answers may be other ones."""
    person.service.version = "3.0.0.1"
    person.configure()
    assert "Lidarr 3.0.0.1" in person.run("doctor", "lidarr", code=1)


def test_doctor_tells_what_lidarr_finds_wrong_with_itself(person: Owner) -> None:
    """No indexer, no download client: nothing would ever come."""
    person.service.health = [
        {"source": "IndexerStatusCheck", "type": "error", "message": "No indexers available"},
        {"source": "UpdateCheck", "type": "warning", "message": "An update is available"},
    ]
    person.service.accessible = False
    person.configure(quality_profile="Lossless")
    told = person.run("doctor", "lidarr", code=1)
    assert "No indexers available" in told
    assert "cannot use /music" in told


def test_doctor_tells_a_profile_that_is_not_there(person: Owner) -> None:
    """The names that there are are told."""
    person.configure(quality_profile="Best")
    assert "it has: Any, Lossless" in person.run("doctor", "lidarr", code=1)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("base_url", "lidarr"),
        ("base_url", "http://user:planted@127.0.0.1"),
        ("poll_interval", 0),
        ("patience", -1),
        ("remove_added", "maybe"),
        ("path", "/music"),
    ],
)
def test_wrong_values_are_named(person: Owner, key: str, value: Any) -> None:
    """A value that cannot be is an error that names its key."""
    person.configure(**{key: value})
    person.run("doctor", "lidarr", "--offline", code=3)
    assert key in person.printed
