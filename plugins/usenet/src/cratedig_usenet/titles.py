"""Names of releases: who, what, when and how good.

Posters write ``Artist-Album-CD-FLAC-2024-GRP``, ``Artist - Album (2024) [24bit]`` and all between.
"""

from __future__ import annotations

import re

from attrs import frozen

from cratedig import Quality

LOSSLESS_CATEGORY, MP3_CATEGORY = 3040, 3010

_YEAR = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})(?![0-9])")
_BRACKETS = re.compile(r"[(\[{][^()\[\]{}]*[)\]}]")
_WORD = re.compile(
    r"\d{0,2}(?:cd|lp)s?|cdep|cdm|cdr|ep|vinyl|web(?:flac)?|flac|alac|mp3|aac|ogg|opus|lossless|(?:24|16)(?:bits?)?|"
    r"bits?|\d{2,3}(?:[.,]\d)?(?:khz|kbps)?|v[0-9]|vbr|cbr|(?:19|20)\d{2}|retail|proper|repack|reissue|promo|"
    r"yenc|sacd|dvda|remastered",
    re.IGNORECASE,
)
"""A word about the medium, the coding or the edition, none of the music."""
_LOSSLESS = re.compile(r"\b(flac|alac|ape|wavpack|wav)\b", re.IGNORECASE)
_LOSSY = re.compile(r"\b(mp3|aac|opus|ogg|vorbis|320|256|192|v0|v2)\b", re.IGNORECASE)
_CODECS = {"aac": "aac", "opus": "opus", "ogg": "vorbis", "vorbis": "vorbis"}
_BITRATE = re.compile(r"\b(320|256|192)(?:\s?k(?:bps)?)?\b", re.IGNORECASE)
_DEPTH = re.compile(r"\b(24|16)(?:\s?bits?\b|[ ./](?=44|48|88|96|176|192))", re.IGNORECASE)


@frozen(kw_only=True)
class Named:
    """What a release's name says; "" and ``None`` where it does not."""

    artist: str
    album: str
    year: int | None
    quality: Quality | None


def read_name(name: str, categories: frozenset[int] = frozenset(), artist: str = "") -> Named:
    """Take a release's name apart.

    ``artist`` is who is looked for: where the name begins with it, a hyphen in it does not part it.
    """
    line = _spaced(name)
    who, rest = _parted(line, artist)
    years = _YEAR.findall(line)
    return Named(
        artist=who,
        album=_album(rest) or line,
        year=int(years[-1]) if years else None,
        quality=read_quality(line, categories),
    )


def published_name(release: str) -> str:
    """What to call its folder: "artist - album" where the name tells both."""
    named = read_name(release)
    return " - ".join(filter(None, (named.artist, named.album)))


def read_quality(line: str, categories: frozenset[int] = frozenset()) -> Quality | None:
    """Codec, depth and bitrate as far as the name tells, else what the category says."""
    words = re.sub(r"[-_\[\](){}]+", " ", line)
    if found := _LOSSLESS.search(words):
        depth = _DEPTH.search(words)
        return Quality(codec=found[1].lower(), bit_depth=int(depth[1]) if depth else None)
    if found := _LOSSY.search(words):
        named, bitrate = found[1].lower(), _BITRATE.search(words)
        codec = _CODECS.get(named, "mp3")
        return Quality(codec=codec, bitrate=int(bitrate[1]) if bitrate and codec == "mp3" else None)
    if LOSSLESS_CATEGORY in categories:
        return Quality(lossless=True)
    return Quality(codec="mp3") if MP3_CATEGORY in categories else None


def _spaced(name: str) -> str:
    """Scene names have dots or underscores for blanks."""
    line = name.replace("_", " ").strip()
    return line if " " in line else line.replace(".", " ").strip()


def _parted(line: str, artist: str) -> tuple[str, str]:
    if words := re.findall(r"\w+", artist):
        head = re.match(r"\W*" + r"[\W_]+".join(map(re.escape, words)) + r"(?!\w)", line, re.IGNORECASE)
        if head and (rest := line[head.end() :].strip(" -")):
            return line[: head.end()].strip(" -"), rest
    who, sign, rest = line.partition(" - " if " - " in line else "-")
    return (who.strip(" -"), rest.strip(" -")) if sign and rest.strip(" -") else ("", line)


def _album(rest: str) -> str:
    """The words up to the first part that is about the medium; brackets about it are gone."""
    plain = _BRACKETS.sub(lambda bracket: " " if _is_technical(bracket[0]) else bracket[0], rest)
    parts = re.split(r"(\s+-\s+|(?<=\S)-(?=\S))", plain)
    kept = parts[:1]
    for sign, part in zip(parts[1::2], parts[2::2], strict=True):
        if _is_technical(part):
            break
        kept += [sign, part]
    words = "".join(kept).split()
    while len(words) > 1 and _WORD.fullmatch(words[-1]):
        words.pop()
    return " ".join(words).strip(" -")


def _is_technical(part: str) -> bool:
    words = re.findall(r"[\w.,]+", part)
    return not words or _WORD.fullmatch(words[0]) is not None or _WORD.fullmatch(words[-1]) is not None
