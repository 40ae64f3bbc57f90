"""Tags for the files that the emulators serve, in each container's own way."""

from __future__ import annotations

import io
from typing import Any

import mutagen
from mutagen.id3 import ID3, TALB, TDRC, TIT2, TPE1, TRCK, TSRC

from cratedig_emulators.catalogue import Track


def with_tags(data: bytes, track: Track) -> bytes:
    """Write the tags into a file; Matroska and fragmented MP4 have none that mutagen writes."""
    target = io.BytesIO(data)
    if data.startswith(b"\x1aE\xdf\xa3") or b"moof" in data:
        return data
    file: Any = mutagen.File(target)
    if file.tags is None:
        file.add_tags()
    _write_tags(file.tags, track)
    target.seek(0)
    file.save(target)
    return target.getvalue()


def _write_tags(tags: Any, track: Track) -> None:
    if isinstance(tags, ID3):
        _write_id3(tags, track)
    elif type(tags).__name__ == "MP4Tags":
        _write_mp4(tags, track)
    else:
        tags.update(
            {
                "title": track.title,
                "artist": track.artist,
                "album": track.album,
                "tracknumber": str(track.number),
                "date": str(track.year),
                "isrc": track.isrc,
            }
        )


def _write_id3(tags: Any, track: Track) -> None:
    for frame, text in (
        (TIT2, track.title),
        (TPE1, track.artist),
        (TALB, track.album),
        (TRCK, str(track.number)),
        (TDRC, str(track.year)),
        (TSRC, track.isrc),
    ):
        tags.add(frame(encoding=3, text=text))


def _write_mp4(tags: Any, track: Track) -> None:
    tags["\xa9nam"] = [track.title]
    tags["\xa9ART"] = [track.artist]
    tags["\xa9alb"] = [track.album]
    tags["trkn"] = [(track.number, 0)]
    tags["\xa9day"] = [str(track.year)]
    tags["----:com.apple.iTunes:ISRC"] = [track.isrc.encode()]
