"""Where a person's configuration, state and music are, on each platform, unless they say otherwise."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

CONFIG_VARIABLE = "CRATEDIG_CONFIG"
"""Names the configuration file; it must then exist."""


def config_path(environ: Mapping[str, str] | None = None) -> Path:
    """The configuration file that is read when none is given; it may not exist."""
    environ = os.environ if environ is None else environ
    if chosen := environ.get(CONFIG_VARIABLE):
        return Path(chosen).expanduser()
    return _user_folder(environ, "XDG_CONFIG_HOME", ".config", "APPDATA") / "config.toml"


def default_state_dir(environ: Mapping[str, str] | None = None) -> Path:
    """The folder for records, tokens and the breakers' state."""
    environ = os.environ if environ is None else environ
    return _user_folder(environ, "XDG_STATE_HOME", ".local/state", "LOCALAPPDATA")


def default_download_dir(environ: Mapping[str, str] | None = None) -> Path:
    """The folder that music is published to: ``cratedig`` in the person's music folder."""
    environ = os.environ if environ is None else environ
    return (_absolute(environ, "XDG_MUSIC_DIR") or _home(environ) / "Music") / "cratedig"


def _user_folder(environ: Mapping[str, str], xdg: str, unix: str, windows: str) -> Path:
    # The XDG variable wins everywhere: whoever sets it on a Mac means it.
    if folder := _absolute(environ, xdg):
        return folder / "cratedig"
    if sys.platform == "win32":
        return (_absolute(environ, windows) or _home(environ) / "AppData" / "Local") / "cratedig"
    if sys.platform == "darwin":
        return _home(environ) / "Library" / "Application Support" / "cratedig"
    return _home(environ) / unix / "cratedig"


def _absolute(environ: Mapping[str, str], variable: str) -> Path | None:
    """A relative folder in an XDG variable has to be ignored, says the XDG base directory specification."""
    folder = Path(environ.get(variable, ""))
    return folder if folder.is_absolute() else None


def _home(environ: Mapping[str, str]) -> Path:
    if named := _absolute(environ, "USERPROFILE" if sys.platform == "win32" else "HOME"):
        return named
    try:
        return Path.home()
    except RuntimeError:  # a container's user without a name
        return Path.cwd()
