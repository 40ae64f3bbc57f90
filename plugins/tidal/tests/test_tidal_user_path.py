"""What the page on Tidal tells people to do, done with the real command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cratedig_contracts import Person, leaks
from cratedig_emulators.playing import play
from cratedig_emulators.tidal import TidalEmulator


@pytest.fixture
def person(service: TidalEmulator, tmp_path: Path) -> Iterator[Person]:
    """Somebody with nothing set but where the emulated service is, who never sees a token."""
    made = Person(tmp_path)
    made.write({"tidal": {**service.addresses(), "requests_per_period": 1000}, "archive": {}})
    yield made
    assert leaks(service.accounts.secrets, {"terminal": made.printed}) == []


def test_login_and_get(person: Person) -> None:
    """From nothing but the installed source to a file that plays."""
    assert "cratedig login tidal" in person.run("doctor", "tidal", code=3)
    assert "Logged in to tidal." in person.run("login", "tidal")
    assert "https://link.tidal.example/" in person.printed
    person.run("get", "The Brass Lanterns - Copper Rain", "-vv")
    [file] = person.music.rglob("*.flac")
    assert play(file).samples == 16 * 96000


def test_login_in_json_is_one_document(person: Person) -> None:
    """A script reads one document from stdout; what a person has to do is on stderr."""
    told = json.loads(person.run("login", "tidal", "--json"))
    assert told == {"source": "tidal", "logged_in": True}


def test_login_to_a_source_without_one_is_explained(person: Person) -> None:
    """A source that works by its settings says so; a name that nobody has is told to be unknown."""
    person.run("login", "archive", code=3)
    assert "by its settings alone" in person.printed
    person.run("login", "gramophone", code=5)
    assert "gramophone" in person.printed
