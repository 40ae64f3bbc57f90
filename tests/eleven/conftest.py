"""Every source of the mission and its service, all with the same album, and settings that lead to them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from cratedig_emulators.archive import ArchiveEmulator
from cratedig_emulators.audio import make_audio
from cratedig_emulators.catalogue import Album, Catalogue
from cratedig_emulators.deezer import DeezerEmulator
from cratedig_emulators.hifi import HifiEmulator
from cratedig_emulators.lidarr import LidarrEmulator
from cratedig_emulators.qobuz import QobuzEmulator
from cratedig_emulators.soulseek import SlskdEmulator
from cratedig_emulators.soundcloud import SoundCloudEmulator
from cratedig_emulators.tidal import TidalEmulator
from cratedig_emulators.usenet import NewznabEmulator, SabnzbdEmulator
from cratedig_emulators.youtube import YouTubeEmulator

ARTIST, ALBUM = "Harbour Static", "Weather Ship"
TITLES = ("Weather Ship", "Salt on the Aerial", "Last Bearing")
CATALOGUE = Catalogue((Album.of(ARTIST, ALBUM, 2021, TITLES, registrant="HS1"),))


class Town:
    """Everything that plays: eight services, two programs at home with what they need, a folder."""

    artist, album, titles = ARTIST, ALBUM, TITLES
    names = (
        "archive", "deezer", "folder", "hifi", "lidarr", "qobuz", "soulseek", "soundcloud", "tidal", "usenet",
        "youtube",
    )  # fmt: skip
    albums = ("lidarr", "usenet")

    def __init__(self) -> None:
        self.archive = ArchiveEmulator(catalogue=CATALOGUE).prepare()
        self.deezer = DeezerEmulator(catalogue=CATALOGUE).prepare()
        self.hifi = HifiEmulator(catalogue=CATALOGUE)
        self.lidarr = LidarrEmulator(catalogue=CATALOGUE)
        self.qobuz = QobuzEmulator(catalogue=CATALOGUE)
        self.slskd = SlskdEmulator(catalogue=CATALOGUE)
        self.soundcloud = SoundCloudEmulator(catalogue=CATALOGUE)
        self.tidal = TidalEmulator(catalogue=CATALOGUE).prepare()
        self.indexer = NewznabEmulator(catalogue=CATALOGUE)
        self.client = SabnzbdEmulator()
        self.youtube = YouTubeEmulator(catalogue=CATALOGUE)

    def services(self) -> tuple[Any, ...]:
        """Those that have to be started."""
        return (
            self.archive, self.deezer, self.hifi, self.lidarr, self.qobuz, self.slskd, self.soundcloud,
            self.tidal, self.indexer, self.client, self.youtube,
        )  # fmt: skip

    def settings(self, folder: Path) -> dict[str, dict[str, Any]]:
        """What stands under ``[sources]``; ``folder`` holds the person's own files."""
        deezer, qobuz = self.deezer, self.qobuz
        own: dict[str, dict[str, Any]] = {
            "archive": {"base_url": self.archive.base_url},
            "deezer": {
                **dict.fromkeys(("gw_base", "api_base", "media_base"), deezer.base_url),
                "arl": deezer.account.arl,
                "stripe_secret": deezer.stripe_secret,
            },
            "folder": {"paths": [str(folder)]},
            "hifi": {"instances": [self.hifi.base_url]},
            "lidarr": {
                "base_url": self.lidarr.address,
                "api_key": self.lidarr.api_key,
                "path_map": {"/music": str(self.lidarr.folder)},
                "poll_interval": 0.2,
            },
            "qobuz": {
                "api_base": qobuz.api_base,
                "app_id": qobuz.app_id,
                "app_secret": qobuz.app_secret,
                "user_auth_token": qobuz.token,
            },
            "soulseek": {
                "base_url": self.slskd.base_url,
                "api_key": self.slskd.api_key,
                "download_dir": str(self.slskd.downloads.downloads),
                "poll_interval": 0.2,
            },
            "soundcloud": {"proxy": self.soundcloud.proxy_url, "verify_tls": False},
            "tidal": {**self.tidal.addresses(), "refresh_token": self.tidal.login().refresh},
            "usenet": {
                "indexers": [
                    {"kind": "newznab", "base_url": self.indexer.base_url, "api_key": self.indexer.api_key}
                ],
                "client": "sabnzbd",
                "client_base_url": self.client.base_url,
                "client_api_key": self.client.api_key,
                "category": "audio",
                "path_map": self.client.path_map,
                "poll_interval": 0.2,
            },
            "youtube": {"proxy": self.youtube.proxy_url, "verify_tls": False},
        }
        return {name: {"requests_per_period": 1000, **settings} for name, settings in own.items()}


@pytest.fixture(scope="session")
def started() -> Iterator[Town]:
    """All of it running."""
    town = Town()
    with ExitStack() as stack:
        for service in town.services():
            stack.enter_context(service)
        yield town


@pytest.fixture
def town(started: Town) -> Iterator[Town]:
    """The same; none has an error of its own at the end."""
    yield started
    assert [service.errors for service in started.services()] == [[]] * len(started.services())


@pytest.fixture
def tree(town: Town, tmp_path: Path) -> dict[str, Any]:
    """Whole settings."""
    mine = tmp_path / "mine"
    mine.mkdir()
    for track in CATALOGUE:
        (mine / f"{track.number:02d}.flac").write_bytes(make_audio(track))
    general = {
        "state_dir": str(tmp_path / "state"),
        "download_dir": str(tmp_path / "music"),
        "search_timeout": 200.0,
        "search_cache_ttl": 0,
    }
    return {"engine": general, "sources": town.settings(mine)}
