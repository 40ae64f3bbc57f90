"""A title taken apart: the song's own words, subtitle, version words, guests, and who else may be named in it."""

from __future__ import annotations

import re
from functools import lru_cache

from attrs import field, frozen

from cratedig._matching import noise
from cratedig._matching.text import FEAT, fold, is_foreign
from cratedig._matching.versions import Version, spoken

_BRACKETS = re.compile(r"[(\[{【〈《]([^()\[\]{}【】〈〉《》]*)[)\]}】〉》]")
_DASH = re.compile(
    r"\s+[-–—―~|•·]+\s+|\s+[-–—|]+$|\s*\|\|?\s*|(?<=\w)_-_(?=\w)|(?<=[a-z])[-–—]\s+(?=\S)|\s+//\s+"
)
_SLASH = re.compile(r"\s+/\s+|\s+:\s+|(?<=\w\w):\s+(?=\S)")
_QUOTED = re.compile(r"^(\S.{0,60}?)[\s:]*(?:[\"“”„](.+?)[\"“”]|[「『](.+?)[」』]|\s['‘](.+?)['’])(?=\W|$)")
_GUESTS = re.compile(r"\s(?:feat|ft|featuring)\b\.?\s+(.*)$", re.IGNORECASE)
_WITH = re.compile(r"^(?:with|w/|con|mit|avec|duet with|and)\s+", re.IGNORECASE)
_BY = re.compile(r"^(?:prod|produced|cover(?:ed)? by|by|written by)\b", re.IGNORECASE)
_HEAD_VERSIONS = re.compile(
    r"(?:nightcore|karaoke|instrumental|8d(?: audio)?|sped up|slowed(?: and)?(?: reverb)?|mashup)"
)
_TAIL_VERSION = re.compile(
    r" (?:(?:live (?:at|from|on|in (?:concert|studio|session|the studio|the live lounge|\w+ \d{4})) ?.*|live \d{4}|live (?:session|performance|version)"
    r"|official live(?: video| hd)?|live (?:video|hd)|live aid(?: \d{4})?"
    r"|(?:the )?(?:karaoke|instrumental|acoustic|demo|orchestral|piano|live|extended|club|clean|dance)(?: (?:version|ver|mix|edit|video|instrumental))"
    r"|karaoke.*|instrumental|nightcore|sped up.*|slowed.*|8d audio|8d|a ?cappella|acoustic|(?:\w+ ){0,2}cover by .*|(?:acoustic |guitar |piano |violin |drum |metal |rock |live )?cover"
    r"|in the style of .*|made famous by .*|originally performed by .*|bass boosted|(?:\w+ )?remix|radio edit|extended mix|mashup|tutorial|reaction|remastered(?: \d{4})?|remaster))$"
)
_SHORT_DASH = re.compile(
    r"live\b.*|(?:\w+ ){0,6}(?:re ?mix|remix|rmx|mix|edit|rework|bootleg|version|ver|remaster|remastered|demo|take|session|sessions|flip|dub|cut|cover|remiks|unplugged)"
    r"(?: \d{4})?|(?:radio|single|album|extended|original|remix|bonus|remaster|remastered|demo|acoustic|instrumental|mono|stereo|outtake|alternate|unplugged|from) .*"
    r"|karaoke.*|(?:\d{4} )?(?:digital )?remaster(?:ed)?.*|acoustic|instrumental|demo|mono|reprise|intro|outro|interlude|skit|edit|remix|extended|cover(?:ed)? by .*|cover"
    r"|a ?cappella|nightcore|sped up.*|slowed.*|8d.*|in the style of .*|made famous by .*|originally performed by .*|tribute to .*|backing track.*"
    r"|(?:en|ao) vivo.*|en directo.*|take \d+.*|outtake|clean|piano solo|preview|bass boosted|tutorial|lesson|reaction|\w+ lesson|\w+ tutorial|mashup|acustico"
)
_DESCRIBING = frozenset(
    """live at in from on for with the a an of by and mtv version ver mix edit remix remixed remaster remastered digital digitally
    acoustic instrumental karaoke cover covered demo radio single extended original official video audio lyrics lyric hd hq 4k unplugged
    session sessions performance recording recorded take alternate alternative outtake mono stereo sped speed up slowed down reverb
    nightcore 8d tribute to style made famous originally performed instrumentals cappella acapella club dance full album bonus track
    edition anniversary tour concert feat ft rework bootleg re rerecorded bbc studio clean piano guitar solo intro outro reprise
    interlude preview version en vivo ao dal directo in concierto inch 7 12 long short music no vocals vocal only off backing""".split()
)


@frozen(kw_only=True)
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
                if word not in _DESCRIBING and not (drop_years and word.isdigit())
            )
        return bool(found)

    def bracket(self, found: re.Match[str]) -> str:
        """Sort one bracket's content into guests, versions, labels or subtitle."""
        inner, folded = found[1].strip(), fold(found[1])
        if not folded or _BY.match(inner) and not spoken(folded):
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
    """Every sensible way to read ``text``, most literal first. ``artist`` (folded) tells a leading name apart."""
    parts = _Parts()
    rest = _unbracketed(_tidy(text), parts)
    segments = _segments(rest, artist, parts)
    plain = _title(" ".join(segments), parts)
    found = [Split(artist="", title=plain)]
    for head, tail in _pairs(rest, segments):
        found.append(Split(artist=head, title=_title(tail, parts)))
    return tuple(dict.fromkeys(split for split in found if split.title.core))


def _tidy(text: str) -> str:
    text = noise.FILE_SUFFIX.sub("", text.strip())
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
    if len(segments) > 1 and _HEAD_VERSIONS.fullmatch(fold(segments[0])):
        parts.describe(fold(segments.pop(0)))
    while len(segments) > 1 and _is_label(fold(segments[-1]), parts):
        segments.pop()
    return segments


def _is_label(folded: str, parts: _Parts) -> bool:
    if noise.EDITION.search(folded):
        parts.editions.append(folded)
        return True
    if _SHORT_DASH.fullmatch(folded) and parts.describe(folded):
        return True
    return bool(noise.LABELS.fullmatch(folded) or noise.ORIGIN.fullmatch(folded))


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
        found = noise.TAIL.search(folded) or _TAIL_VERSION.search(folded)
        if not found or not folded[: found.start()].strip():
            return folded
        parts.describe(found[0].strip())
        folded = folded[: found.start()]
