"""YouTube, for the real yt-dlp."""

from cratedig_emulators.youtube.emulator import YouTubeEmulator
from cratedig_emulators.youtube.videos import Playability, Video, topic, upload

__all__ = ["Playability", "Video", "YouTubeEmulator", "topic", "upload"]
