"""A title taken apart: the song's own words, subtitle, version words, guests, and who else is named in it."""

# ruff: noqa: RUF001 - the look-alike signs are what it is about

from __future__ import annotations

import re
from functools import lru_cache

from attrs import field, frozen

from cratedig._matching import descriptions, noise
from cratedig._matching.text import FEAT, fold, is_foreign
from cratedig._matching.versions import Version, spoken

_BRACKETS = re.compile(r"[(\[{【〈《]([^()\[\]{}【】〈〉《》]*)[)\]}】〉》]")
_DASH = re.compile(
    r"\s+[-–—―~|•·]+\s+|\s+[-–—|]+$|\s*\|\|?\s*|(?<=\w)_-_(?=\w)|(?<=[a-z])[-–—]\s+(?=\S)|\s+//\s+"
)
_SLASH = re.compile(r"\s+/\s+|\s+:\s+|(?<=\w\w):\s+(?=\S)")
_QUOTED = re.compile(r"^(\S.{0,60}?)[\s:]*(?:[\"“”„](.+?)[\"“”]|[「『](.+?)[」』]|\s['‘](.+?)['’])(?=\W|$)")
_QUOTE = re.compile(r"[\"“”„«»]|\b(?:soundtrack|ost)\b", re.IGNORECASE)
_GUESTS = re.compile(r"\s(?:feat|ft|featuring)\b\.?\s+(.*)$", re.IGNORECASE)
_WITH = re.compile(r"^(?:with|w/|con|mit|avec|duet with|and)\s+", re.IGNORECASE)
_BY = re.compile(r"^(?:prod|produced|cover(?:ed)? by|by|written by)\b", re.IGNORECASE)


@frozen(kw_only=True, cache_hash=True)
class Title:
    """``core`` are the song's own words, ``whole`` those and the ``subtitle`` in brackets; all folded."""

    core: str
    whole: str
    subtitle: str = ""
    versions: frozenset[Version] = frozenset()
    qualifiers: frozenset[str] = frozenset()
    guests: tuple[str, ...] = ()
    foreign: bool = False
    edition: str = ""


@frozen(kw_only=True)
class Split:
    """One way to read a string as artist and title. ``artist`` is empty where the string names none."""

    artist: str
    title: Title


@frozen
class _Parts:
    """What was taken out of a title on the way to its core."""

    versions: set[Version] = field(factory=set)
    qualifiers: set[str] = field(factory=set)
    guests: list[str] = field(factory=list)
    subtitles: list[str] = field(factory=list)
    editions: list[str] = field(factory=list)

    def describe(self, folded: str) -> bool:
        """Take in a segment that names versions; false when it names none."""
        found = spoken(folded)
        self.versions.update(found)
        if found:
            drop_years = found == {Version.REMASTER}
            self.qualifiers.update(
                word
                for word in folded.split()
                if word not in descriptions.WORDS and not (drop_years and word.isdigit())
            )
        return bool(found)

    def bracket(self, found: re.Match[str]) -> str:
        """Sort one bracket's content into guests, versions, labels or subtitle."""
        inner, folded = found[1].strip(), fold(found[1])
        if not folded or (_BY.match(inner) and not spoken(folded)):
            return " "
        if FEAT.match(inner) or (_WITH.match(inner) and not spoken(folded)):
            self.guests.append(_WITH.sub("", FEAT.sub("", inner, count=1)))
        elif noise.EDITION.search(folded):
            self.editions.append(folded)
        elif not (noise.LABELS.fullmatch(folded) and not spoken(folded)) and not self.describe(folded):
            self._other(folded)
        return " "

    def _other(self, folded: str) -> None:
        if not noise.LABELS.fullmatch(folded) and not noise.ORIGIN.fullmatch(folded):
            self.subtitles.append(folded)


def _names_version(folded: str) -> bool:
    return bool(spoken(folded) - {Version.MIX})


