r"""Artist, album, title and number out of a shared file's path.

People name their files as they like: ``@@abcde\Music\Artist\Album (2021)\01 - Title.flac``,
``mp3\Artist - 2021 - Album [320]\01. Artist - Title.mp3``, ``Artist - Album - 01 - Title.mp3``. What is not
sure is left out: the engine compares what there is.
"""

from __future__ import annotations

import re

from attrs import frozen

from cratedig import Wanted
from cratedig.reading import year

_NUMBERED = re.compile(r"(?:(\d)\s*[-.]\s*(?=\d\d\D))?(\d{1,3})(?:\s*[-.)_]+\s*|\s+)(?=\S)(.+)")
_SURE = re.compile(r"(?:\d\s*[-.]\s*)?(?:0\d+\D|\d{1,3}\s*(?:-|\.(?=\s)|\)))")
"""A leading number that is the track's: it has a zero before it, or a sign behind it ("21 Guns" has not)."""
_DISC = re.compile(r"(?:cd|dis[ck]|lp|vinyl|part)\s*[-_.#]?\s*(\d{1,2}|[a-d])\b.*", re.IGNORECASE)
_BRACKETS = re.compile(
    r"\[[^\[\]]*\]|\{[^{}]*\}|\((?:[^()]*\d{3,}[^()]*|flac|mp3|web|cd|vinyl)\)", re.IGNORECASE
)
_DASH = re.compile(r"(?<!\s)\s+[-–—]+\s+")  # noqa: RUF001 - people use them all
_YEAR_ONLY = re.compile(r"\(?(?:19|20)\d\d\)?")
_YEAR_FIRST = re.compile(r"^\(?(?:19|20)\d\d\)?\s*[-.]?\s+")
_NO_ARTIST = re.compile(
    r"@@.*|[a-z]:?|[#0-9a-z]\s*-\s*[#0-9a-z]|(?:my |the )?(?:music|musik|musique|m[uú]sica|audio|media|mp3s?"
    r"|flacs?|lossless|lossy|albums?|artists?|singles?|eps?|soundtracks?|compilations?|downloads?|complete[d]?"
    r"|incoming|shared?|shares?|soulseek|slsk|library|collection|various|other|new|data|home|public|torrents?"
    r"|hi-?res|vinyl|discography|unsorted|usenet|\d{4}s?)(?: files?| folder| library| music)?",
    re.IGNORECASE,
)


@frozen(kw_only=True)
class Names:
    """What a path tells."""

    title: str
    artist: str = ""
    album: str = ""
    number: int | None = None
    year: int | None = None


def of_file(path: str, wanted: Wanted | None = None) -> Names:
    """Read a file's path; ``wanted`` settles which of its parts is the artist."""
    *folders, name = path.split("\\")
    home = of_folder("\\".join(folders), wanted)
    stem = name.rpartition(".")[0] or name
    number, rest = _number(_spaced(stem), wanted)
    artist, title = _artist_and_title(rest, home, numbered=number is not None)
    if number is None and (inner := _NUMBERED.fullmatch(title)) and _SURE.match(title):
        number, title = int(inner[2]), inner[3]
    return Names(title=title, artist=artist, album=home.album, number=number or None, year=home.year)


def of_folder(path: str, wanted: Wanted | None = None) -> Names:
    """Read a folder's path as that of an album; ``title`` is the album's, too."""
    parts = [part for part in map(_spaced, path.split("\\")) if part]
    while len(parts) > 1 and _DISC.fullmatch(parts[-1]):
        parts.pop()
    own = parts[-1] if parts else ""
    above = parts[-2] if len(parts) > 1 and not _NO_ARTIST.fullmatch(parts[-2]) else ""
    artist = _wanted_one(parts, wanted)
    if not own or (_NO_ARTIST.fullmatch(own) and not above) or (artist == own and artist not in parts[:-1]):
        return Names(title="", artist=artist)
    plain = " ".join(_BRACKETS.sub(" ", own).split()) or own
    said = [part for part in _DASH.split(plain) if part and not _YEAR_ONLY.fullmatch(part)]
    album = _YEAR_FIRST.sub("", said[-1]) if said else plain
    artist = said[0] if len(said) > 1 else ""
    artist = artist or _DASH.split(above)[0]
    artist = _wanted_one([*said[:-1], *parts[:-1]], wanted) or artist
    return Names(title=album, artist=artist, album=album, year=year(own))


def disc(folder: str) -> str:
    """Return the disc's number where a folder is one disc of an album, else ""."""
    found = _DISC.fullmatch(_spaced(folder.rpartition("\\")[2]))
    return found[1].upper() if found else ""


def _artist_and_title(rest: str, home: Names, *, numbered: bool) -> tuple[str, str]:
    said = [part for part in _DASH.split(rest) if part]
    if len(said) < 2:  # noqa: PLR2004 - an artist and a title
        return home.artist, rest
    same = _key(said[0]) == _key(home.artist)
    if home.artist and not same and (numbered or _key(home.artist) != _key(said[1])):
        # Whoever sorts by artist writes "Title - Live" and seldom another's name.
        return home.artist, rest
    middle = [part for part in said[1:-1] if not part.isdecimal() and _key(part) != _key(home.album)]
    title = " - ".join([*middle, said[-1]]) if same else said[-1]
    return (home.artist if same else said[0]), title


def _number(stem: str, wanted: Wanted | None) -> tuple[int | None, str]:
    found = _NUMBERED.fullmatch(stem)
    titled = wanted is not None and bool(wanted.title) and _key(stem).startswith(_key(wanted.title))
    if found is None or not _SURE.match(stem) or titled:
        return None, stem
    return int(found[2]), found[3]


def _wanted_one(parts: list[str], wanted: Wanted | None) -> str:
    """Return the part that is the wanted artist, if one is."""
    key = _key(wanted.artist) if wanted else ""
    return next((part for part in parts if key and _key(part) == key), "")


def _spaced(name: str) -> str:
    spaced = name.replace("_", " ") if " " not in name else name
    return " ".join(spaced.split())


def _key(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())
