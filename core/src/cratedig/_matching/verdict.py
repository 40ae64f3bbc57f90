"""Whether two results are one recording, and on what evidence."""

from __future__ import annotations

from attrs import frozen

from cratedig._matching.compare import Comparison, Fact, compare
from cratedig._matching.recording import Recording, of_result
from cratedig._matching.similar import Likeness
from cratedig._model import Kind, RawSearchResult

_UNLIKE = 0.4
"""Titles less alike than this with one ISRC: the code was copied to the wrong song."""


@frozen
class Verdict:
    """``same`` is the decision, ``score`` (0 to 1) how well the two fit, ``evidence`` the reasons."""

    same: bool
    score: float
    evidence: tuple[str, ...]


def same_recording(left: RawSearchResult, right: RawSearchResult) -> Verdict:
    """Whether two results are one recording (two albums: one release). Unsure counts as no."""
    return judge(of_result(left), of_result(right))


def judge(left: Recording, right: Recording) -> Verdict:
    """:func:`same_recording` on facts that were taken out of the results before."""
    if left.kind is not right.kind:
        return Verdict(same=False, score=0.0, evidence=("a track and an album",))
    facts = compare(left, right)
    if left.kind is Kind.TRACK and facts.isrc is Fact.AGREES:
        return by_isrc(facts)
    if refused := _refused(left, right, facts):
        most = 1.0 if left.kind is Kind.ALBUM else 0.5
        return Verdict(same=False, score=min(weigh(facts), most), evidence=(refused,))
    return Verdict(same=True, score=weigh(facts), evidence=_reasons(facts))


def is_same(left: Recording, right: Recording) -> bool:
    """:func:`judge`'s decision alone, for half of the work: nothing is weighed that only orders."""
    if left.kind is not right.kind:
        return False
    facts = compare(left, right)
    if left.kind is Kind.TRACK and facts.isrc is Fact.AGREES:
        return by_isrc(facts).same
    return not _refused(left, right, facts)


def _refused(left: Recording, right: Recording, facts: Comparison) -> str:
    if left.kind is Kind.ALBUM:
        return _album_refused(left, right, facts)
    return refusal(facts) or _unproven(facts)


def by_isrc(facts: Comparison) -> Verdict:
    """What one ISRC on both sides is worth: it decides, unless the rest says that it was copied."""
    if facts.duration is Fact.DIFFERS:
        return Verdict(same=False, score=0.3, evidence=("one ISRC, but the durations differ",))
    timed = facts.duration is Fact.AGREES
    if _other_song(facts) and not timed:
        return Verdict(same=False, score=0.3, evidence=("one ISRC, but another song",))
    if not facts.versions and not timed:
        return Verdict(same=False, score=0.4, evidence=("one ISRC, but another version",))
    return Verdict(same=True, score=max(0.97, weigh(facts)), evidence=("ISRC", *_reasons(facts)))


def _other_song(facts: Comparison) -> bool:
    if facts.title is not Likeness.DIFFERENT or not facts.title_known:
        return False
    return facts.artist is Likeness.DIFFERENT or facts.title_similarity < _UNLIKE


def _album_refused(left: Recording, right: Recording, facts: Comparison) -> str:
    counts = {count for count in (left.track_count, right.track_count) if count}
    if len(counts) > 1:
        return "another number of tracks"
    if facts.title is not Likeness.EXACT or facts.artist is Likeness.DIFFERENT:
        return "another album"
    return "" if facts.versions else "another edition"


def refusal(facts: Comparison) -> str:
    """What speaks against one recording, or nothing."""
    checks = (
        ("another title", facts.title is Likeness.DIFFERENT),
        ("another artist", facts.artist_known and facts.artist is Likeness.DIFFERENT),
        ("another version", not facts.versions),
        ("another version of the same kind", facts.qualifiers is Fact.DIFFERS),
        ("other guests", facts.guests is Fact.DIFFERS),
        ("another duration", facts.duration is Fact.DIFFERS),
    )
    return next((reason for reason, holds in checks if holds), "")


def _unproven(facts: Comparison) -> str:
    """What keeps a pair without contradictions from being proven."""
    timed, placed = facts.duration is Fact.AGREES, facts.album is Fact.AGREES
    doubts = (
        facts.title is Likeness.CLOSE,
        facts.artist is Likeness.CLOSE,
        facts.qualifiers is Fact.UNKNOWN,
        facts.guests is Fact.UNKNOWN,
        facts.embedded,
        facts.isrc is Fact.DIFFERS,
    )
    if not facts.artist_known and not (timed and placed):
        return "no artist to compare"
    if facts.duration is Fact.NEAR and not (placed and not any(doubts)):
        return "durations a little too far apart"
    if any(doubts) and not timed and not (placed and sum(doubts) == 1):
        return "not enough to go by"
    return ""


def _reasons(facts: Comparison) -> tuple[str, ...]:
    said = (
        ("title", facts.title is Likeness.EXACT),
        ("similar title", facts.title is Likeness.CLOSE),
        ("artist", facts.artist is Likeness.EXACT),
        ("similar artist", facts.artist is Likeness.CLOSE),
        ("version", facts.versions),
        ("duration", facts.duration is Fact.AGREES),
        ("album", facts.album is Fact.AGREES),
    )
    return tuple(reason for reason, holds in said if holds)


def weigh(facts: Comparison) -> float:
    """How well a pair fits, 0 to 1: title and artist first, then what contradicts takes its share away."""
    title = max(facts.title_similarity, facts.title / 2 + (0.45 if facts.title is Likeness.CLOSE else 0))
    artist = max(facts.artist_similarity, facts.artist * 0.5 + (0.4 if facts.artist is Likeness.CLOSE else 0))
    if not facts.artist_known:
        artist = 0.7
    bonus = {Fact.AGREES: 0.12, Fact.UNKNOWN: 0.06, Fact.NEAR: 0.02, Fact.DIFFERS: 0.0}[facts.duration]
    placed = 0.03 if facts.album is Fact.AGREES else 0.015 if facts.album is Fact.UNKNOWN else 0.0
    score = 0.5 * title + 0.35 * artist + bonus + placed
    factors = (
        (0.5, not facts.versions),
        (0.6, facts.duration is Fact.DIFFERS),
        (0.7, facts.qualifiers is Fact.DIFFERS),
        (0.9, facts.embedded or facts.guests is Fact.DIFFERS),
    )
    for factor, holds in factors:
        score *= factor if holds else 1.0
    return round(min(1.0, max(0.0, score)), 4)
