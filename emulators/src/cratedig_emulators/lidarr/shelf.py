"""Artists, albums and files: the library, and the metadata server that it is filled from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from attrs import define, field, frozen

from cratedig_emulators.audio import make_audio
from cratedig_emulators.catalogue import Album, Catalogue, Track

FIRST_ALBUM, FIRST_ARTIST = 7, 3


def mbid(kind: str, *names: str) -> str:
    """Return the MusicBrainz id of an invented artist, release group, release or recording."""
    return str(uuid5(NAMESPACE_URL, "/".join((f"musicbrainz:{kind}", *names))))


@frozen
class Known:
    """An album as the metadata server knows it."""

    album: Album

    @property
    def foreign_id(self) -> str:
        """The id of its release group."""
        return mbid("release-group", self.album.artist, self.album.title)

    @property
    def artist_id(self) -> str:
        """The id of its artist."""
        return mbid("artist", self.album.artist)

    def audio(self, track: Track) -> bytes:
        """A track's file as the indexers have it."""
        return make_audio(track, codec="flac")

    @property
    def size(self) -> int:
        """The bytes of all its files."""
        return sum(len(self.audio(track)) for track in self.album.tracks)


@define(eq=False)
class Artist:
    """An artist in the library. ``ready_at`` is when Lidarr has read what the artist has made."""

    id: int
    foreign_id: str
    name: str
    root: str
    ready_at: float
    monitor: str
    to_monitor: tuple[str, ...]
    scanned: bool = False


@define(eq=False)
class Shelved:
    """An album in the library. ``files`` are its tracks' numbers, each with the path on this machine."""

    id: int
    artist: Artist
    known: Known
    monitored: bool
    ready_at: float
    ready: bool = False
    files: dict[int, Path] = field(factory=dict)

    @property
    def folder(self) -> str:
        """Where its files are below the root folder."""
        album = self.known.album
        return f"{album.artist}/{album.title} ({album.year})"

    def file_name(self, track: Track) -> str:
        """What a track's file is called, sub-folder included."""
        return f"{self.folder}/{track.number:02} - {track.title}.flac"


class Shelf:
    """The library. ``here`` is the folder that Lidarr calls ``there``."""

    def __init__(self, catalogue: Catalogue, here: Path, there: str, pace: float) -> None:
        self.known = {known.foreign_id: known for known in map(Known, catalogue.albums)}
        self.here, self.there = here, there
        self.artists: dict[int, Artist] = {}
        self.albums: dict[int, Shelved] = {}
        self.pace = pace
        for known in self.known.values():
            for track in known.album.tracks:
                known.audio(track)

    def lookup(self, term: str) -> list[Known]:
        """Find albums by words, or by the id of a release group."""
        head, colon, rest = term.partition(":")
        if colon and head in {"lidarr", "lidarrid", "mbid"}:
            return [known for known in self.known.values() if known.foreign_id == rest.strip()]
        words = term.casefold().split()
        return [known for known in self.known.values() if words and _has(known.album, words)]

    def shelved(self, foreign_id: str) -> Shelved | None:
        """The album of that id in the library."""
        return next((one for one in self.albums.values() if one.known.foreign_id == foreign_id), None)

    def artist(self, foreign_id: str) -> Artist | None:
        """The artist of that id in the library."""
        return next((one for one in self.artists.values() if one.foreign_id == foreign_id), None)

    def add_artist(
        self, known: Known, root: str, monitor: str, to_monitor: tuple[str, ...], now: float
    ) -> Artist:
        """Put an artist into the library; what the artist has made is read a moment later."""
        number = max(self.artists, default=FIRST_ARTIST - 1) + 1
        ready = now + self.pace
        self.artists[number] = Artist(
            number, known.artist_id, known.album.artist, root, ready, monitor, to_monitor
        )
        return self.artists[number]

    def add_album(self, known: Known, artist: Artist, now: float, *, monitored: bool) -> Shelved:
        """Put an album into the library; its releases and tracks are read a moment later."""
        number = max(self.albums, default=FIRST_ALBUM - 1) + 1
        self.albums[number] = Shelved(number, artist, known, monitored, now + self.pace)
        return self.albums[number]

    def empty(self) -> None:
        """Be as new: no artist, no album, no file."""
        for shelved in self.albums.values():
            for path in shelved.files.values():
                path.unlink(missing_ok=True)
        self.albums.clear()
        self.artists.clear()

    def place(self, shelved: Shelved, track: Track) -> Path:
        """Where a track's file belongs on this machine."""
        return self.here / shelved.file_name(track)

    def named(self, path: Path) -> str:
        """What Lidarr calls a path of this machine."""
        return f"{self.there}/{path.relative_to(self.here).as_posix()}"

    def write(self, shelved: Shelved, tracks: tuple[Track, ...]) -> None:
        """Import real files."""
        for track in tracks:
            path = self.place(shelved, track)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(shelved.known.audio(track))
            shelved.files[track.number] = path

    def refresh(self, now: float) -> Iterator[Shelved]:
        """Read what there is to be read by now; the albums for which files were on the disk already."""
        for artist in [one for one in self.artists.values() if not one.scanned and one.ready_at <= now]:
            artist.scanned = True
            self._read(artist, now)
        for shelved in [one for one in self.albums.values() if not one.ready and one.ready_at <= now]:
            shelved.ready = True
            if self._scan(shelved):
                yield shelved

    def _read(self, artist: Artist, now: float) -> None:
        for known in self.known.values():
            if known.artist_id == artist.foreign_id and self.shelved(known.foreign_id) is None:
                self.add_album(known, artist, now, monitored=artist.monitor == "all")
        if artist.monitor == "none":
            for shelved in self.albums.values():
                if shelved.artist is artist:
                    shelved.monitored = shelved.known.foreign_id in artist.to_monitor

    def _scan(self, shelved: Shelved) -> bool:
        for track in shelved.known.album.tracks:
            path = self.place(shelved, track)
            if path.is_file():
                shelved.files[track.number] = path
        return bool(shelved.files)


def _has(album: Album, words: list[str]) -> bool:
    text = f"{album.artist} {album.title}".casefold()
    return all(word in text for word in words)
