"""What a source answers to a search, and what the engine makes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import field, frozen
from attrs.validators import in_, instance_of, optional

from cratedig._model import checks
from cratedig._model.quality import Quality
from cratedig._model.wanted import Kind


@frozen(kw_only=True)
class Availability:
    """How soon a peer could deliver: ``free_slots`` and ``queue_length`` as counts, ``speed`` in bytes/s."""

    free_slots: int | None = field(default=None, validator=checks.maybe(checks.whole))
    queue_length: int | None = field(default=None, validator=checks.maybe(checks.whole))
    speed: int | None = field(default=None, validator=checks.maybe(checks.whole))


@frozen(kw_only=True)
class RawSearchResult:
    """One answer of a source's API.

    ``target_id`` is all the source needs to download it. ``duration`` is in seconds, ``size`` in bytes;
    for an album, ``track_count`` says how many files it has. ``popularity`` is the service's own figure,
    compared only within one source. ``extra`` is kept as it is and travels into the record.
    """

    target_id: str = field(validator=checks.filled_text)
    title: str = field(validator=checks.text)
    kind: Kind = field(default=Kind.TRACK, converter=Kind, validator=in_(tuple(Kind)))
    artist: str = field(default="", validator=checks.text)
    album: str = field(default="", validator=checks.text)
    duration: float | None = field(default=None, validator=checks.maybe(checks.number))
    track_number: int | None = field(default=None, validator=checks.maybe(checks.whole))
    track_count: int | None = field(default=None, validator=checks.maybe(checks.whole))
    year: int | None = field(default=None, validator=checks.maybe(checks.whole))
    isrc: str | None = field(default=None, validator=checks.maybe(checks.text))
    quality: Quality | None = field(default=None, validator=optional(instance_of(Quality)))
    size: int | None = field(default=None, validator=checks.maybe(checks.whole))
    popularity: float | None = field(default=None, validator=checks.maybe(checks.number))
    availability: Availability | None = field(default=None, validator=optional(instance_of(Availability)))
    extra: Mapping[str, Any] = field(factory=dict, validator=checks.mapping)


def _as_tuple(alternates: Iterable[SearchResult]) -> tuple[SearchResult, ...]:
    return tuple(alternates)


@frozen(kw_only=True)
class SearchResult(RawSearchResult):
    """A source's answer with the source's name, its match ``score`` (0 to 1) and its ``alternates``.

    ``alternates`` are the same recording at other sources, best first; they have no alternates of their own.
    """

    source: str = field(validator=checks.filled_text)
    score: float = field(default=0.0, validator=checks.number)
    alternates: tuple[SearchResult, ...] = field(default=(), converter=_as_tuple)

    @property
    def key(self) -> str:
        """``source:target_id``, the short way to name a result on a command line."""
        return f"{self.source}:{self.target_id}"
