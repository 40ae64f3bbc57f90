"""Four streaming services at once, all with the same album, and settings that lead to them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from attrs import evolve

from cratedig_emulators.catalogue import Album, Catalogue, Track
from cratedig_emulators.deezer import DeezerEmulator
from cratedig_emulators.hifi import HifiEmulator
from cratedig_emulators.hifi.recipes import LOSSLESS, Recipe
from cratedig_emulators.qobuz import QobuzEmulator
from cratedig_emulators.server import Fault
from cratedig_emulators.tidal import REFUSALS, TidalEmulator

ARTIST, ALBUM = "The Brass Lanterns", "Night Ferry"
BYTES = "/m*/*"
"""Where Deezer's files come from, at each of its hosts."""


def _album() -> Album:
    titles = {"The Crossing": 42.0, "Last Boat Out": 12.0}
    tracks = (
        Track(
            artist=ARTIST,
            title=title,
            album=ALBUM,
            number=number,
            year=2022,
            isrc=f"QZCD922{number:05}",
            seconds=seconds,
        )
        for number, (title, seconds) in enumerate(titles.items(), 1)
    )
    return Album(artist=ARTIST, title=ALBUM, year=2022, tracks=tuple(tracks))


class Four:
    """Tidal, Qobuz, HiFi and Deezer with one catalogue. The HiFi instance asks for a login of its own."""

    names = ("deezer", "hifi", "qobuz", "tidal")
    title = "The Crossing"
    artist = ARTIST
    album = ALBUM
    seconds = 42

    def __init__(self) -> None:
        catalogue = Catalogue((_album(),))
        self.user, self.password = "collector", f"planted-{uuid4()}"
        self.deezer = DeezerEmulator(catalogue=catalogue)
        self.qobuz = QobuzEmulator(catalogue=catalogue)
        self.tidal = TidalEmulator(catalogue=catalogue)
        self.hifi = HifiEmulator(
            catalogue=catalogue, login=(self.user, self.password), default=Recipe(tiers=(LOSSLESS,))
        )
        self.all = (self.deezer, self.qobuz, self.tidal, self.hifi)
        self._songs = dict(self.qobuz.songs)

    def well(self) -> None:
        """Be as new."""
        self.deezer.heal()
        self.hifi.heal()
        self.tidal.reset()
        self.qobuz.renew()
        self.qobuz.songs = dict(self._songs)

    def settings(self) -> dict[str, dict[str, Any]]:
        """What stands under ``[sources]`` for each of them; no other source takes part."""
        base = self.deezer.base_url
        here: dict[str, dict[str, Any]] = {
            "deezer": {
                "gw_base": base,
                "api_base": base,
                "media_base": base,
                "arl": self.deezer.account.arl,
                "stripe_secret": self.deezer.stripe_secret,
            },
            "qobuz": {
                "api_base": self.qobuz.api_base,
                "app_id": self.qobuz.app_id,
                "app_secret": self.qobuz.app_secret,
                "user_auth_token": self.qobuz.token,
            },
            "tidal": {**self.tidal.addresses(), "refresh_token": self.tidal.login().refresh},
            "hifi": {"instances": [self.hifi.base_url.replace("://", f"://{self.user}:{self.password}@")]},
        }
        fast = {name: {"requests_per_period": 1000, **own} for name, own in here.items()}
        others = {point.name for point in entry_points(group="cratedig.sources")} - here.keys()
        return {**fast, **{name: {"enabled": False} for name in others}}

    def trouble(self) -> None:
        """Deezer breaks off half-way for good, Qobuz has a sample only, Tidal does not offer it here."""
        self.deezer.fault(BYTES, Fault(truncate_at=0.5, times=1))
        self.deezer.fault(BYTES, Fault(reset=True, skip=1))
        song = self.qobuz.song(self.title)
        self.qobuz.songs[song.id] = evolve(song, sample=True)
        self.tidal.script(self.tidal.id_of(self.title), refusals={"": REFUSALS["region"]})

    def targets(self) -> dict[str, str]:
        """The track's target at each of them."""
        return {
            "deezer": str(self.deezer.song(self.title).number),
            "qobuz": str(self.qobuz.song(self.title).id),
            "tidal": self.tidal.id_of(self.title),
            "hifi": str(self.hifi.find(self.title).id),
        }

    def secrets(self) -> set[str]:
        """Everything that only a service and its client may know, as far as it has been made up by now."""
        sessions, qobuz = self.deezer.sessions, self.qobuz
        seen = [one.query for service in self.all for one in service.requests]
        return {
            self.password,
            self.deezer.account.arl,
            self.deezer.stripe_secret,
            *sessions._tokens,
            *sessions._tokens.values(),
            *sessions._licenses,
            *sessions._tracks,
            *(query.partition("hmac=")[2] for query in seen if "hmac=" in query),
            qobuz.app_secret,
            qobuz.password,
            hashlib.md5(qobuz.password.encode()).hexdigest(),
            qobuz.token,
            *qobuz.tokens,
            *self.tidal.accounts.secrets,
        }


@pytest.fixture(scope="session")
def four_services() -> Iterator[Four]:
    """All of them running, with their audio made."""
    four = Four()
    four.deezer.prepare()
    four.tidal.prepare()
    for service in four.all:
        service.start()
    yield four
    for service in four.all:
        service.stop()


@pytest.fixture
def four(four_services: Four) -> Iterator[Four]:
    """The same, each as it is at first, and none with an error of its own at the end."""
    four_services.well()
    for service in four_services.all:
        service.log.clear()
    yield four_services
    assert [service.errors for service in four_services.all] == [[], [], [], []]


@pytest.fixture
def tree(four: Four, tmp_path: Path) -> dict[str, Any]:
    """Whole settings."""
    general = {
        "state_dir": str(tmp_path / "state"),
        "download_dir": str(tmp_path / "music"),
        "retries": 0,
        "search_cache_ttl": 0,
        "outage_patience": 0.5,
        "breaker_failures": 1000,
    }
    return {"engine": general, "sources": four.settings()}
