"""The Internet Archive's audio, emulated: search, metadata and files."""

from cratedig_emulators.archive.emulator import ArchiveEmulator
from cratedig_emulators.archive.items import Item, ItemFile, audio_file

__all__ = ["ArchiveEmulator", "Item", "ItemFile", "audio_file"]
