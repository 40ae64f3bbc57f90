"""The Lidarr source of cratedig: look-ups, albums to add, searches to start, a queue to follow."""

from cratedig_lidarr.settings import LidarrSettings
from cratedig_lidarr.source import Source

__all__ = ["LidarrSettings", "Source"]
