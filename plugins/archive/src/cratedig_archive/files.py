"""The rows of an item's list of files."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any

from attrs import frozen

from cratedig import Quality
from cratedig.reading import flag, mapping, number, text, whole
from cratedig_archive.formats import format_of, quality_of

_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,4}):(\d{1,2}(?:\.\d*)?)")
_HEX = {"md5": re.compile(r"[0-9a-fA-F]{32}"), "sha1": re.compile(r"[0-9a-fA-F]{40}")}
_LONGEST = 1024
_PLACE = re.compile(r"d(\d{1,2})t(\d{1,3})(?!\d)")


@frozen(kw_only=True)
class File:
    """One audio file. ``length`` in seconds, ``size`` in bytes; ``digest`` as ``md5:…`` or ``sha1:…``."""

    name: str
    format: str
    original: str
    derived: bool
    private: bool
    title: str
    creator: str
    album: str
    disc: int
    track: int | None
    length: float | None
    size: int | None
    bitrate: float | None
    digest: str | None

    @property
    def quality(self) -> Quality:
        """From the format's name, and the average rate where the name tells none."""
        rate = self.bitrate
        if not rate and self.size and self.length:
            rate = self.size * 8 / self.length / 1000
        return quality_of(self.format, round(rate) if rate and rate < 10**6 else None)


def read_file(value: Any) -> File | None:
    """Read a row as an audio file; ``None`` when it is none, or a sample, an old version or a way out."""
    row = mapping(value)
    name = row.get("name")
    if not isinstance(name, str) or not _is_plain(name):
        return None
    kind = format_of(name, text(row.get("format")))
    if not kind:
        return None
    disc, track = _place(name)
    return File(
        name=name,
        format=kind,
        original=text(row.get("original")) or name,
        derived=text(row.get("source")) == "derivative",
        private=flag(row.get("private")),
        title=text(row.get("title")),
        creator=text(row.get("creator")) or text(row.get("artist")),
        album=text(row.get("album")),
        disc=whole(row.get("disc")) or disc,
        track=whole(text(row.get("track")).partition("/")[0]) or track,
        length=seconds(row.get("length")),
        size=whole(row.get("size")),
        bitrate=number(row.get("bitrate")),
        digest=_digest(row),
    )


def seconds(value: Any) -> float | None:
    """Read a length, written as seconds, ``mm:ss`` or ``h:mm:ss``; ``None`` for none and for zero."""
    clock = _CLOCK.fullmatch(text(value))
    if clock is None:
        return number(value) or None
    return int(clock[1] or 0) * 3600 + int(clock[2]) * 60 + float(clock[3]) or None


def _is_plain(name: str) -> bool:
    if not name.isprintable() or len(name) > _LONGEST:
        return False
    path = PurePosixPath(name)
    leads_out = path.is_absolute() or ".." in path.parts or "\\" in name
    return not leads_out and path.parts[:1] != ("history",) and "_sample." not in name


def _place(name: str) -> tuple[int, int | None]:
    """Disc and track out of a taper's file name, ``…d1t01.flac``."""
    found = _PLACE.search(PurePosixPath(name).name)
    return (int(found[1]), int(found[2])) if found else (1, None)


def _digest(row: Any) -> str | None:
    sums = {kind: text(row.get(kind)) for kind in _HEX}
    return next(
        (f"{kind}:{value.lower()}" for kind, value in sums.items() if _HEX[kind].fullmatch(value)), None
    )
