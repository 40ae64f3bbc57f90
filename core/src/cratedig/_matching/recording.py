"""What can be known of a recording from what one result, or one wish, says of it."""

from __future__ import annotations

import re
from functools import lru_cache

from attrs import frozen

from cratedig._matching.names import Names, names
from cratedig._matching.phrases import any_of
from cratedig._matching.text import compact, fold
from cratedig._matching.titles import Title, splits
from cratedig._matching.versions import Version, spoken
from cratedig._model import Kind, RawSearchResult, Wanted

_ISRC = re.compile(r"[A-Z]{2}[A-Z0-9]{3}\d{7}")
_ALBUM_LIVE = re.compile(
    any_of(
        r"\blive (?:at|in|from|on)\b, (?<=\w )live$, ^live(?: \d{4})?$, \bunplugged\b, \bin concert\b,"
        r" \b(?:ao|en) vivo\b,"
        r" \b(?:bbc|peel) sessions\b"
    )
)
_LONGEST = 1_024
"""Characters of a name that are looked at; the longest real titles have some 900."""

_ALBUM_WHOLE = frozenset({Version.KARAOKE, Version.TRIBUTE, Version.NIGHTCORE, Version.A_CAPPELLA})
_ARTIST_WHOLE = frozenset(
    {Version.KARAOKE, Version.TRIBUTE, Version.NIGHTCORE, Version.COVER, Version.LESSON}
)
_LIVE_WORDS = frozenset(
    {
        "live",
        "at",
        "in",
        "from",
        "on",
        "the",
        "unplugged",
        "mtv",
        "concert",
        "session",
        "sessions",
        "a",
        "and",
        "of",
    }
)


@frozen(kw_only=True)
class Reading:
    """One way to read a result. ``embedded`` when the artist was named in the title and not in his field."""

    artist: Names
    title: Title
    embedded: bool = False


@frozen(kw_only=True)
class Recording:
    """The comparable facts; ``duration`` in seconds, ``album`` folded, ``isrc`` empty when malformed."""

    kind: Kind
    readings: tuple[Reading, ...]
    album: str = ""
    duration: float | None = None
    isrc: str = ""
    year: int | None = None
    track_count: int | None = None

    @property
    def literal(self) -> Reading:
        """The reading that takes the fields at their word."""
        return self.readings[0]


def of_result(result: RawSearchResult) -> Recording:
    """The facts of one answer of a source."""
    return Recording(
        kind=result.kind,
        readings=readings(
            result.title[:_LONGEST],
            result.artist[:_LONGEST],
            result.album[:_LONGEST] if result.kind is Kind.TRACK else "",
        ),
        album=_album(result.album[:_LONGEST]),
        duration=result.duration or None,
        isrc=isrc(result.isrc),
        year=result.year,
        track_count=result.track_count,
    )


def of_wanted(wanted: Wanted) -> Recording:
    """The facts of a wish that names fields. Its title is taken at its word."""
    title = wanted.album if wanted.kind is Kind.ALBUM else wanted.title
    said = readings(title, wanted.artist, wanted.album if wanted.kind is Kind.TRACK else "")
    return Recording(
        kind=wanted.kind,
        readings=said[:1],
        album=_album(wanted.album),
        duration=wanted.duration or None,
        isrc=isrc(wanted.isrc),
        year=wanted.year,
    )


def isrc(text: str | None) -> str:
    """The twelve characters, or nothing: a malformed code would join what does not belong together."""
    code = re.sub(r"[\s-]", "", text or "").upper()
    return code if _ISRC.fullmatch(code) else ""


@lru_cache(maxsize=32_768)
def readings(title: str, artist: str = "", album: str = "") -> tuple[Reading, ...]:
    """Every sensible way to read a result, most literal first."""
    credit = names(artist)
    found = []
    for split in splits(title, fold(artist)) or splits(artist):
        who = names(split.artist) if split.artist else credit
        found.append(
            Reading(artist=who, title=_with_album(split.title, album, artist), embedded=bool(split.artist))
        )
    return tuple(found) or (Reading(artist=credit, title=Title(core="", whole="")),)


def _with_album(title: Title, album: str, artist: str) -> Title:
    """``title`` with the versions that only the album or the artist's name gives away."""
    folded = fold(album) if album else ""
    found = spoken(folded) & _ALBUM_WHOLE | spoken(fold(artist)) & _ARTIST_WHOLE
    live = bool(folded and _ALBUM_LIVE.search(folded))
    if live:
        found |= {Version.LIVE}
    if not found:
        return title
    place = frozenset(folded.split()) - _LIVE_WORDS if live else frozenset()
    return Title(
        core=title.core,
        whole=title.whole,
        subtitle=title.subtitle,
        versions=title.versions | found,
        qualifiers=title.qualifiers or place,
        guests=title.guests,
        foreign=title.foreign,
        edition=title.edition,
    )


def _album(text: str) -> str:
    said = splits(text) if text else ()
    return compact(said[0].title.core) if said else ""


def versions(title: str, album: str = "") -> frozenset[Version]:
    """Which version of a song ``title`` speaks of, with a hint from the album; none for the usual one."""
    return readings(title, "", album)[0].title.versions
