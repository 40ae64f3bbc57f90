"""Settings that lead nowhere, made of settings that work."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


def elsewhere(settings: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The same with every address leading to a closed port, and every path to an empty folder."""
    return {key: _led_astray(value, folder) for key, value in settings.items()}


def _led_astray(value: Any, folder: Path) -> Any:
    if isinstance(value, Mapping):
        return elsewhere(value, folder)
    if isinstance(value, list | tuple):
        return [_led_astray(item, folder) for item in value]
    if isinstance(value, str | Path) and _is_folder(value):
        empty = folder / "empty"
        empty.mkdir(exist_ok=True)
        return str(empty)
    if isinstance(value, str) and urlsplit(value).scheme in {"http", "https", "socks5", "socks5h"}:
        return f"{urlsplit(value).scheme}://127.0.0.1:{closed_port()}"
    return value


def _is_folder(value: str | Path) -> bool:
    return Path(value).is_absolute() and Path(value).is_dir()


def closed_port() -> int:
    """A port of 127.0.0.1 that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
