"""What an indexer has found, whichever indexer that is, and the target that it becomes."""

from __future__ import annotations

from typing import Protocol

from attrs import frozen

from cratedig import Check, Kind, NotFound, RawSearchResult, Wanted
from cratedig_usenet.titles import read_name

LONGEST_GUID = 1024
_NO_MUSIC = frozenset({3020, 3030})
"""Videos and spoken books, which are audio to Newznab."""


@frozen(kw_only=True)
class Release:
    """One posted release. ``link`` is where its NZB is: it holds somebody's key, so it is never shown.

    ``guid`` names it at its indexer, ``size`` is in bytes with all recovery files.
    """

    guid: str
    title: str
    link: str
    size: int | None = None
    categories: frozenset[int] = frozenset()
    grabs: int | None = None
    posted: str = ""
    indexer: str = ""
    artist: str = ""
    album: str = ""
    year: int | None = None

    @property
    def is_music(self) -> bool:
        """Whether its category lets it be."""
        return not self.categories & _NO_MUSIC

    def result(self, number: int, wanted: Wanted) -> RawSearchResult:
        """The same as an album that the indexer of that number offers."""
        named = read_name(self.title, self.categories, wanted.artist)
        return RawSearchResult(
            target_id=f"{number}:{self.guid}",
            kind=Kind.ALBUM,
            title=self.album or named.album,
            artist=self.artist or named.artist,
            album=self.album or named.album,
            year=self.year or named.year,
            quality=named.quality,
            size=self.size,
            popularity=self.grabs,
            extra={"release": self.title, "indexer": self.indexer, "posted": self.posted},
        )


class Indexer(Protocol):
    """Newznab or Prowlarr. Everything may raise a :class:`~cratedig.SourceError`."""

    async def search(self, query: str, wanted: Wanted) -> list[Release]:
        """Ask once."""
        ...

    async def nzb(self, guid: str, release: str, link: str) -> tuple[str, bytes]:
        """Name and content of the NZB; ``release`` and ``link`` are what a search has said, if any."""
        ...

    async def diagnose(self) -> Check:
        """Whether it answers to the key."""
        ...


def read_target(target_id: str, indexers: int) -> tuple[int, str]:
    """The indexer's number and the guid.

    :raises NotFound: there is no such indexer, or that is no target at all.
    """
    number, sign, guid = target_id.partition(":")
    if not (sign and guid and number.isascii() and number.isdecimal() and len(guid) <= LONGEST_GUID):
        raise NotFound("the target is not indexer:guid", hint="search for the album, and take what is found")
    if len(number) > 4 or int(number) >= indexers:  # noqa: PLR2004 - nobody has ten thousand
        raise NotFound(f"there is no indexer {number[:20]} in the settings; the first is 0")
    return int(number), guid
