"""From Lidarr's tracks and files to the files of an album that the engine takes over."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cratedig import AlbumFile
from cratedig.reading import MAX_TEXT, flag, mapping, require_items, text, whole

if TYPE_CHECKING:
    from pathlib import Path

_LONGEST = 1000
"""Characters of a name, more than any file system takes."""


def album_files(
    files: Any, tracks: Any, here: Callable[[str], Path]
) -> tuple[list[AlbumFile], tuple[str, ...]]:
    """The files of an album, named after their tracks, and the names of the tracks that have none.

    ``here`` says where a path of Lidarr's is on this machine.

    :raises UnexpectedResponse: one of the two is no list.
    """
    rows = [row for row in map(mapping, require_items(files, "track files")) if path_of(row)]
    names: dict[int, list[str]] = {_number(row): [] for row in rows}
    missing = _assigned([mapping(row) for row in require_items(tracks, "tracks")], names)
    return [
        AlbumFile(
            path=here(path_of(row)),
            name=_file_name(row, names[_number(row)]),
            size=whole(row.get("size")) or None,
        )
        for row in rows
    ], missing


def _number(file: Mapping[str, Any]) -> int:
    return whole(file.get("id")) or -1


def _assigned(tracks: Sequence[Mapping[str, Any]], names: Mapping[int, list[str]]) -> tuple[str, ...]:
    """Put each track's name to those of its file; the names of the tracks that have none."""
    several = len({_medium(track) for track in tracks}) > 1
    missing: list[str] = []
    for track in tracks:
        file = whole(track.get("trackFileId")) if flag(track.get("hasFile")) else None
        names.get(file or 0, missing).append(_name(track, several=several))
    return tuple(missing)


def _medium(track: Mapping[str, Any]) -> int:
    return whole(track.get("mediumNumber")) or 1


def _name(track: Mapping[str, Any], *, several: bool) -> str:
    number = text(track.get("trackNumber")) or text(track.get("absoluteTrackNumber"))
    number = number.zfill(2) if number.isdecimal() else number
    name = " - ".join(part for part in (number, text(track.get("title"))) if part) or "a track"
    plain = name.replace("/", "-")[:_LONGEST]
    return f"CD {_medium(track)}/{plain}" if several else plain


def _file_name(row: Mapping[str, Any], tracks: Sequence[str]) -> str:
    if len(tracks) == 1:
        return tracks[0]
    # A file with a cue sheet holds many tracks and keeps its name.
    name = re.split(r"[/\\]", path_of(row))[-1]
    return name.rpartition(".")[0] or name


def path_of(row: Mapping[str, Any]) -> str:
    """A file's path as it stands, for in a path every character counts; "" where it can be none."""
    path = row.get("path")
    if not isinstance(path, str) or len(path) > MAX_TEXT or "\0" in path:
        return ""
    encodable = path.encode(errors="replace").decode() == path
    return path if encodable else ""
