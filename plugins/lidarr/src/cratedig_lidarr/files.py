"""From Lidarr's tracks and files to the files of an album that the engine takes over."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen

from cratedig import AlbumFile
from cratedig.reading import MAX_TEXT, flag, mapping, require_items, text, whole

if TYPE_CHECKING:
    from pathlib import Path


_LONGEST = 1000
"""Characters of a name, more than any file system takes."""


@frozen(kw_only=True)
class Track:
    """A track; ``file`` is the number of its file, 0 for none."""

    title: str
    number: str
    medium: int
    file: int


def album_files(
    files: Any, tracks: Any, here: Callable[[str], Path]
) -> tuple[list[AlbumFile], tuple[str, ...]]:
    """The files of an album, named after their tracks, and the names of the tracks that have none.

    ``here`` says where a path of Lidarr's is on this machine.

    :raises UnexpectedResponse: one of the two is no list.
    """
    rows = [row for row in map(mapping, require_items(files, "track files")) if path_of(row)]
    known = [_track(mapping(row)) for row in require_items(tracks, "tracks")]
    several = len({track.medium for track in known}) > 1
    held: dict[int, list[Track]] = {whole(row.get("id")) or -1: [] for row in rows}
    missing = []
    for track in known:
        if track.file in held:
            held[track.file].append(track)
        else:
            missing.append(_name(track, several=several))
    return [
        AlbumFile(
            path=here(path_of(row)),
            name=_file_name(row, held[whole(row.get("id")) or -1], several=several),
            size=whole(row.get("size")) or None,
        )
        for row in rows
    ], tuple(missing)


def _track(row: Mapping[str, Any]) -> Track:
    return Track(
        title=text(row.get("title")),
        number=text(row.get("trackNumber")) or text(row.get("absoluteTrackNumber")),
        medium=whole(row.get("mediumNumber")) or 1,
        file=(whole(row.get("trackFileId")) or 0) if flag(row.get("hasFile")) else 0,
    )


def _file_name(row: Mapping[str, Any], tracks: Sequence[Track], *, several: bool) -> str:
    if len(tracks) == 1:
        return _name(tracks[0], several=several)
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


def _name(track: Track, *, several: bool) -> str:
    number = track.number.zfill(2) if track.number.isdecimal() else track.number
    name = " - ".join(part for part in (number, track.title) if part) or "a track"
    plain = name.replace("/", "-")[:_LONGEST]
    return f"CD {track.medium}/{plain}" if several else plain
