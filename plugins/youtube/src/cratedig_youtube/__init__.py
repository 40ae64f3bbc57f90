"""The YouTube source of cratedig: yt-dlp extracts, the engine does everything else."""

from cratedig_youtube.settings import YouTubeSettings
from cratedig_youtube.source import Source

__all__ = ["Source", "YouTubeSettings"]
