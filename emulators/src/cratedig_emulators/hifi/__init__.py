"""One self-hosted hifi-api instance, version 2.10, and the CDN that its manifests lead to."""

from cratedig_emulators.hifi.emulator import HifiEmulator
from cratedig_emulators.hifi.recipes import Preview, Recipe

__all__ = ["HifiEmulator", "Preview", "Recipe"]
