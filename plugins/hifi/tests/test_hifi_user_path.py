"""The way of a person, with the real command: settings, doctor, search, get."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import pytest

from cratedig_contracts import Person, leaks
from cratedig_emulators.hifi import HifiEmulator, Preview, Recipe
from cratedig_emulators.playing import play

PASSWORD = f"planted-{uuid4()}@"


@pytest.fixture
def services() -> Iterator[list[HifiEmulator]]:
    """A parked one, one with previews, and one with a login that works."""
    first, second, third = HifiEmulator(), HifiEmulator(), HifiEmulator(login=("me", PASSWORD))
    second.default = Recipe(preview=Preview.FLAGGED)
    for service in (first, second, third):
        service.start()
    first.kill()
    yield [first, second, third]
    for service in (second, third):
        service.stop()


@pytest.fixture
def person(tmp_path: Path, services: list[HifiEmulator]) -> Iterator[Person]:
    """Somebody whose settings have the three instances, and who never sees the password."""
    parked, previews, guarded = (service.base_url for service in services)
    guarded = guarded.replace("://", f"://me:{quote(PASSWORD, safe='')}@")
    made = Person(tmp_path)
    made.write({"hifi": {"instances": [parked, previews, guarded]}})
    yield made
    assert leaks([PASSWORD], {"terminal": made.printed}) == []


def test_doctor_search_get(person: Person, services: list[HifiEmulator]) -> None:
    """The list works although two of its three instances do not, and the file plays."""
    assert "its service answers" in person.run("doctor", "hifi")
    found = json.loads(person.run("search", "--source", "hifi", "--json", "copper rain"))
    assert found["results"][0]["key"] == f"hifi:{services[2].find('Copper Rain').id}"
    person.run("get", "--source", "hifi", "Brass Lanterns - Copper Rain")
    (file,) = person.music.glob("*.flac")
    # Hi-res, out of the segments of an MP4 file.
    assert play(file).samples == 16 * 96000
    assert "instances" in person.run("config")


def test_doctor_says_what_is_missing(person: Person) -> None:
    """Without an instance the source is not configured, and the setting is named with an example."""
    person.write({"hifi": {}})
    told = person.run("doctor", "hifi", code=3)
    assert "no instance is set" in told
    assert 'instances = ["http://127.0.0.1:8000"]' in told


def test_wrong_address_is_refused_without_being_shown(person: Person) -> None:
    """File and key are named; the address, which may hold a password, is not."""
    person.write({"hifi": {"instances": [f"me:{PASSWORD}@music"]}})
    person.run("search", "--source", "hifi", "x", code=4)
    assert "instances: number 1 is no address" in " ".join(person.printed.split())
