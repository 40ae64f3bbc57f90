"""What an indexer has found, whichever indexer that is, and the target that it becomes."""

from __future__ import annotations

from attrs import field, frozen

from cratedig import Kind, NotFound, RawSearchResult, Wanted
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
    link: str = field(default="", repr=False)
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

    def result(self, target_id: str, wanted: Wanted) -> RawSearchResult:
        """The same as an album under that target."""
        named = read_name(self.title, self.categories, wanted.artist)
        return RawSearchResult(
            target_id=target_id,
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


def read_target(target_id: str, indexers: int) -> tuple[int, str]:
    """The indexer's number and the guid.

    :raises NotFound: there is no such indexer, or that is no target at all.
    """
    number, _, guid = target_id.partition(":")
    if not guid or len(guid) > LONGEST_GUID or number not in map(str, range(indexers)):
        raise NotFound(
            "the target is not the place of an indexer in the settings, from 0, a colon and a guid",
            hint="search for the album, and take what is found",
        )
    return int(number), guid
