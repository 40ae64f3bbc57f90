"""The real command with Deezer's settings: in variables, in the file, wrong, malformed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from cratedig_contracts import Person
from cratedig_emulators.deezer import DeezerEmulator


class Listener(Person):
    """Somebody with an account at the emulated Deezer, where the settings file leads."""

    def __init__(self, home: Path, service: DeezerEmulator) -> None:
        super().__init__(home)
        self.service = service

    def settle(self, **own: Any) -> None:
        """Write the settings file."""
        base = self.service.base_url
        addresses = {"gw_base": base, "api_base": base, "media_base": base}
        self.write({"deezer": {**addresses, "requests_per_period": 1000, **own}})


@pytest.fixture
def person(deezer: DeezerEmulator, tmp_path: Path) -> Iterator[Listener]:
    made = Listener(tmp_path, deezer)
    yield made
    for secret in (deezer.account.arl, deezer.stripe_secret):
        assert secret not in made.printed


def test_secrets_in_variables(person: Listener) -> None:
    """Without a secret in the file, doctor, search and get work, and the file is the one at the service."""
    person.settle()
    service = person.service
    variables = {
        "CRATEDIG_DEEZER__ARL": service.account.arl,
        "CRATEDIG_DEEZER__STRIPE_SECRET": service.stripe_secret,
    }
    found = person.run("search", "The Brass Lanterns - Copper Rain", "-vv", variables=variables)
    assert "16/44.1" in found
    person.run("get", "The Brass Lanterns - Copper Rain", "--quality", "flac", variables=variables)
    (file,) = person.music.iterdir()
    assert file.name == "The Brass Lanterns - Copper Rain.flac"
    assert file.read_bytes() == service.song("Copper Rain").audio("FLAC")


def test_settings_in_the_file_and_the_older_name(person: Listener) -> None:
    """Secrets may stand in the file; the alias works on the command line; `config` masks what is secret."""
    service = person.service
    person.settle(arl=service.account.arl, stripe_secret=service.stripe_secret, quality="MP3_320")
    person.run("doctor", "deezer_dl", "-vv")
    person.run("get", f"deezer_dl:{service.song('Glasshouse').number}", "-vv")
    person.run("config")
    (file,) = person.music.iterdir()
    assert file.name == "Mira Oldenburg - Glasshouse.mp3"


def test_doctor_tells_a_dead_login(person: Listener) -> None:
    """The message says what to do, and does not show the value."""
    dead = f"planted{uuid4().hex}"
    person.settle(arl=dead, stripe_secret=person.service.stripe_secret)
    assert "does not know the ARL" in person.run("doctor", "deezer", code=1)
    assert dead not in person.printed


def test_doctor_tells_a_malformed_secret(person: Listener) -> None:
    """Its length is told, its value is not."""
    person.settle(arl=person.service.account.arl, stripe_secret="planted-much-too-long")
    assert "stripe_secret: expected 16 ASCII characters, got 21" in person.run(
        "doctor", "deezer", "--offline", code=3
    )
    assert "planted-much-too-long" not in person.printed


@pytest.mark.parametrize(
    ("key", "value"), [("quality", "MQA"), ("gw_base", "deezer"), ("media_base", "ftp://x")]
)
def test_wrong_values_are_named(person: Listener, key: str, value: Any) -> None:
    """A value that cannot be is an error that names its key."""
    person.settle(**{key: value})
    assert key in person.run("doctor", "deezer", "--offline", code=3)
