"""What the emulated SoundCloud has: uploads of the catalogue's recordings, and what surrounds them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from attrs import Factory, evolve, field, frozen

from cratedig_emulators.catalogue import Catalogue, Track

PREVIEW = 30.0
"""Seconds that somebody without Go+ may hear of a track that asks for it."""


class Policy(StrEnum):
    """What the rights allow."""

    ALLOW = "ALLOW"
    MONETIZE = "MONETIZE"
    SNIP = "SNIP"
    BLOCK = "BLOCK"


def slug(text: str) -> str:
    """Write ``text`` as it stands in an address."""
    return "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in text.lower()).split()) or "x"


def number(text: str) -> int:
    """Make a stable id of nine digits."""
    return 100_000_000 + int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) % 900_000_000


@frozen(kw_only=True)
class Sound:
    """One upload.

    ``streams`` are keys of :data:`cratedig_emulators.soundcloud.media.STREAMS`; ``credited`` says that the
    label's data are there; ``original`` is the codec of the file that registered users may have;
    ``secret`` makes it private but for those who know it; ``served_seconds`` is how long the media really
    plays where that differs from what is said; ``unmarked`` says that nothing but the host of its files
    tells that a preview is one.
    """

    track: Track
    title: str
    uploader: str
    policy: Policy = Policy.ALLOW
    streams: tuple[str, ...] = ("aac_160k", "mp3_hls", "mp3")
    credited: bool = True
    original: str = ""
    secret: str = ""
    served_seconds: float | None = None
    unmarked: bool = False
    plays: int = 1000
    id: int = field(
        default=Factory(lambda sound: number(f"{sound.uploader}\0{sound.title}"), takes_self=True)
    )

    @property
    def permalink(self) -> str:
        """Its address, without the secret of a private one."""
        return f"https://soundcloud.com/{slug(self.uploader)}/{slug(self.title)}"

    @property
    def words(self) -> str:
        """What a search looks through."""
        track = self.track
        return f"{self.title} {self.uploader} {track.artist} {track.title}".casefold()


@frozen(kw_only=True)
class Playlist:
    """A set. The service tells everything of the first ``complete`` members, of the others the id only."""

    title: str
    uploader: str
    sounds: tuple[int, ...]
    complete: int = 2

    @property
    def permalink(self) -> str:
        """Its address."""
        return f"https://soundcloud.com/{slug(self.uploader)}/sets/{slug(self.title)}"


def of_track(track: Track, **changes: Any) -> Sound:
    """Upload ``track`` as its label would: "Artist - Title", with the label's data."""
    made: dict[str, Any] = {
        "track": track,
        "title": f"{track.artist} - {track.title}",
        "uploader": "Nowhere Records",
        "plays": 50_000,
    }
    return Sound(**{**made, **changes})


def of_catalogue(catalogue: Catalogue) -> Iterator[Sound]:
    """Upload every track, and around each album's first what a search turns up."""
    for album in catalogue.albums:
        yield from (of_track(track) for track in album.tracks)
        yield from _around(album.tracks[0]) if album.tracks else ()


def _around(track: Track) -> Iterator[Sound]:
    remix = evolve(track, title=f"{track.title} (Night Bus Remix)", isrc="", seconds=track.seconds + 5)
    yield Sound(track=remix, title=remix.title, uploader="Night Bus", credited=False, plays=900)
    bootleg = evolve(track, isrc="", seconds=track.seconds + 31)
    title = f"{track.artist} \u2013 {track.title} [live bootleg]"
    yield Sound(track=bootleg, title=title, uploader="taper77", credited=False, streams=("mp3",), plays=30)
