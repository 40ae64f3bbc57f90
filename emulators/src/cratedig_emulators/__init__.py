"""Music services on 127.0.0.1 that speak the real protocols and serve real audio.

Nothing here knows cratedig: any program that downloads music can be tested against these.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cratedig_emulators.server import Service

EMULATORS = (
    "archive:ArchiveEmulator",
    "deezer:DeezerEmulator",
    "hifi:HifiEmulator",
    "lidarr:LidarrEmulator",
    "qobuz:QobuzEmulator",
    "soulseek:SlskdEmulator",
    "soundcloud:SoundCloudEmulator",
    "tidal:TidalEmulator",
    "usenet:NewznabEmulator",
    "usenet:NzbgetEmulator",
    "usenet:ProwlarrEmulator",
    "usenet:SabnzbdEmulator",
    "youtube:YouTubeEmulator",
)
"""Module and class of each; every class can be built without arguments."""


def emulators() -> list[type[Service]]:
    """Return the classes of all emulators."""
    pairs = (one.split(":") for one in EMULATORS)
    return [getattr(import_module(f"{__name__}.{module}"), name) for module, name in pairs]
