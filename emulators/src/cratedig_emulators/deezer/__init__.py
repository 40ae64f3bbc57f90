"""Deezer, emulated: gateway, catalogue, media service and CDN."""

from cratedig_emulators.deezer.account import Account
from cratedig_emulators.deezer.emulator import DeezerEmulator
from cratedig_emulators.deezer.songs import Song
from cratedig_emulators.deezer.stripes import encrypt

__all__ = ["Account", "DeezerEmulator", "Song", "encrypt"]
