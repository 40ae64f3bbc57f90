"""The way of docs/sources/qobuz.md: settings, doctor, search, get, with the real command."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from cratedig_emulators.qobuz import QobuzEmulator

COMMAND = Path(sys.executable).with_name("cratedig")
OTHERS = ("archive", "deezer", "folder", "hifi", "tidal", "youtube")


class Person:
    """A home with a settings file, and the command; everything that it prints is kept."""

    def __init__(self, home: Path, service: QobuzEmulator) -> None:
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
        qobuz = {"api_base": self.service.api_base, "requests_per_period": 1000, **own}
        sections = {"engine": engine, "sources.qobuz": qobuz}
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
def person(qobuz_service: QobuzEmulator, tmp_path: Path) -> Iterator[Person]:
    qobuz_service.renew()
    qobuz_service.log.clear()
    made = Person(tmp_path, qobuz_service)
    yield made
    password = qobuz_service.password
    secrets = [qobuz_service.app_secret, password, hashlib.md5(password.encode()).hexdigest()]
    for secret in (*secrets, *qobuz_service.tokens, qobuz_service.token):
        assert secret not in made.printed


def test_from_nothing_to_a_file(person: Person) -> None:
    """Doctor says what is missing, then that all is well; search shows the track, get brings it."""
    person.write()
    told = person.run("doctor", "qobuz", code=3)
    assert "missing: app_id, app_secret, user_auth_token (or email and password)" in told
    assert "[sources.qobuz]" in told

    person.write(app_id=person.service.app_id)
    service = person.service
    variables = {
        "CRATEDIG_QOBUZ__APP_SECRET": service.app_secret,
        "CRATEDIG_QOBUZ__USER_AUTH_TOKEN": service.token,
    }
    assert "its service answers" in person.run("doctor", "qobuz", variables=variables)

    found = person.run("search", "The Brass Lanterns - Copper Rain", "-vv", variables=variables)
    assert "Copper Rain" in found
    assert "24/96" in found
    got = json.loads(
        person.run(
            "get",
            "The Brass Lanterns - Copper Rain",
            "--quality",
            "flac 24/96",
            "--json",
            variables=variables,
        )
    )
    assert [one["state"] for one in got["downloads"]] == ["Completed"]
    assert [path.name for path in (person.home / "music").iterdir()] == [
        "The Brass Lanterns - Copper Rain.flac"
    ]


def test_with_a_password(person: Person) -> None:
    """E-mail and password do as well; the token is kept where only its owner can read it."""
    service = person.service
    account = {"email": service.email, "password": service.password}
    person.write(app_id=service.app_id, app_secret=service.app_secret, **account)
    person.run("doctor", "qobuz", "-vv")
    person.run("get", f"qobuz:{service.song('Glasshouse').id}", "-vv")
    person.run("config")
    assert len(service.log.all("*/user/login")) == 1
    (kept,) = (person.home / "state" / "sources").glob("*.json")
    assert kept.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"app_secret": "0" * 32}, "app_secret"),
        ({"app_id": "1"}, "app_id"),
        ({"user_auth_token": "planted-dead"}, "user_auth_token"),
    ],
)
def test_doctor_names_the_wrong_setting(person: Person, change: dict[str, str], words: str) -> None:
    """A wrong secret, a wrong number and a dead token are told apart, without showing them."""
    service = person.service
    good = {"app_id": service.app_id, "app_secret": service.app_secret, "user_auth_token": service.token}
    person.write(**{**good, **change})
    assert words in person.run("doctor", "qobuz", code=1)


@pytest.mark.parametrize(
    ("key", "value"), [("quality", 8), ("app_id", "12a"), ("api_base", "qobuz"), ("user_auth_token", "a\nb")]
)
def test_wrong_values_are_named(person: Person, key: str, value: Any) -> None:
    """A value that cannot be is an error that names its key."""
    person.write(**{key: value})
    assert key in person.run("doctor", "qobuz", "--offline", code=3)
