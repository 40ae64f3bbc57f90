"""The Internet Archive source of cratedig: search, item and file addresses; the engine does the rest."""

from cratedig_archive.settings import ArchiveSettings
from cratedig_archive.source import Source

__all__ = ["ArchiveSettings", "Source"]
