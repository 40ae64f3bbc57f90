"""The real command with Qobuz' settings: in variables, with a password, wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cratedig_contracts import Person
from cratedig_emulators.qobuz import QobuzEmulator


class Listener(Person):
    """Somebody with an account at the emulated Qobuz, where the settings file leads."""

    def __init__(self, home: Path, service: QobuzEmulator) -> None:
        super().__init__(home)
        self.service = service

    def settle(self, **own: Any) -> None:
        """Write the settings file."""
        self.write({"qobuz": {"api_base": self.service.api_base, "requests_per_period": 1000, **own}})


@pytest.fixture
def person(qobuz_service: QobuzEmulator, tmp_path: Path) -> Iterator[Listener]:
    qobuz_service.renew()
    qobuz_service.log.clear()
    made = Listener(tmp_path, qobuz_service)
    yield made
    password = qobuz_service.password
    secrets = [qobuz_service.app_secret, password, hashlib.md5(password.encode()).hexdigest()]
    for secret in (*secrets, *qobuz_service.tokens, qobuz_service.token):
        assert secret not in made.printed


def test_secrets_in_variables(person: Listener) -> None:
    """Without a secret in the file, search shows the best quality, and get brings it."""
    service = person.service
    person.settle(app_id=service.app_id)
    variables = {
        "CRATEDIG_QOBUZ__APP_SECRET": service.app_secret,
        "CRATEDIG_QOBUZ__USER_AUTH_TOKEN": service.token,
    }
    wish = "The Brass Lanterns - Copper Rain"
    assert "24/96" in person.run("search", wish, "-vv", variables=variables)
    person.run("get", wish, "--quality", "flac 24/96", variables=variables)
    assert [path.name for path in person.music.iterdir()] == [f"{wish}.flac"]


def test_with_a_password(person: Listener) -> None:
    """E-mail and password do as well; the token is kept where only its owner can read it."""
    service = person.service
    account = {"email": service.email, "password": service.password}
    person.settle(app_id=service.app_id, app_secret=service.app_secret, **account)
    person.run("doctor", "qobuz", "-vv")
    person.run("get", f"qobuz:{service.song('Glasshouse').id}", "-vv")
    person.run("config")
    assert len(service.log.all("*/user/login")) == 1
    (kept,) = (person.state / "sources").glob("*.json")
    assert kept.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"app_secret": "0" * 32}, "app_secret"),
        ({"app_id": "1"}, "app_id"),
        ({"user_auth_token": "planted-dead"}, "user_auth_token"),
    ],
)
def test_doctor_names_the_wrong_setting(person: Listener, change: dict[str, str], words: str) -> None:
    """A wrong secret, a wrong number and a dead token are told apart, without showing them."""
    service = person.service
    good = {"app_id": service.app_id, "app_secret": service.app_secret, "user_auth_token": service.token}
    person.settle(**{**good, **change})
    assert words in person.run("doctor", "qobuz", code=1)


@pytest.mark.parametrize(
    ("key", "value"), [("quality", 8), ("app_id", "12a"), ("api_base", "qobuz"), ("user_auth_token", "a\nb")]
)
def test_wrong_values_are_named(person: Listener, key: str, value: Any) -> None:
    """A value that cannot be is an error that names its key."""
    person.settle(**{key: value})
    assert key in person.run("doctor", "qobuz", "--offline", code=3)
