"""One result for each recording, with its other copies as alternates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs
from attrs import define, field

from cratedig._matching.compare import Fact, duration_fact
from cratedig._matching.names import Names
from cratedig._matching.order import best_first
from cratedig._matching.recording import Reading, Recording, of_result
from cratedig._matching.roman import sound
from cratedig._matching.text import compact
from cratedig._matching.verdict import is_same
from cratedig._model import SearchResult

_LOOKS = 32
"""Groups a result is compared with under one key: keeps a flood of equal titles from costing its square."""

_ROUGH_LOOKS = 6
"""The same for the keys that only spelling mistakes need."""

_STEM = 6
_INITIALS = 3
_PEOPLE = 3
_SECONDS = 8
_EXACT = ("isrc", "song")


@define
class _Group:
    """Copies of one recording, the best one first; ``anchors`` is whom a newcomer has to match."""

    members: list[SearchResult]
    anchors: list[Recording]

    def takes(self, newcomer: Recording) -> bool:
        return all(_timed(anchor, newcomer) and is_same(anchor, newcomer) for anchor in self.anchors)

    def add(self, result: SearchResult, facts: Recording) -> None:
        self.members.append(result)
        first = self.anchors[0]
        # Without these, a best copy that tells no duration would join a preview and the whole song.
        if len(self.anchors) == 1 and facts.duration and not first.duration:
            self.anchors.append(facts)


@define
class _Index:
    """The groups under every key that a copy of theirs may be looked up by."""

    groups: list[_Group] = field(factory=list)
    by_key: dict[tuple[object, ...], list[_Group]] = field(factory=dict)

    def place(self, result: SearchResult) -> None:
        facts = of_result(result)
        keys = tuple(dict.fromkeys(_keys(facts)))
        group = next((group for group in self._near(keys) if group.takes(facts)), None)
        if group is None:
            group = _Group([result], [facts])
            self.groups.append(group)
        else:
            group.add(result, facts)
        for key in keys:
            under = self.by_key.setdefault(key, [])
            if len(under) < (_LOOKS if key[0] in _EXACT else _ROUGH_LOOKS) and group not in under:
                under.append(group)

    def _near(self, keys: Iterable[tuple[object, ...]]) -> Iterator[_Group]:
        seen: set[int] = set()
        for key in keys:
            for group in self.by_key.get(key, ()):
                if id(group) not in seen:
                    seen.add(id(group))
                    yield group


def dedup(results: Iterable[SearchResult]) -> list[SearchResult]:
    """One result for each recording, best first; ``alternates`` hold its other copies.

    The best copy of every other source comes first among the alternates, then the remaining copies.
    Alternates of the input are taken apart and sorted in anew; a target that is there twice is kept once.
    The order of the input makes no difference, and doing it again changes nothing.
    """
    index = _Index()
    for result in _flat(results):
        index.place(result)
    return [_joined(group.members) for group in index.groups]


def _flat(results: Iterable[SearchResult]) -> list[SearchResult]:
    every = (
        attrs.evolve(one, alternates=()) if one.alternates else one
        for result in results
        for one in (result, *result.alternates)
    )
    once: dict[str, SearchResult] = {}
    for result in sorted(every, key=best_first):
        once.setdefault(result.key, result)
    return list(once.values())


def _joined(members: list[SearchResult]) -> SearchResult:
    main, *others = members
    if not others:
        return main
    sources = {main.source}
    firsts: list[SearchResult] = []
    rest: list[SearchResult] = []
    for other in others:
        (rest if other.source in sources else firsts).append(other)
        sources.add(other.source)
    return attrs.evolve(main, alternates=(*firsts, *rest))


def _keys(facts: Recording) -> Iterator[tuple[object, ...]]:
    """Exact keys first; the rough ones bring typing errors and romanisations together."""
    if facts.isrc:
        yield ("isrc", facts.isrc)
    for reading in facts.readings:
        yield from _reading_keys(reading, facts.duration)


def _reading_keys(reading: Reading, duration: float | None) -> Iterator[tuple[object, ...]]:
    heads = {reading.title.core, reading.title.whole, reading.title.subtitle} - {""}
    titles = [sound(compact(words)) for words in sorted(heads)]
    for artist in _people(reading.artist):
        for title in titles:
            yield ("song", artist, title)
            if artist:
                yield from _rough_keys(artist, title, duration)


def _rough_keys(artist: str, title: str, duration: float | None) -> Iterator[tuple[object, ...]]:
    yield ("start", artist, title[:_STEM])
    yield ("end", artist, title[-_STEM:])
    if duration is not None:
        slot = int(duration // _SECONDS)
        yield from (("time", artist[:_INITIALS], title, near) for near in (slot, slot - 1, slot + 1))


def _people(artist: Names) -> list[str]:
    every = dict.fromkeys((*artist.each[:_PEOPLE], artist.whole)) if artist.known else {"": None}
    return [sound(compact(name)) for name in every]


def _timed(left: Recording, right: Recording) -> bool:
    """Whether durations let two be one; asked first, as it costs nothing next to the words."""
    return duration_fact(left.duration, right.duration) is not Fact.DIFFERS
