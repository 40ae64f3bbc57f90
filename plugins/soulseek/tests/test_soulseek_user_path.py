"""The way of docs/sources/soulseek.md: settings, doctor, search, get, with the real command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from cratedig_contracts import Person, leaks
from cratedig_emulators.server import Fault
from cratedig_emulators.soulseek import SlskdEmulator


class Housemate(Person):
    """Somebody with a slskd at home, whose folders have other paths there."""

    def __init__(self, home: Path, slskd: SlskdEmulator) -> None:
        super().__init__(home)
        self.slskd = slskd

    def configure(self, **own: Any) -> None:
        """Write the settings file; what is ``None`` is left out."""
        settings = {
            "base_url": self.slskd.base_url,
            "api_key": self.slskd.api_key,
            "download_dir": str(self.slskd.downloads.downloads),
            "poll_interval": 0.1,
            **own,
        }
        self.write({"soulseek": {key: value for key, value in settings.items() if value is not None}})


@pytest.fixture
def person(slskd: SlskdEmulator, tmp_path: Path) -> Iterator[Housemate]:
    made = Housemate(tmp_path, slskd)
    yield made
    assert leaks([slskd.api_key, slskd.password, *slskd.tokens], {"printed": made.printed}) == []


def received(slskd: SlskdEmulator) -> Path:
    """A file in slskd's downloads that is nobody's business here."""
    path = slskd.downloads.downloads / "Some Folder" / "some file.mp3"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"twelve bytes")
    return path


def test_from_nothing_to_a_file(person: Housemate) -> None:
    """Doctor says what is missing, then that all is well; search shows the track, get brings it."""
    person.write({"soulseek": {"poll_interval": 0.1}})
    assert "missing: base_url" in person.run("doctor", "soulseek", code=3)
    kept = received(person.slskd)
    person.configure()
    told = person.run("doctor", "soulseek")
    assert "slskd: 0.26.0" in told
    assert "Soulseek: logged in as me" in told
    assert f"path_map: /app/downloads/Some Folder/some file.mp3 is {kept}" in told
    found = person.run("search", "The Brass Lanterns - Copper Rain", "--source", "soulseek", "-vv")
    assert "Copper Rain" in found
    got = json.loads(person.run("get", "The Brass Lanterns - Copper Rain", "--json"))
    assert [one["state"] for one in got["downloads"]] == ["Completed"]
    (file,) = person.music.iterdir()
    assert file.name == "The Brass Lanterns - Copper Rain.flac"
    assert [one for one in person.slskd.transfers() if not one.removed] == []
    assert [path for path in person.slskd.folder.rglob("*") if path.is_file()] == [kept]


def test_map_through_the_environment(person: Housemate) -> None:
    """A table of folders is JSON in a variable; name and password do as well as a key."""
    slskd = person.slskd
    person.configure(api_key=None, download_dir=None, username=slskd.username)
    variables = {
        "CRATEDIG_SOULSEEK__PATH_MAP": json.dumps({"/app": str(slskd.folder)}),
        "CRATEDIG_SOULSEEK__PASSWORD": slskd.password,
    }
    received(slskd)
    assert "path_map: /app/downloads" in person.run("doctor", "slskd", variables=variables)
    person.run("get", "The Brass Lanterns - Copper Rain", "-vv", variables=variables)
    assert len(list(person.music.iterdir())) == 1


def test_doctor_tells_a_wrong_folder(person: Housemate, tmp_path: Path) -> None:
    """A folder that is there and is not slskd's is found out by a file of slskd's."""
    received(person.slskd)
    wrong = tmp_path / "wrong"
    wrong.mkdir()
    person.configure(download_dir=str(wrong))
    told = person.run("doctor", "soulseek", code=1)
    assert "path_map" in told
    assert str(wrong) in told
    person.configure(download_dir=str(tmp_path / "missing"))
    assert "is not there on this machine" in person.run("doctor", "soulseek", code=1)


def test_doctor_tells_a_file_of_another_size(person: Housemate, slskd: SlskdEmulator) -> None:
    """The same name with other bytes is another folder."""
    listed = {"files": [{"name": "a.mp3", "fullName": "Some Folder/some file.mp3", "length": 99}]}
    received(slskd)
    slskd.fault("/api/v0/files/*", Fault(body=json.dumps(listed).encode(), content_type="application/json"))
    person.configure()
    assert "has 12 bytes" in person.run("doctor", "soulseek", code=1)


def test_doctor_tells_a_refused_login(person: Housemate) -> None:
    """The message says what to set, and does not show the value."""
    wrong = f"planted-{uuid4()}"
    person.configure(api_key=wrong)
    told = person.run("doctor", "soulseek", code=1)
    assert "slskd refuses the login" in told
    assert "api_key" in told
    assert wrong not in person.printed


def test_doctor_tells_an_unconnected_slskd(person: Housemate) -> None:
    """It is up, and not logged in to Soulseek."""
    person.slskd.connected = False
    person.configure()
    assert "slskd is 'Disconnected'" in person.run("doctor", "soulseek", code=1)


def test_doctor_tells_what_is_no_slskd(person: Housemate) -> None:
    """Another program at that address, or nothing at all."""
    person.slskd.fault("/api/v0/*", Fault(html=True))
    person.configure()
    assert "base_url" in person.run("doctor", "soulseek", code=1)
    person.configure(base_url="http://127.0.0.1:9")
    assert "cannot connect" in person.run("doctor", "soulseek", code=1)


@pytest.mark.parametrize(
    ("key", "value"),
    [("base_url", "nas:5030"), ("poll_interval", 0), ("path_map", ["x"]), ("download_dri", "x")],
)
def test_wrong_values_are_named(person: Housemate, key: str, value: Any) -> None:
    """A value that cannot be is an error that names its key."""
    person.configure(**{key: value})
    person.run("doctor", "soulseek", "--offline", code=3)
    assert key in person.printed
