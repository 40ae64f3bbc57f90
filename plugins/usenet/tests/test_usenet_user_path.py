"""The way of docs/sources/usenet.md: settings, doctor, search, get, with the real command."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from plugins.usenet.tests.conftest import Bench, ClientEmulator, client_settings

from cratedig_contracts import Person, leaks
from cratedig_emulators.usenet import NewznabEmulator, NzbgetEmulator, SabnzbdEmulator

WISH = ("--artist", "Mira Oldenburg", "--album", "Glasshouse Songs")


class Owner(Person):
    """Somebody with an account at an indexer, who runs a client."""

    def __init__(self, home: Path, indexer: NewznabEmulator, client: ClientEmulator) -> None:
        super().__init__(home)
        self.indexer = indexer
        self.client = client

    def own(self) -> dict[str, Any]:
        """What stands under ``[sources.usenet]``."""
        indexer = {"kind": "newznab", "base_url": self.indexer.base_url, "api_key": self.indexer.api_key}
        return {"indexers": [indexer], **client_settings(self.client), "poll_interval": 0.1}

    def configure(self, *, here: str = "", **own: Any) -> None:
        """Write the settings file; ``here`` is what the client's folder is on this machine."""
        paths = {json.dumps(self.client.there): here or str(self.client.folder)}
        self.write({"usenet": {**self.own(), **own}, "usenet.path_map": paths})


@pytest.fixture
def person(newznab: NewznabEmulator, client: ClientEmulator, tmp_path: Path) -> Iterator[Owner]:
    made = Owner(tmp_path, newznab, client)
    yield made
    secrets = [newznab.api_key, newznab.rss_key]
    secrets += [getattr(client, name) for name in ("api_key", "password") if hasattr(client, name)]
    assert leaks(secrets, {"printed": made.printed}) == []


@pytest.fixture
def owner(newznab: NewznabEmulator, nzbget: NzbgetEmulator, tmp_path: Path) -> Owner:
    """The same, where it does not matter which client it is."""
    return Owner(tmp_path, newznab, nzbget)


def test_from_nothing_to_an_album(person: Owner) -> None:
    """Doctor says what is missing, then that all is well; search shows the album, get brings it."""
    person.write({"usenet": {}})
    assert "missing: indexers, client, client_base_url" in person.run("doctor", "usenet", code=3)
    person.configure()
    told = person.run("doctor", "usenet")
    assert person.client.version in told
    assert "answers to your key" in told
    assert "Glasshouse Songs" in person.run("search", *WISH)
    got = json.loads(person.run("get", *WISH, "--source", "usenet", "--json"))
    assert [one["state"] for one in got["downloads"]] == ["Completed"]
    (folder,) = person.music.iterdir()
    assert folder.name == "Mira Oldenburg - Glasshouse Songs"
    assert len(list(folder.glob("*.flac"))) == 4
    assert not person.client.jobs


def test_settings_come_from_variables_too(owner: Owner) -> None:
    """Lists and tables are written as JSON there."""
    owner.write({"usenet": {}})
    own = {**owner.own(), "path_map": {owner.client.there: str(owner.client.folder)}}
    variables = {
        f"CRATEDIG_USENET__{key.upper()}": value if isinstance(value, str) else json.dumps(value)
        for key, value in own.items()
    }
    assert owner.client.version in owner.run("doctor", "usenet", variables=variables)


def test_doctor_proves_the_map_with_a_finished_job(person: Owner) -> None:
    """The folder of the client's latest job is looked for on this machine."""
    person.client.add("Somebody's own job", person.indexer.release("kettle").nzb, "audio")
    person.configure()
    asyncio.run(Bench.until(lambda: not person.client.alive()))
    there = f"{person.client.there}/complete/audio/Somebody's own job"
    if isinstance(person.client, SabnzbdEmulator):
        person.client.gap = 0
    assert f"path_map: {there} is {person.client.folder}" in person.run("doctor", "usenet", "--json")
    person.configure(here="/nowhere")
    told = person.run("doctor", "usenet", code=1)
    assert "would be '/nowhere/complete" in told
    assert "set path_map so that" in told


def test_doctor_tells_a_refused_login_and_a_refused_key(person: Owner) -> None:
    """Client and indexer are told apart, each with the setting to change."""
    dead = f"planted{uuid4().hex}"
    indexer = {"kind": "newznab", "base_url": person.indexer.base_url, "api_key": dead}
    person.configure(indexers=[indexer], client_api_key=dead, client_password=dead)
    told = person.run("doctor", "usenet", code=1)
    assert "Incorrect user credentials" in told
    assert "api_key" in told
    assert "client_api_key" in told or "client_password" in told
    assert dead not in person.printed


def test_doctor_tells_a_client_that_is_not_there(owner: Owner) -> None:
    """Nobody listens at the address."""
    owner.configure(client_base_url="http://127.0.0.1:9")
    told = owner.run("doctor", "usenet", code=1)
    assert "client_base_url" in told
    assert "cannot connect" in told


def test_doctor_tells_an_unknown_category(person: Owner) -> None:
    """SABnzbd would put the job anywhere without a word."""
    person.configure(category="musik")
    told = person.run("doctor", "usenet", code=1)
    assert "no category 'musik'" in told
    assert "audio" in told


@pytest.mark.parametrize(
    ("own", "words"),
    [
        ({"client": "torrent"}, "client"),
        ({"client_base_url": "127.0.0.1:8080"}, "client_base_url"),
        ({"indexers": [{"kind": "torznab", "base_url": "http://x", "api_key": "planted"}]}, "kind"),
        ({"indexers": [{"kind": "newznab", "base_url": "x", "api_key": "planted"}]}, "base_url"),
        ({"indexers": [{"kind": "newznab", "base_url": "http://x"}]}, "api_key"),
        ({"indexers": [{"kind": "newznab", "base_url": "http://x", "apikey": "planted"}]}, "apikey"),
        ({"poll_interval": 0}, "poll_interval"),
        ({"categories": ["flac"]}, "categories"),
        ({"api_key": "planted"}, "api_key"),
    ],
)
def test_wrong_values_are_named(owner: Owner, own: dict[str, Any], words: str) -> None:
    """A value that cannot be is an error that names its key and not the secret."""
    owner.configure(**own)
    owner.run("doctor", "usenet", "--offline", code=3)
    assert words in owner.printed
    assert "planted" not in owner.printed
