"""The recordings that the emulated services offer: invented artists, albums, titles and ISRCs.

All emulators share one catalogue, so that the same recordings turn up at several services.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import evolve, frozen


@frozen(kw_only=True)
class Track:
    """One recording. ``seconds`` is how long it plays, ``number`` its place on the album."""

    artist: str
    title: str
    album: str = ""
    number: int = 1
    year: int = 2024
    isrc: str = ""
    seconds: float = 12.0

    @property
    def key(self) -> str:
        """A short stable name for identifiers and addresses: ``the-brass-lanterns-slow-tram-home``."""
        words = "".join(c if c.isascii() and c.isalnum() else " " for c in f"{self.artist} {self.title}")
        return "-".join(words.lower().split())


@frozen(kw_only=True)
class Album:
    """Tracks in their order, all by ``artist``."""

    artist: str
    title: str
    year: int
    tracks: tuple[Track, ...]

    @classmethod
    def of(cls, artist: str, title: str, year: int, names: Iterable[str], *, registrant: str) -> Album:
        """Make an album of invented tracks; ``registrant`` is the middle of their ISRCs (``CD1``)."""
        return cls(
            artist=artist,
            title=title,
            year=year,
            tracks=tuple(
                Track(
                    artist=artist,
                    title=name,
                    album=title,
                    number=number,
                    year=year,
                    isrc=f"QZ{registrant:>3}{year % 100:02}{number:05}",
                    seconds=10.0 + (number * 3) % 7,
                )
                for number, name in enumerate(names, 1)
            ),
        )


@frozen
class Catalogue:
    """What a service has. Tests plant their own with :meth:`plus`."""

    albums: tuple[Album, ...]

    def __iter__(self) -> Iterator[Track]:
        """Every track of every album."""
        return (track for album in self.albums for track in album.tracks)

    def plus(self, *tracks: Track) -> Catalogue:
        """Return the same with each of ``tracks`` on an album of its own, or in the place of its namesake."""
        names = {(track.artist, track.title) for track in tracks}
        kept = tuple(
            evolve(album, tracks=tuple(t for t in album.tracks if (t.artist, t.title) not in names))
            for album in self.albums
        )
        return Catalogue((*kept, *map(_single, tracks)))

    def search(self, text: str) -> list[Track]:
        """Tracks whose artist, title and album together hold every word of ``text``."""
        words = text.casefold().split()
        return [track for track in self if words and all(word in _haystack(track) for word in words)]


def _haystack(track: Track) -> str:
    return f"{track.artist} {track.title} {track.album}".casefold()


def _single(track: Track) -> Album:
    return Album(artist=track.artist, title=track.album or track.title, year=track.year, tracks=(track,))


DEFAULT = Catalogue(
    (
        Album.of(
            "The Brass Lanterns",
            "Slow Tram Home",
            2021,
            (
                "Slow Tram Home",
                "Copper Rain",
                "The Ferryman's Radio",
                "Eleven Paper Boats",
                "Winter Timetable",
                "Harbour Lights (Remastered)",
                "No Last Stop",
                "Depot Lullaby",
            ),
            registrant="CD1",
        ),
        Album.of(
            "Mira Oldenburg",
            "Glasshouse Songs",
            2019,
            ("Glasshouse", "Moth Season", "Tell the Gardener", "Vier Uhr früh"),
            registrant="CD2",
        ),
        Album.of(
            "Kettle & Moss",
            "Field Recordings of Nowhere",
            2016,
            ("Nowhere, Part One", "Nowhere, Part Two", "A Map of the Fog"),
            registrant="CD3",
        ),
    )
)
"""An album of eight tracks, one of four and one of three."""
