"""What the service knows of a recording, and its files."""

from __future__ import annotations

import hashlib
import zlib
from typing import Any

from attrs import define

from cratedig_emulators.audio import make_audio
from cratedig_emulators.catalogue import Track

FORMATS = ("FLAC", "MP3_320", "MP3_128")
PREVIEW_SECONDS = 30.0


def number_of(name: str) -> int:
    """Make a number of a name, the same at every start."""
    return 1_000_000 + zlib.crc32(name.encode()) % 800_000_000


@define(kw_only=True)
class Song:
    """One track and what is odd about it.

    ``formats`` are those that there are files of. ``geo_blocked`` has no rights in the account's country;
    ``fallback`` is the substitute that comes with it, ``moved_to`` the one that comes in place of a track
    that is ``removed``. ``preview_only`` is granted as a preview, ``served_seconds`` is what really plays.
    ``empty_media`` is granted in no format. ``plain`` is not encrypted.
    """

    track: Track
    number: int
    formats: tuple[str, ...] = FORMATS
    geo_blocked: bool = False
    readable: bool = True
    streamable: bool = True
    removed: bool = False
    preview_only: bool = False
    empty_media: bool = False
    plain: bool = False
    served_seconds: float | None = None
    fallback: int | None = None
    moved_to: int | None = None
    brief_fallback: bool = False

    @classmethod
    def of(cls, track: Track, **odd: Any) -> Song:
        """Make a song of a track of the catalogue."""
        return cls(track=track, number=odd.pop("number", number_of(track.key)), **odd)

    @property
    def artist_number(self) -> int:
        """Return the artist's number."""
        return number_of(self.track.artist)

    @property
    def album_number(self) -> int:
        """Return the album's number."""
        return number_of(f"{self.track.artist} / {self.track.album}")

    @property
    def keys(self) -> tuple[str, ...]:
        """Return what the catalogue finds it by."""
        return (str(self.number), *([f"isrc:{self.track.isrc}"] if self.track.isrc else []))

    def audio(self, kind: str) -> bytes:
        """Return the file in one of the formats, not encrypted."""
        if kind == "FLAC":
            return make_audio(self.track, codec="flac", seconds=self.served_seconds)
        rate = int(kind.removeprefix("MP3_"))
        return make_audio(self.track, codec="mp3", bitrate=rate, seconds=self.served_seconds)

    def preview(self) -> bytes:
        """Return the first seconds."""
        seconds = min(PREVIEW_SECONDS, self.track.seconds)
        return make_audio(self.track, codec="mp3", bitrate=128, seconds=seconds)

    def as_gateway(self, token: str, expires: int) -> dict[str, Any]:
        """Return the fields of ``song.getData``; numbers are numbers or text, as it happens."""
        wobble = str if self.number % 2 else int
        sizes = {name: len(self.audio(name)) if name in self.formats else 0 for name in FORMATS}
        return {
            "SNG_ID": wobble(self.number),
            "SNG_TITLE": self.track.title,
            "VERSION": "",
            "ART_ID": str(self.artist_number),
            "ART_NAME": self.track.artist,
            "ALB_ID": str(self.album_number),
            "ALB_TITLE": self.track.album,
            "ALB_PICTURE": _hex(self.track.album),
            "DURATION": str(round(self.track.seconds)),
            "ISRC": self.track.isrc,
            "TRACK_NUMBER": wobble(self.track.number),
            "DISK_NUMBER": "1",
            "MD5_ORIGIN": _hex(self.track.key),
            "MEDIA_VERSION": "8",
            "FILESIZE": str(sizes["MP3_128"]),
            "FILESIZE_MP3_64": "0",
            "FILESIZE_MP3_256": "0",
            "FILESIZE_MP3_MISC": 0,
            **{
                f"FILESIZE_{name}": (str if index % 2 else int)(sizes[name])
                for index, name in enumerate(sizes)
            },
            "TRACK_TOKEN": token,
            "TRACK_TOKEN_EXPIRE": expires,
            "RIGHTS": {
                "STREAM_ADS_AVAILABLE": self.streamable,
                "STREAM_ADS": "2000-01-01",
                "STREAM_SUB_AVAILABLE": self.streamable,
                "STREAM_SUB": "2000-01-01",
            },
            "MEDIA": [{"TYPE": "preview", "HREF": ""}],
            "__TYPE__": "song",
        }

    def as_catalogue(self, base_url: str, *, whole: bool) -> dict[str, Any]:
        """Return a track of the public catalogue; only a ``whole`` one tells its place on the album."""
        row: dict[str, Any] = {
            "id": self.number if self.number % 2 else str(self.number),
            "readable": self.readable,
            "title": self.track.title,
            "title_short": self.track.title,
            "title_version": "",
            "isrc": self.track.isrc,
            "link": f"{base_url}/track/{self.number}",
            "duration": round(self.track.seconds),
            "rank": 100_000 + self.number % 800_000,
            "explicit_lyrics": False,
            "preview": "",
            "artist": {"id": self.artist_number, "name": self.track.artist},
            "album": {"id": self.album_number, "title": self.track.album},
            "type": "track",
        }
        if whole:
            date = f"{self.track.year}-02-02"
            row |= {"track_position": self.track.number, "disk_number": 1, "release_date": date}
            row["contributors"] = [row["artist"]]
        return row


def _hex(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