@lru_cache(maxsize=32_768)
def splits(text: str, artist: str = "") -> tuple[Split, ...]:
    """Return every way to read ``text``, most literal first; ``artist`` (folded) may lead it."""
    parts = _Parts()
    rest = _unbracketed(_tidy(text), parts)
    segments = _segments(rest, artist, parts)
    plain = _title(" ".join(segments), parts)
    found = [Split(artist="", title=plain)]
    for head, tail in _pairs(rest, segments):
        found.append(Split(artist=head, title=_title(tail, parts)))
    return tuple(dict.fromkeys(split for split in found if split.title.core))


def _tidy(text: str) -> str:
    text = noise.FILE_SUFFIX.sub("", " ".join(text.split()))
    if "_" in text and " " not in text:
        text = text.replace("_", " ")
    text = text.replace("（", "(").replace("）", ")").replace("／", " / ").replace("：", ": ")
    return noise.TRACK_NUMBER.sub("", text)


def _unbracketed(text: str, parts: _Parts) -> str:
    for _depth in range(3):
        text, count = _BRACKETS.subn(parts.bracket, text)
        if not count:
            break
    guests = _GUESTS.search(text)
    if guests:
        head, *tail = _DASH.split(guests[1], maxsplit=1)
        parts.guests.append(head)
        text = " - ".join([text[: guests.start()], *tail])
    return text


def _segments(text: str, artist: str, parts: _Parts) -> list[str]:
    segments = [segment.strip() for segment in _DASH.split(text) if segment and fold(segment)]
    if len(segments) > 1 and artist and fold(segments[0]) == artist:
        segments = segments[1:]
    if len(segments) > 1 and descriptions.HEAD.fullmatch(fold(segments[0])):
        parts.describe(fold(segments.pop(0)))
    # The last two may be an artist and a title that looks like a label: "Madonna - Music".
    while len(segments) > 1 and _is_label(segments[-1], parts, sure=len(segments) == 2):  # noqa: PLR2004
        segments.pop()
    return segments


def _is_label(segment: str, parts: _Parts, *, sure: bool) -> bool:
    """Whether a segment behind a dash is no part of the title; ``sure`` when it takes more than a hint."""
    folded = fold(segment)
    if noise.EDITION.search(folded):
        parts.editions.append(folded)
        return True
    if descriptions.DASHED.fullmatch(folded) and parts.describe(folded):
        return True
    if noise.ORIGIN.fullmatch(folded) and (not sure or _QUOTE.search(segment)):
        return True
    return bool(noise.LABELS.fullmatch(folded) and (not sure or noise.PLAIN_LABEL.search(folded)))


def _pairs(rest: str, segments: list[str]) -> list[tuple[str, str]]:
    pairs = (
        [(segments[0], " ".join(segments[1:])), (segments[-1], " ".join(segments[:-1]))]
        if len(segments) > 1
        else []
    )
    if len(segments) > 2:  # noqa: PLR2004  # artist, album, title is how shared folders name their files
        pairs.append((segments[0], segments[-1]))
    if not pairs:
        left, *right = _SLASH.split(rest, maxsplit=1)
        pairs = [(left, right[0]), (right[0], left)] if right else []
    quoted = _QUOTED.match(rest)
    if quoted:
        pairs.append((quoted[1], next(inner for inner in quoted.groups()[1:] if inner)))
    return [(head, tail) for head, tail in pairs if fold(head) and fold(tail)]


def _title(text: str, parts: _Parts) -> Title:
    own = _Parts(versions=set(parts.versions), qualifiers=set(parts.qualifiers))
    core = _without_tail(fold(text), own) if text else ""
    subtitle = " ".join(parts.subtitles)
    if not core:
        core, subtitle = subtitle, ""
    whole = fold(text) if not subtitle else f"{core} {subtitle}"
    return Title(
        core=core,
        whole=core if not subtitle else whole,
        subtitle=subtitle,
        versions=frozenset(own.versions),
        qualifiers=frozenset(own.qualifiers),
        guests=tuple(parts.guests),
        foreign=is_foreign(text) or any(map(is_foreign, parts.subtitles)),
        edition=" ".join(sorted(parts.editions)),
    )


def _without_tail(folded: str, parts: _Parts) -> str:
    while True:
        found = noise.TAIL.search(folded) or descriptions.TAIL.search(folded)
        if not found or not folded[: found.start()].strip():
            return folded
        parts.describe(found[0].strip())
        folded = folded[: found.start()]
