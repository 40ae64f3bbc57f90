"""File names as targets: text that survives a journal, whatever bytes a name is made of."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes


def to_target(path: Path) -> str:
    """Write a path so that every character is printable; what is not, and ``%``, as ``%XX``."""
    return "".join(c if c.isprintable() and c != "%" else quote_from_bytes(os.fsencode(c)) for c in str(path))


def to_path(target: str) -> Path | None:
    """Read a target back; ``None`` when it is no absolute path."""
    try:
        path = Path(os.fsdecode(unquote_to_bytes(target)))
    except ValueError:
        return None
    return path if path.is_absolute() and "\0" not in str(path) else None
