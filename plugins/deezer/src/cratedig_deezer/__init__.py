"""The Deezer source of cratedig: login, search, file addresses and decryption; the engine does the rest."""

from cratedig_deezer.settings import DeezerSettings
from cratedig_deezer.source import Source

__all__ = ["DeezerSettings", "Source"]
