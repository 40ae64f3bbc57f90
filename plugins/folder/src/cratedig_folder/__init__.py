"""The folder source of cratedig: the music that is on this machine already."""

from cratedig_folder.settings import FolderSettings
from cratedig_folder.source import Source

__all__ = ["FolderSettings", "Source"]
