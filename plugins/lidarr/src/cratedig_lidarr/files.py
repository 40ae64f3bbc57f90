"""From Lidarr's tracks and files to the files of an album that the engine takes over."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from cratedig import Quality
from cratedig.reading import flag, mapping, require_items, text, whole

_CODECS = {
    "flac": "flac", "alac": "alac", "mp3": "mp3", "aac": "aac", "opus": "opus", "vorbis": "vorbis",
    "ogg": "vorbis", "wav": "wav", "pcm": "wav", "ape": "ape", "wavpack": "wavpack", "wma": "wma",
}  # fmt: skip
_LONGEST = 4096
_FIGURE = re.compile(r"\d{1,6}(?:\.\d{1,4})?")


@frozen(kw_only=True)
class Imported:
    """A file of the library. ``path`` is Lidarr's, ``name`` what to call it, without extension."""

    path: str
    name: str
    size: int | None
    quality: Quality | None


@frozen(kw_only=True)
class Track:
    """A track; ``file`` is the number of its file, 0 for none."""

    title: str
    number: str
    medium: int
    file: int


def album_files(files: Any, tracks: Any) -> tuple[list[Imported], tuple[str, ...]]:
    """The files of an album, named after their tracks, and the names of the tracks that have none.

    :raises UnexpectedResponse: one of the two is no list.
    """
    rows = [mapping(row) for row in require_items(files, "track files")]
    known = [_track(mapping(row)) for row in require_items(tracks, "tracks")]
    several = len({track.medium for track in known}) > 1
    held: dict[int, list[Track]] = {}
    for track in known:
        held.setdefault(track.file, []).append(track)
    imported = [_imported(row, held.get(whole(row.get("id")) or -1, ()), several=several) for row in rows]
    there = {whole(row.get("id")) or -1 for row in rows if path_of(row)}
    missing = tuple(_name(track, several=several) for track in known if track.file not in there)
    return [one for one in imported if one.path], missing


def _track(row: Mapping[str, Any]) -> Track:
    return Track(
        title=text(row.get("title")),
        number=text(row.get("trackNumber")) or text(row.get("absoluteTrackNumber")),
        medium=whole(row.get("mediumNumber")) or 1,
        file=(whole(row.get("trackFileId")) or 0) if flag(row.get("hasFile")) else 0,
    )


def _imported(row: Mapping[str, Any], tracks: Sequence[Track], *, several: bool) -> Imported:
    path = path_of(row)
    # A file with a cue sheet holds many tracks and keeps its name.
    name = _name(tracks[0], several=several) if len(tracks) == 1 else _stem(path)
    return Imported(path=path, name=name, size=whole(row.get("size")) or None, quality=quality(row))


def path_of(row: Mapping[str, Any]) -> str:
    """A file's path as it stands, for in a path every character counts; "" where it can be none."""
    path = row.get("path")
    if not isinstance(path, str) or len(path) > _LONGEST or "\0" in path:
        return ""
    return path if path.isascii() or _encodable(path) else ""


def _encodable(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _stem(path: str) -> str:
    name = re.split(r"[/\\]", path)[-1]
    return name.rpartition(".")[0] or name


def _name(track: Track, *, several: bool) -> str:
    number = track.number.zfill(2) if track.number.isdecimal() else track.number
    name = " - ".join(part for part in (number, track.title) if part) or "a track"
    plain = name.replace("/", "-")
    return f"CD {track.medium}/{plain}" if several else plain


def quality(row: Mapping[str, Any]) -> Quality | None:
    """What Lidarr has found in the file; ``None`` where it says nothing that can be relied on."""
    info = mapping(row.get("mediaInfo"))
    said = text(info.get("audioCodec")).lower()
    codec = next((name for key, name in _CODECS.items() if key in said), "")
    if not codec:
        return None
    rate, depth = _figure(info.get("audioSampleRate")), _figure(info.get("audioBits"))
    made = Quality(codec=codec)
    if made.is_lossless:
        return Quality(codec=codec, sample_rate=round(rate * 1000) or None, bit_depth=round(depth) or None)
    return Quality(codec=codec, bitrate=round(_figure(info.get("audioBitRate"))) or None)


def _figure(value: Any) -> float:
    found = _FIGURE.search(text(value))
    return float(found[0]) if found else 0.0
