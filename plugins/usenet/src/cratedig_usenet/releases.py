"""What an indexer has found, whichever indexer that is, and the target that it becomes."""

from __future__ import annotations

from typing import Protocol
from urllib.parse import urlsplit

from attrs import field, frozen

from cratedig import Check, Kind, NotFound, RawSearchResult, Wanted
from cratedig_usenet.titles import read_name

LONGEST_GUID = 1024
_NO_MUSIC = frozenset({3020, 3030})
"""Videos and spoken books, which are audio to Newznab."""


def _address(link: str) -> str:
    """An address that can be asked, else ""."""
    try:
        parts = urlsplit(link.strip())
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return ""
    return link.strip() if sound else ""


@frozen(kw_only=True)
class Release:
    """One posted release. ``link`` is where its NZB is: it holds somebody's key, so it is never shown.

    ``guid`` names it at its indexer, ``size`` is in bytes with all recovery files.
    """

    guid: str
    title: str
    link: str = field(repr=False, converter=_address)
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
        """Whether it has a name, and a category that lets it be music."""
        named = bool(self.guid and self.title) and len(self.guid) <= LONGEST_GUID
        return named and not self.categories & _NO_MUSIC

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


class Links:
    """The addresses of the NZBs that searches have found of late, by target.

    Nothing depends on them, they only save a request; and they are kept nowhere else, for the keys in them.
    """

    def __init__(self, most: int = 1000) -> None:
        self._links: dict[str, str] = {}
        self._most = most

    def __repr__(self) -> str:
        """How many there are."""
        return f"<{len(self._links)} links>"

    def keep(self, target_id: str, link: str) -> None:
        """Remember one, and forget the oldest."""
        if link:
            self._links.pop(target_id, None)
            self._links[target_id] = link
        while len(self._links) > self._most:
            del self._links[next(iter(self._links))]

    def of(self, target_id: str) -> str:
        """The address; "" where none is known."""
        return self._links.get(target_id, "")


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
