"""Reading a container's header with mutagen, which also proves that players and taggers can open it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cratedig._errors import CorruptDownload


def open_tagged(kind: Any, path: Path, what: str) -> Any:
    """Parse ``path`` as ``kind``, a mutagen class.

    :raises CorruptDownload: it does not parse.
    """
    try:
        return kind(path)
    except Exception as error:
        raise CorruptDownload(f"the file does not parse as {what}: {type(error).__name__}") from error


def whole(value: Any) -> int | None:
    """Return a positive whole number, or ``None`` for a header field that says nothing."""
    return round(value) if isinstance(value, int | float) and value > 0 else None


def kilobits(bits_per_second: Any) -> int | None:
    """kbit/s from a header's bit/s."""
    return whole((whole(bits_per_second) or 0) / 1000)


def average_bitrate(size: int, duration: float | None) -> int | None:
    """kbit/s that ``size`` bytes come to over ``duration`` seconds."""
    return whole(size * 8 / duration / 1000) if duration else None
