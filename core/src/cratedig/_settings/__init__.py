"""Settings from a file, the environment and arguments, as attrs classes.

Importing this is cheap: typed-settings is imported when a section is read.
"""

from cratedig._settings.engine import EngineSettings, QualitySettings
from cratedig._settings.layers import variable
from cratedig._settings.places import config_path, default_download_dir, default_state_dir
from cratedig._settings.quality import parse_quality
from cratedig._settings.settings import Settings, load
from cratedig._settings.source import SourceSettings

__all__ = [
    "EngineSettings",
    "QualitySettings",
    "Settings",
    "SourceSettings",
    "config_path",
    "default_download_dir",
    "default_state_dir",
    "load",
    "parse_quality",
    "variable",
]
