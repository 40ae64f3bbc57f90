"""What someone is looking for."""

from __future__ import annotations

from enum import StrEnum

from attrs import field, frozen

from cratedig._model import checks


class Kind(StrEnum):
    """What one search result or download stands for."""

    TRACK = "track"
    ALBUM = "album"

    @property
    def other(self) -> Kind:
        """The kind that this one is not."""
        return Kind.ALBUM if self is Kind.TRACK else Kind.TRACK


@frozen(kw_only=True)
class Wanted:
    """A recording or an album that someone looks for; every field may be left out, but not all of them.

    ``duration`` is in seconds, ``isrc`` the twelve characters without dashes. ``text`` is free text, for
    when nothing better is known.
    """

    artist: str = field(default="", validator=checks.text)
    title: str = field(default="", validator=checks.text)
    album: str = field(default="", validator=checks.text)
    duration: float | None = field(default=None, validator=checks.maybe(checks.number))
    isrc: str | None = field(default=None, validator=checks.maybe(checks.text))
    track_number: int | None = field(default=None, validator=checks.maybe(checks.whole))
    year: int | None = field(default=None, validator=checks.maybe(checks.whole))
    text: str = field(default="", validator=checks.text)

    def __attrs_post_init__(self) -> None:
        """Refuse a wish that says nothing."""
        if not (self.query or self.isrc):
            raise ValueError("nothing to look for: give an artist, a title, an album, an ISRC or free text")

    @property
    def kind(self) -> Kind:
        """An album when an album is named and no title is; a track otherwise."""
        return Kind.ALBUM if self.album and not self.title else Kind.TRACK

    @property
    def query(self) -> str:
        """The words to hand to a service's search box."""
        return (
            self.text.strip()
            or " ".join(part for part in (self.artist, self.title or self.album) if part).strip()
        )

    @classmethod
    def of(cls, wish: str | Wanted) -> Wanted:
        """``wish`` itself, or free text made into a :class:`Wanted`."""
        return wish if isinstance(wish, Wanted) else cls(text=wish)
