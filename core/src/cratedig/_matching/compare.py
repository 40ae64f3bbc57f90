"""Two recordings held side by side, fact by fact, before anyone decides anything."""

from __future__ import annotations

from enum import Enum
from functools import lru_cache

from attrs import frozen

from cratedig._matching.names import alike, names
from cratedig._matching.recording import Reading, Recording
from cratedig._matching.similar import Likeness, likeness, similarity
from cratedig._matching.titles import Title
from cratedig._matching.versions import SAME_RECORDING
from cratedig._model import Kind

TOLERANCE_SECONDS = 4.0
TOLERANCE_SHARE = 0.03
"""How far apart two durations of one recording may lie: services round, pad and trim."""


class Fact(Enum):
    """What one field says: the same, different, or nothing because one side does not tell."""

    AGREES = "agrees"
    UNKNOWN = "unknown"
    NEAR = "near"
    """Up to twice the tolerance: no proof of either."""
    DIFFERS = "differs"


@frozen(kw_only=True)
class Comparison:
    """The facts of one pair, in ``ours`` and ``theirs``, the readings that fit best.

    Similarities are 0 to 1, for ordering, and computed when they are asked for: no decision needs them.
    """

    ours: Reading
    theirs: Reading
    title: Likeness
    title_known: bool
    artist: Likeness
    artist_known: bool
    versions: bool
    qualifiers: Fact
    guests: Fact
    duration: Fact
    album: Fact
    isrc: Fact
    embedded: bool

    @property
    def title_similarity(self) -> float:
        """How alike the titles are, without what stands in brackets."""
        return similarity(self.ours.title.core, self.theirs.title.core)

    @property
    def artist_similarity(self) -> float:
        """How alike the credits are."""
        return similarity(self.ours.artist.whole, self.theirs.artist.whole)


def compare(left: Recording, right: Recording) -> Comparison:
    """The facts in which two recordings agree and differ."""
    pairs = [(mine, other) for mine in left.readings for other in right.readings]
    ours, theirs = pairs[0] if len(pairs) == 1 else max(pairs, key=lambda pair: _fit(*pair))
    albums = left.kind is Kind.ALBUM
    return Comparison(
        ours=ours,
        theirs=theirs,
        title=_title(ours.title, theirs.title),
        title_known=bool(ours.title.core and theirs.title.core),
        artist=_artist(ours, theirs),
        artist_known=ours.artist.known and theirs.artist.known,
        versions=_same_versions(ours.title, theirs.title)
        and not (albums and ours.title.edition != theirs.title.edition),
        qualifiers=_words(ours.title.qualifiers, theirs.title.qualifiers),
        guests=_guests(ours, theirs),
        duration=Fact.UNKNOWN if albums else duration_fact(left.duration, right.duration),
        album=_equal(left.album, right.album),
        isrc=_equal(left.isrc, right.isrc),
        embedded=_guessed(ours, left) or _guessed(theirs, right),
    )


def _guessed(reading: Reading, recording: Recording) -> bool:
    # A channel of the artist's own is as good as an artist field; anybody else's may hold a cover.
    uploader = recording.literal.artist
    return reading.embedded and uploader.known and not alike(reading.artist, uploader)


def _fit(ours: Reading, theirs: Reading) -> tuple[int, int, float]:
    title, artist = _title(ours.title, theirs.title), _artist(ours, theirs)
    both = int(title) + int(artist) if title and artist else 0
    return both, int(title), similarity(ours.title.core, theirs.title.core)


def _title(left: Title, right: Title) -> Likeness:
    """Subtitles may be left out on one side, but two of them have to agree."""
    foreign = left.foreign or right.foreign
    whole = likeness(left.whole, right.whole, foreign)
    if whole is Likeness.EXACT or bool(left.subtitle) == bool(right.subtitle):
        return max(whole, _turned(left, right))
    with_subtitle, without = (left, right) if left.subtitle else (right, left)
    if foreign and likeness(with_subtitle.subtitle, without.core, foreign=True):
        return Likeness.CLOSE
    return max(whole, min(Likeness.CLOSE, likeness(left.core, right.core, foreign)))


def _turned(left: Title, right: Title) -> Likeness:
    """Whether a subtitle stands in front on one side and behind on the other."""
    same = bool(left.subtitle) and sorted(left.whole.split()) == sorted(right.whole.split())
    return Likeness.EXACT if same else Likeness.DIFFERENT


def _artist(ours: Reading, theirs: Reading) -> Likeness:
    return alike(ours.artist, theirs.artist, extra=_people(ours.title) + _people(theirs.title))


def _people(title: Title) -> tuple[str, ...]:
    return _credited(title.guests) if title.guests else ()


@lru_cache(maxsize=8_192)
def _credited(guests: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(person for credit in guests for person in names(credit).each)


def _same_versions(left: Title, right: Title) -> bool:
    return left.versions - SAME_RECORDING == right.versions - SAME_RECORDING


def _words(left: frozenset[str], right: frozenset[str]) -> Fact:
    if not left and not right:
        return Fact.AGREES
    if not left or not right:
        return Fact.UNKNOWN
    shared = len(left & right)
    return Fact.AGREES if 2 * shared >= min(len(left), len(right)) else Fact.DIFFERS


def _guests(ours: Reading, theirs: Reading) -> Fact:
    mine = {*_people(ours.title), *ours.artist.guests}
    others = {*_people(theirs.title), *theirs.artist.guests}
    if mine == others:  # nobody at all on either side, as a rule
        return Fact.AGREES
    if mine <= {*others, *theirs.artist.each} and others <= {*mine, *ours.artist.each}:
        return Fact.AGREES
    return Fact.DIFFERS if mine and others and not mine & others else Fact.UNKNOWN


def duration_fact(left: float | None, right: float | None) -> Fact:
    """What two durations in seconds say."""
    if left is None or right is None:
        return Fact.UNKNOWN
    drift = abs(left - right) / max(TOLERANCE_SECONDS, TOLERANCE_SHARE * max(left, right))
    return Fact.AGREES if drift <= 1 else Fact.NEAR if drift <= 2 else Fact.DIFFERS  # noqa: PLR2004


def _equal(left: str, right: str) -> Fact:
    if not left or not right:
        return Fact.UNKNOWN
    return Fact.AGREES if left == right else Fact.DIFFERS
