"""What each source's page tells a person to do, done with the wheels: set the settings, doctor, search, get.

A source takes part by a row in ``WAYS``; the commands are those of its page.
"""

from __future__ import annotations

import shlex
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from markdown_it import MarkdownIt

from cratedig_contracts import Person
from cratedig_emulators.catalogue import Album, Catalogue
from cratedig_emulators.deezer import DeezerEmulator
from cratedig_emulators.hifi import HifiEmulator
from cratedig_emulators.playing import play
from cratedig_emulators.qobuz import QobuzEmulator
from cratedig_emulators.server import Service
from cratedig_emulators.tidal import TidalEmulator

pytestmark = pytest.mark.timeout(300)

PAGES = Path(__file__).parents[2] / "docs" / "sources"
ARTIST, TITLE, SECONDS = "Mira Oldenburg", "The Long Way", 13.0
CATALOGUE = Catalogue((Album.of(ARTIST, "Glasshouse Songs", 2019, (TITLE,), registrant="CD4"),))
WORDS = "artist - title"
"""What a page writes for what the reader looks for."""


@frozen(kw_only=True)
class Way:
    """A source, the service that stands in for the real one, and what a person would write into the file.

    ``where`` points the source at the service, ``own`` are the settings that the page asks for; ``lacks`` is
    what `doctor` says without them.
    """

    source: str
    service: Callable[[], Any]
    where: Callable[[Any], Mapping[str, Any]] = lambda service: {}
    own: Callable[[Any], Mapping[str, Any]] = lambda service: {}
    lacks: str
    secrets: Callable[[Any], list[str]]


def _deezer_addresses(service: DeezerEmulator) -> dict[str, str]:
    return dict.fromkeys(("gw_base", "api_base", "media_base"), service.base_url)


def _behind_a_login(service: HifiEmulator) -> str:
    return service.base_url.replace("://", f"://{':'.join(service.login or ())}@")


WAYS = (
    Way(
        source="tidal",
        service=lambda: TidalEmulator(catalogue=CATALOGUE).prepare(),
        where=TidalEmulator.addresses,
        lacks="cratedig login tidal",
        secrets=lambda service: list(service.accounts.secrets),
    ),
    Way(
        source="qobuz",
        service=lambda: QobuzEmulator(catalogue=CATALOGUE),
        where=lambda service: {"api_base": service.api_base},
        own=lambda service: {
            "app_id": service.app_id,
            "app_secret": service.app_secret,
            "user_auth_token": service.token,
        },
        lacks="app_id, app_secret, user_auth_token",
        secrets=lambda service: [service.app_secret, *service.tokens],
    ),
    Way(
        source="hifi",
        service=lambda: HifiEmulator(catalogue=CATALOGUE, login=("collector", "planted-in-an-address")),
        own=lambda service: {"instances": [_behind_a_login(service)]},
        lacks="instances",
        secrets=lambda service: [service.login[1]],
    ),
    Way(
        source="deezer",
        service=lambda: DeezerEmulator(catalogue=CATALOGUE).prepare(),
        where=_deezer_addresses,
        own=lambda service: {"arl": service.account.arl, "stripe_secret": service.stripe_secret},
        lacks="arl, stripe_secret",
        secrets=lambda service: [service.account.arl, service.stripe_secret],
    ),
)


def blocks(source: str, kind: str) -> list[str]:
    """The fenced blocks of one kind on a source's page."""
    page = MarkdownIt("commonmark").parse((PAGES / f"{source}.md").read_text(encoding="utf-8"))
    return [token.content for token in page if token.type == "fence" and token.info.strip() == kind]


def commands(source: str) -> list[list[str]]:
    """The commands of the page's first block of them, with a real wish in the place of the example's."""
    block = next(one for one in blocks(source, "") if one.startswith("cratedig "))
    wish = f"{ARTIST} - {TITLE}"
    lines = map(shlex.split, block.splitlines())
    return [[word.replace(WORDS, wish) for word in line[1:]] for line in lines]


def asked_for(source: str) -> set[str]:
    """The settings that the page's example of a file has."""
    return {key for block in blocks(source, "toml")[:1] for key in tomllib.loads(block)["sources"][source]}


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.source)
def test_the_page_leads_from_the_wheel_to_a_file(way: Way, everything: Any, tmp_path: Path) -> None:
    """Doctor names what is missing; with it, every command of the page works, and the file plays through."""
    person = Person(tmp_path, everything.program("cratedig"))
    service: Service = way.service()
    with service:
        where = {"requests_per_period": 1000, **way.where(service)}
        person.write({way.source: where})
        assert way.lacks in person.run("doctor", way.source, code=3)

        own = way.own(service)
        assert asked_for(way.source) == set(own)
        person.write({way.source: {**where, **own}})
        told = {words[0]: person.run(*words) for words in commands(way.source)}
        assert list(told)[-3:] == ["doctor", "search", "get"]
        assert "its service answers" in told["doctor"]
        assert TITLE in told["search"]
        assert [secret for secret in way.secrets(service) if secret in person.printed] == []
    assert service.errors == []
    [file] = (path for path in person.music.rglob("*") if path.is_file())
    assert play(file).seconds == pytest.approx(SECONDS, abs=0.1)
