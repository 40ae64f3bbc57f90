"""The songs that the emulated Qobuz has: in which formats, and under which conditions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from attrs import evolve, frozen

from cratedig_emulators.audio import make_audio
from cratedig_emulators.catalogue import Album, Catalogue, Track

BY_FORMAT_AVAILABILITY = "FormatRestrictedByFormatAvailability"
FORMATS = (27, 7, 6, 5)
"""The best first."""
SAMPLE_SECONDS = 30

_BEST = ((24, 96), (16, 44.1), (24, 192), (24, 44.1))
_LONG = 75.0


@frozen(kw_only=True)
class Song:
    """One track at Qobuz.

    ``depth`` in bits and ``rate`` in kHz are the best it comes in. ``restrictions`` are the codes with which
    its file is refused. ``refused`` formats have no address; those that it lacks fall back to a lower one.
    ``sample`` hands out 30 seconds in its place, and ``told`` says in which ways that is to be seen:
    ``flag``, ``duration``, ``range``. With ``texts``, its numbers are written as texts.
    """

    track: Track
    id: int
    album_id: str
    depth: int = 24
    rate: float = 96
    formats: tuple[int, ...] = FORMATS
    refused: tuple[int, ...] = ()
    restrictions: tuple[str, ...] = ()
    sample: bool = False
    told: tuple[str, ...] = ("flag", "duration", "range")
    streamable: bool | None = True
    removed: bool = False
    version: str | None = None
    disc: int = 1
    composer: str = ""
    texts: bool = False

    @property
    def available(self) -> tuple[int, ...]:
        """The formats that it really comes in: one that it is not good enough for falls away."""
        best = 27 if self.rate > 96 else 7 if self.depth > 16 else 6  # noqa: PLR2004 -- Qobuz' own limits
        return tuple(one for one in self.formats if FORMATS.index(one) >= FORMATS.index(best))

    def answered(self, asked: int) -> int:
        """The format that comes when ``asked`` is asked for; 0 for none."""
        lower = FORMATS[FORMATS.index(asked) :]
        return next((one for one in lower if one in self.available), 0)

    def sound(self, format_id: int) -> tuple[str, int | None, float]:
        """MIME type, bits and kHz of one of its formats."""
        if format_id == 5:  # noqa: PLR2004
            return "audio/mpeg", None, 44.1
        limits = {6: (16, 44.1), 7: (24, 96), 27: (24, 192)}[format_id]
        return "audio/flac", min(self.depth, limits[0]), min(self.rate, limits[1])

    def file(self, format_id: int) -> bytes:
        """The bytes; a sample's where it is one."""
        seconds = min(self.track.seconds, SAMPLE_SECONDS) if self.sample else self.track.seconds
        _, depth, rate = self.sound(format_id)
        if format_id == 5:  # noqa: PLR2004
            return make_audio(self.track, codec="mp3", seconds=seconds, bitrate=320)
        return make_audio(self.track, seconds=seconds, bit_depth=depth or 16, sample_rate=round(rate * 1000))


def songs(catalogue: Catalogue) -> Iterator[Song]:
    """The catalogue's, each album in another quality, then what clients stumble over."""
    for number, album in enumerate(one for one in catalogue.albums if one.tracks):
        depth, rate = _BEST[number % len(_BEST)]
        yield from (
            Song(track=track, id=_id(track), album_id=_album_id(album, number), depth=depth, rate=rate)
            for track in album.tracks
        )
    yield from oddities()


ODD = "Ada Quillfeather"
"""By whom everything is that cannot be had, or not in the usual way."""


def oddities() -> Iterator[Song]:
    """One song for each way of Qobuz to say no, and for each way to say yes that is easily misread."""
    refusals = {
        "Elsewhere": "TrackRestrictedByTerritorialAvailability",
        "Withheld": "TrackRestrictedByRightHolders",
        "No Rights": "TrackRestrictedByRights",
        "No Sample Either": "SampleRestrictedByRightHolders",
        "Withdrawn": "TrackUnavailable",
        "Album Withdrawn": "AlbumUnavailable",
        "For Sale": "TrackRestrictedByPurchaseCredentials",
        "No Format": BY_FORMAT_AVAILABILITY,
        "New Reason": "TrackHiddenBehindTheMoon",
    }
    for title, code in refusals.items():
        yield evolve(_odd(title), restrictions=(code,))
    samples = {"Only Short": ("duration",), "Only in the Address": ("range",), "Only Flagged": ("flag",)}
    for title, told in {**samples, "Unsaid": ()}.items():
        yield evolve(_odd(title, _LONG), sample=True, told=told)
    yield evolve(_odd("Half a Minute", _LONG), sample=True, depth=24, rate=96)
    yield evolve(_odd("Unsubscribed", _LONG), sample=True, restrictions=("UserUncredentialed",))
    yield evolve(_odd("Lossy Only"), formats=(5,))
    yield evolve(_odd("Third Time Lucky"), depth=24, rate=192, refused=(27, 7))
    yield evolve(_odd("Less Than Told"), formats=(6, 5), depth=24, rate=96)
    yield evolve(_odd("Next Month"), streamable=False)
    yield evolve(_odd("Unmarked"), streamable=None)
    yield evolve(_odd("Gone"), removed=True)
    yield evolve(_odd("Again"), version="Remastered", disc=2, texts=True, depth=24)
    yield evolve(_odd("Prelude"), composer=ODD, depth=24, rate=88.2)


def _odd(title: str, seconds: float = 10.0) -> Song:
    track = Track(
        artist=ODD, title=title, album="Small Print", seconds=seconds, isrc=f"QZQ01{_digits(title):07}"
    )
    return Song(track=track, id=_id(track), album_id="0601234567890", depth=16, rate=44.1)


def _id(track: Track) -> int:
    return 10_000_000 + _digits(track.key)


def _digits(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest(), 16) % 10_000_000


def _album_id(album: Album, number: int) -> str:
    """Letters and digits, or the digits of a UPC with its zeros in front."""
    digest = hashlib.sha256(f"{album.artist} {album.title}".encode()).hexdigest()
    return f"{_digits(digest):013}" if number % 2 else digest[:13]
