"""What a file's own tags say of it."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from cratedig import reading

_FRAMES = {"title": "TIT2", "artist": "TPE1", "album": "TALB"}
"""The ID3 frames of the same, for containers that mutagen has no easy names for."""


def read_tags(path: Path) -> dict[str, Any]:
    """``title``, ``artist``, ``album`` and, in seconds, ``duration``, as far as they are there. Blocking."""
    import mutagen  # noqa: PLC0415 - 60 ms that only this needs

    with contextlib.suppress(Exception):  # mutagen raises what its many readers happen to
        file = mutagen.File(path, easy=True)
        tags = file.tags or {}
        named = {name: _said(tags, name, frame) for name, frame in _FRAMES.items()}
        length = reading.number(file.info.length)
        return {**{name: value for name, value in named.items() if value}, "duration": length}
    return {}


def _said(tags: Any, name: str, frame: str) -> str:
    value = tags.get(name) or tags.get(frame)
    return reading.text(list(getattr(value, "text", None) or value or ()))
