"""Qobuz, emulated: login, search, signed file addresses, and the network that delivers the files."""

from cratedig_emulators.qobuz.emulator import QobuzEmulator
from cratedig_emulators.qobuz.songs import Song

__all__ = ["QobuzEmulator", "Song"]
