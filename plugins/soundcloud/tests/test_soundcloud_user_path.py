"""The way of docs/sources/soundcloud.md: settings, doctor, search, get, with the real command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from cratedig_contracts import Person, leaks
from cratedig_emulators.catalogue import Track
from cratedig_emulators.soundcloud import Policy, SoundCloudEmulator, of_track
from cratedig_emulators.soundcloud.media import streamed

LONG = Track(artist="Zed Quill", title="Long One", seconds=45)


class Listener(Person):
    """Somebody whose settings lead to the emulated SoundCloud."""

    def __init__(self, home: Path, sc: SoundCloudEmulator) -> None:
        super().__init__(home)
        self.sc = sc

    def configure(self, **own: Any) -> None:
        """Write the settings file."""
        self.write({"soundcloud": {"proxy": self.sc.proxy_url, "verify_tls": False, **own}})


@pytest.fixture
def person(sc: SoundCloudEmulator, tmp_path: Path) -> Iterator[Listener]:
    made = Listener(tmp_path, sc)
    yield made
    assert leaks([sc.oauth_token, sc.client_id], {"printed": made.printed}) == []


def test_from_nothing_to_a_file(person: Listener) -> None:
    """Without a login: doctor finds all well, search shows the track, get brings it."""
    person.configure()
    assert "its service answers" in person.run("doctor", "soundcloud")
    found = person.run("search", "The Brass Lanterns - Copper Rain", "--source", "soundcloud", "-vv")
    assert "Copper Rain" in found
    got = json.loads(person.run("get", "The Brass Lanterns - Copper Rain", "--json"))
    assert [one["state"] for one in got["downloads"]] == ["Completed"]
    (file,) = person.music.iterdir()
    assert file.name == "The Brass Lanterns - Copper Rain.m4a"
    assert file.read_bytes() == streamed(person.sc.sound("Copper Rain"), "aac_160k")


def test_a_subscription_through_the_environment(person: Listener) -> None:
    """A guest is told what a Go+ track takes; with the token it comes whole."""
    sound = person.sc.plant(of_track(LONG, policy=Policy.SNIP, streams=("aac_256k", "mp3")))
    person.configure()
    person.run("get", f"soundcloud:{sound.id}", code=1)
    assert "Go+" in person.printed
    person.run(
        "get", f"soundcloud:{sound.id}", variables={"CRATEDIG_SOUNDCLOUD__OAUTH_TOKEN": person.sc.oauth_token}
    )
    (file,) = person.music.iterdir()
    assert file.read_bytes() == streamed(sound, "aac_256k")


def test_a_pasted_address_is_downloaded(person: Listener) -> None:
    """As it stands in the browser, as a target of the source."""
    sound = person.sc.sound("Glasshouse")
    person.configure(oauth_token=person.sc.oauth_token)
    person.run("config")
    person.run("get", f"soundcloud:{sound.permalink}", "-vv")
    (file,) = person.music.iterdir()
    assert file.name == "Mira Oldenburg - Glasshouse.m4a"


def test_doctor_tells_a_dead_login(person: Listener) -> None:
    """The message says what to do, and does not show the value."""
    dead = f"planted-{uuid4()}"
    person.configure(oauth_token=dead)
    assert "cookie `oauth_token` again" in person.run("doctor", "soundcloud", code=1)
    assert dead not in person.printed


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("oauth_token", "planted token", "oauth_token: expected"),
        ("search_results", 0, "search_results"),
        ("oath_token", "x", "oath_token"),
    ],
)
def test_wrong_values_are_named(person: Listener, key: str, value: Any, words: str) -> None:
    """A value that cannot be is an error that names its key and not the secret."""
    person.configure(**{key: value})
    person.run("doctor", "soundcloud", "--offline", code=3)
    assert words in person.printed
    assert "planted token" not in person.printed
