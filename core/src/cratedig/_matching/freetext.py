"""Free text held against a result: nobody says which of its words are the artist's."""

from __future__ import annotations

from attrs import frozen

from cratedig._matching import descriptions, noise
from cratedig._matching.recording import Reading, Recording
from cratedig._matching.similar import is_typo
from cratedig._matching.text import compact, fold
from cratedig._matching.versions import SAME_RECORDING, Version, spoken

_FILLERS = frozenset({"the", "a", "an", "and", "by", "feat", "ft"})
_RUN = 4


@frozen
class Coverage:
    """How much of title and artist the text names (0 to 1), what is left over, whether versions agree."""

    title: float
    artist: float
    artist_named: bool
    unexplained: float
    versions: bool

    @property
    def complete(self) -> bool:
        """Whether every word has its place."""
        named = self.artist == 1.0 or not self.artist_named
        return self.title == 1.0 and named and not self.unexplained and self.versions

    @property
    def score(self) -> float:
        """0 to 1; a text that leaves the artist open can get no more than 0.9."""
        artist = self.artist if self.artist_named else 0.67
        fit = 0.55 * self.title + 0.3 * artist + 0.15 * (1 - self.unexplained)
        return round(fit if self.versions else fit * 0.5, 4)


def cover(text: str, recording: Recording) -> Coverage:
    """The best reading of ``recording`` under ``text``."""
    return max((_cover(text, reading, recording) for reading in recording.readings), key=_order)


def _order(coverage: Coverage) -> tuple[bool, float]:
    return coverage.complete, coverage.score


def _cover(text: str, reading: Reading, recording: Recording) -> Coverage:
    words = _words(fold(text))
    title = _words(reading.title.core)
    rest, found = _take(words, title)
    rest, _subtitle = _take(rest, _words(reading.title.subtitle))
    rest, artist, named = _take_artist(rest, reading)
    rest = _take_context(rest, reading, recording)
    asked = spoken(" ".join(rest)) if rest else frozenset[Version]()
    left = [
        word for word in rest if not (noise.LABELS.fullmatch(word) or (asked and word in descriptions.WORDS))
    ]
    return Coverage(
        title=found / len(title) if title else 0.0,
        artist=artist,
        artist_named=named or bool(left),
        unexplained=len(left) / len(words) if words else 1.0,
        versions=asked - SAME_RECORDING == reading.title.versions - SAME_RECORDING,
    )


def _words(folded: str) -> list[str]:
    words = folded.split()
    return [word for word in words if word not in _FILLERS] or words


def _take(words: list[str], wanted: list[str]) -> tuple[list[str], int]:
    """``words`` without ``wanted``, and how many of those were there, one spelling mistake a word allowed."""
    rest, found = list(words), 0
    for word in wanted:
        hit = word if word in rest else next((other for other in rest if is_typo(word, other)), None)
        if hit is not None:
            rest.remove(hit)
            found += 1
    if found < len(wanted):
        run = _run(rest if not found else words, compact(" ".join(wanted)))
        return (run, len(wanted)) if run is not None else (rest, found)
    return rest, found


def _run(words: list[str], joined: str) -> list[str] | None:
    """``words`` without the neighbours that spell ``joined`` together: "ac dc" and "acdc"."""
    for start in range(len(words)):
        for end in range(start + 1, min(start + _RUN, len(words)) + 1):
            if "".join(words[start:end]) == joined:
                return words[:start] + words[end:]
    return None


def _take_artist(words: list[str], reading: Reading) -> tuple[list[str], float, bool]:
    """The words without the artist's; the share of the best-named person that was there; whether any was."""
    credit = reading.artist
    best, rest = 0.0, words
    for person in (credit.whole, *credit.each):
        own = _words(person)
        left, found = _take(rest, own)
        if found and found == len(own):
            best, rest = 1.0, left
        elif own:
            best = max(best, found / len(own))
    for person in credit.guests:
        rest = _take_all(rest, _words(person))
    return rest, best, best > 0.0


def _take_context(words: list[str], reading: Reading, recording: Recording) -> list[str]:
    for guest in reading.title.guests:
        words = _take_all(words, _words(fold(guest)))
    words = [word for word in words if word not in reading.title.qualifiers and word != str(recording.year)]
    run = _run(words, recording.album) if recording.album and words else None
    return words if run is None else run


def _take_all(words: list[str], wanted: list[str]) -> list[str]:
    left, found = _take(words, wanted)
    return left if found == len(wanted) else words
