"""Tidal, emulated: login, catalogue, playback and the network that has the bytes."""

from cratedig_emulators.tidal.accounts import Accounts, Tokens
from cratedig_emulators.tidal.emulator import TidalEmulator
from cratedig_emulators.tidal.refusals import REFUSALS, Refusal
from cratedig_emulators.tidal.streams import TIERS, Script

__all__ = ["REFUSALS", "TIERS", "Accounts", "Refusal", "Script", "TidalEmulator", "Tokens"]
