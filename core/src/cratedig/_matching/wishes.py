"""Results held against what someone looks for: how well each fits, and which may be taken unasked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from cratedig._matching.compare import Comparison, Fact, compare
from cratedig._matching.freetext import Coverage, cover
from cratedig._matching.order import standing
from cratedig._matching.recording import Recording, of_result, of_wanted
from cratedig._matching.similar import Likeness
from cratedig._matching.titles import splits
from cratedig._matching.verdict import by_isrc, refusal, weigh
from cratedig._model import Kind, RawSearchResult, SearchResult, Wanted

DEFAULT_MINIMUM = 0.8
_STEPS = 20
_MIXED_KINDS = 0.5


@attrs.frozen
class Fit:
    """``score`` orders, ``certain`` says whether nothing speaks against it."""

    score: float
    certain: bool


def score(result: RawSearchResult, wanted: Wanted | str) -> float:
    """How well ``result`` fits what is wanted, 0 to 1."""
    return fit(of_result(result), Wanted.of(wanted)).score


def matches(result: RawSearchResult, wanted: Wanted | str, minimum: float = DEFAULT_MINIMUM) -> bool:
    """Whether ``result`` may be taken for what is wanted without asking anybody.

    Strict: another version, artist, title or duration is a no however high the score.
    """
    found = fit(of_result(result), Wanted.of(wanted))
    return found.certain and found.score >= minimum


def rank(results: Iterable[SearchResult], wanted: Wanted | str) -> list[SearchResult]:
    """The results with their ``score`` set, best first: match, quality, availability, popularity."""
    wish = Wanted.of(wanted)
    scored = [_scored(result, wish) for result in results]
    top = _most_popular(scored)
    return sorted(scored, key=lambda result: _place(result, top.get(result.source, 0.0)), reverse=True)


def fit(recording: Recording, wanted: Wanted) -> Fit:
    """:func:`score` and the certainty behind :func:`matches` in one go."""
    if wanted.artist or wanted.title or wanted.album:
        return _structured(of_wanted(wanted), recording)
    if wanted.text:
        return _free(wanted.text, of_wanted(wanted), recording)
    return _by_code(of_wanted(wanted), recording)


def _structured(wish: Recording, recording: Recording) -> Fit:
    if wish.kind is not recording.kind:
        # An album holds the track perhaps; it is shown, but never fetched unasked for one track.
        return Fit(round(weigh(compare(wish, recording)) * _MIXED_KINDS, 4), certain=False)
    facts = compare(wish, recording)
    if facts.isrc is Fact.AGREES:
        verdict = by_isrc(facts)
        return Fit(verdict.score, verdict.same)
    if not wish.literal.title.core:
        return Fit(facts.artist_similarity * _MIXED_KINDS, certain=False)
    return Fit(weigh(facts), not _refused(wish, facts))


def _refused(wish: Recording, facts: Comparison) -> bool:
    timed = facts.duration is Fact.AGREES
    asked_artist = wish.literal.artist.known
    return bool(
        refusal(facts)
        or (asked_artist and not facts.artist_known)
        or (facts.duration is Fact.NEAR and facts.album is not Fact.AGREES)
        or (facts.title is Likeness.CLOSE and facts.artist is Likeness.CLOSE and not timed)
        or (facts.embedded and asked_artist and not timed)
    )


def _by_code(wish: Recording, recording: Recording) -> Fit:
    same = bool(wish.isrc) and wish.isrc == recording.isrc
    return Fit(1.0 if same else 0.0, same)


def _free(text: str, wish: Recording, recording: Recording) -> Fit:
    if wish.isrc and wish.isrc == recording.isrc:
        return Fit(1.0, certain=True)
    coverage = cover(text, recording)
    best = Fit(coverage.score, _complete(coverage, wish, recording))
    for parted in _parted(text, wish, recording.kind):
        found = _structured(parted, recording)
        best = Fit(max(best.score, found.score), best.certain or found.certain)
    return best


def _complete(coverage: Coverage, wish: Recording, recording: Recording) -> bool:
    if wish.duration and recording.duration and compare(wish, recording).duration is Fact.DIFFERS:
        return False
    return coverage.complete


def _parted(text: str, wish: Recording, kind: Kind) -> Sequence[Recording]:
    """The wishes that "a - b" may stand for, either way round."""
    named = [split for split in splits(text) if split.artist]
    wishes = (of_wanted(Wanted(artist=split.artist, title="x")) for split in named[:2])
    return [
        attrs.evolve(
            parted,
            kind=kind,
            readings=(attrs.evolve(parted.literal, title=split.title),),
            duration=wish.duration,
            isrc=wish.isrc,
        )
        for parted, split in zip(wishes, named, strict=False)
    ]


def _scored(result: SearchResult, wanted: Wanted) -> SearchResult:
    alternates = tuple(attrs.evolve(other, score=score(other, wanted)) for other in result.alternates)
    return attrs.evolve(result, score=score(result, wanted), alternates=alternates)


def _most_popular(results: Iterable[SearchResult]) -> dict[str, float]:
    top: dict[str, float] = {}
    for result in results:
        top[result.source] = max(top.get(result.source, 0.0), result.popularity or 0.0)
    return top


def _place(result: SearchResult, top: float) -> tuple[object, ...]:
    # Steps, as a hundredth of similarity must not outweigh lossless against lossy.
    popularity = (result.popularity or 0.0) / top if top else 0.0
    return round(result.score * _STEPS), *standing(result), popularity, result.score, result.key
