"""The SoundCloud source of cratedig: yt-dlp extracts, the engine does everything else."""

from cratedig_soundcloud.settings import SoundCloudSettings
from cratedig_soundcloud.source import Source

__all__ = ["SoundCloudSettings", "Source"]
