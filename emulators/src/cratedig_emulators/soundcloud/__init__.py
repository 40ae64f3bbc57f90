"""SoundCloud, for the real yt-dlp."""

from cratedig_emulators.soundcloud.emulator import SoundCloudEmulator
from cratedig_emulators.soundcloud.sounds import PREVIEW, Playlist, Policy, Sound, of_track

__all__ = ["PREVIEW", "Playlist", "Policy", "Sound", "SoundCloudEmulator", "of_track"]
