"""Soulseek as slskd shows it."""

from cratedig_emulators.soulseek.emulator import SlskdEmulator
from cratedig_emulators.soulseek.peers import Peer, SharedFile, shared
from cratedig_emulators.soulseek.transfers import Script, Transfer

__all__ = ["Peer", "Script", "SharedFile", "SlskdEmulator", "Transfer", "shared"]
