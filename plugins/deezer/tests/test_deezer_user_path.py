"""The way of docs/sources/deezer.md: settings, doctor, search, get, with the real command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from cratedig_emulators.deezer import DeezerEmulator

COMMAND = Path(sys.executable).with_name("cratedig")
OTHERS = {point.name for point in entry_points(group="cratedig.sources")} - {"deezer"}


class Person:
    """A home with a settings file, and the command; everything that it prints is kept."""

    def __init__(self, home: Path, service: DeezerEmulator) -> None:
        self.home = home
        self.service = service
        self.printed = ""

    def write(self, **own: Any) -> None:
        """Write the settings file."""
        engine = {
            "download_dir": str(self.home / "music"),
            "state_dir": str(self.home / "state"),
            "retries": 0,
        }
        base = self.service.base_url
        deezer = {"gw_base": base, "api_base": base, "media_base": base, "requests_per_period": 1000, **own}
        sections = {"engine": engine, "sources.deezer": deezer}
        sections |= {f"sources.{name}": {"enabled": False} for name in OTHERS}
        lines = [
            line
            for name, values in sections.items()
            for line in (f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in values.items()))
        ]
        (self.home / "config.toml").write_text("\n".join(lines), encoding="utf-8")

    def run(self, *arguments: str, code: int = 0, variables: Mapping[str, str] | None = None) -> str:
        """What the command prints when it ends with ``code``."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("CRATEDIG_", "XDG_", "COVERAGE"))}
        own = {"HOME": str(self.home), "CRATEDIG_CONFIG": str(self.home / "config.toml"), "COLUMNS": "200"}
        done = subprocess.run(
            [COMMAND, *arguments],
            env={**kept, **own, **(variables or {})},
            cwd=self.home,
            capture_output=True,
            text=True,
            check=False,
            timeout=50,
        )
        self.printed += done.stdout + done.stderr
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def person(deezer: DeezerEmulator, tmp_path: Path) -> Iterator[Person]:
    made = Person(tmp_path, deezer)
    yield made
    for secret in (deezer.account.arl, deezer.stripe_secret):
        assert secret not in made.printed


def test_from_nothing_to_a_file(person: Person) -> None:
    """Doctor says what is missing, then that all is well; search shows the track, get brings it."""
    person.write()
    told = person.run("doctor", "deezer", code=3)
    assert "missing: arl, stripe_secret" in told
    assert "[sources.deezer]" in told

    service = person.service
    variables = {
        "CRATEDIG_DEEZER__ARL": service.account.arl,
        "CRATEDIG_DEEZER__STRIPE_SECRET": service.stripe_secret,
    }
    assert "its service answers" in person.run("doctor", "deezer", variables=variables)
    found = person.run("search", "The Brass Lanterns - Copper Rain", "-vv", variables=variables)
    assert "Copper Rain" in found
    assert "16/44.1" in found
    wish = ("The Brass Lanterns - Copper Rain", "--quality", "flac", "--json")
    got = json.loads(person.run("get", *wish, variables=variables))
    assert [one["state"] for one in got["downloads"]] == ["Completed"]
    (file,) = (person.home / "music").iterdir()
    assert file.name == "The Brass Lanterns - Copper Rain.flac"
    assert file.read_bytes() == service.song("Copper Rain").audio("FLAC")


def test_settings_in_the_file_and_the_older_name(person: Person) -> None:
    """Secrets may stand in the file; the alias works on the command line; `config` masks what is secret."""
    service = person.service
    person.write(arl=service.account.arl, stripe_secret=service.stripe_secret, quality="MP3_320")
    person.run("doctor", "deezer_dl", "-vv")
    person.run("get", f"deezer_dl:{service.song('Glasshouse').number}", "-vv")
    person.run("config")
    (file,) = (person.home / "music").iterdir()
    assert file.name == "Mira Oldenburg - Glasshouse.mp3"


def test_doctor_tells_a_dead_login(person: Person) -> None:
    """The message says what to do, and does not show the value."""
    dead = f"planted{uuid4().hex}"
    person.write(arl=dead, stripe_secret=person.service.stripe_secret)
    assert "does not know the ARL" in person.run("doctor", "deezer", code=1)
    assert dead not in person.printed


def test_doctor_tells_a_malformed_secret(person: Person) -> None:
    """Its length is told, its value is not."""
    person.write(arl=person.service.account.arl, stripe_secret="planted-much-too-long")
    assert "stripe_secret: expected 16 ASCII characters, got 21" in person.run(
        "doctor", "deezer", "--offline", code=3
    )
    assert "planted-much-too-long" not in person.printed


@pytest.mark.parametrize(
    ("key", "value"), [("quality", "MQA"), ("gw_base", "deezer"), ("media_base", "ftp://x")]
)
def test_wrong_values_are_named(person: Person, key: str, value: Any) -> None:
    """A value that cannot be is an error that names its key."""
    person.write(**{key: value})
    assert key in person.run("doctor", "deezer", "--offline", code=3)
