"""How good a recording is, and how good it has to be."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import field, frozen

from cratedig._model import checks

LOSSLESS_CODECS = frozenset({"flac", "alac", "wav", "aiff", "ape", "wavpack", "shorten", "dsd"})
"""Codecs whose files hold every sample of what was encoded."""


def _lower(codec: str) -> str:
    return codec.lower()


@frozen(kw_only=True, eq=True, order=False)
class Quality:
    """Codec and numbers of a file, ordered from worse to better.

    ``codec`` is lower case (``flac``, ``mp3``, ``aac``, ``opus``, ``vorbis``), empty when unknown;
    ``bitrate`` in kbit/s, ``sample_rate`` in Hz, ``bit_depth`` in bits. Lossless beats lossy; then bit
    depth, sample rate and bitrate decide, an unknown number counting as the lowest.
    """

    codec: str = field(default="", converter=_lower, validator=checks.text)
    lossless: bool | None = None
    bitrate: int | None = field(default=None, validator=checks.maybe(checks.whole))
    sample_rate: int | None = field(default=None, validator=checks.maybe(checks.whole))
    bit_depth: int | None = field(default=None, validator=checks.maybe(checks.whole))

    @property
    def is_lossless(self) -> bool:
        """What the source said, else what the codec implies."""
        return self.codec in LOSSLESS_CODECS if self.lossless is None else self.lossless

    @property
    def rank(self) -> tuple[int, int, int, int]:
        """The tuple that the ordering compares."""
        if not self.is_lossless:
            # A lossy file's sample rate and depth say nothing about how it sounds; its bitrate does.
            return (0, self.bitrate or 0, 0, 0)
        return (1, self.bit_depth or 0, self.sample_rate or 0, self.bitrate or 0)

    # Written out: functools.total_ordering would call two of one rank, told in other words, better than
    # each other, for they are not equal.
    def __lt__(self, other: object) -> bool:
        """Worse than ``other``."""
        return self.rank < other.rank if isinstance(other, Quality) else NotImplemented

    def __le__(self, other: object) -> bool:
        """Not better than ``other``."""
        return self.rank <= other.rank if isinstance(other, Quality) else NotImplemented

    def __gt__(self, other: object) -> bool:
        """Better than ``other``."""
        return self.rank > other.rank if isinstance(other, Quality) else NotImplemented

    def __ge__(self, other: object) -> bool:
        """Not worse than ``other``."""
        return self.rank >= other.rank if isinstance(other, Quality) else NotImplemented

    def __str__(self) -> str:
        """``FLAC 24/96``, ``MP3 320``, ``unknown``."""
        name = self.codec.upper() or (
            "lossless" if self.lossless else "lossy" if self.lossless is False else "unknown"
        )
        if self.is_lossless and self.bit_depth and self.sample_rate:
            return f"{name} {self.bit_depth}/{self.sample_rate / 1000:g}"
        return f"{name} {self.bitrate}" if self.bitrate and not self.is_lossless else name


def _lower_all(codecs: Iterable[str]) -> tuple[str, ...]:
    return tuple(codec.lower() for codec in codecs)


@frozen(kw_only=True)
class QualityPreference:
    """Which qualities are welcome: not below ``floor``, not above ``ceiling``, in one of ``codecs``.

    Empty ``codecs`` means any. ``accept_lower`` is the policy for a file that turns out worse than was
    offered but not below ``floor``: keep it and say so in the record, or treat it as
    :class:`~cratedig.QualityUnavailable`. ``accept_unknown`` decides on results that tell no quality.
    """

    floor: Quality | None = None
    ceiling: Quality | None = None
    codecs: tuple[str, ...] = field(default=(), converter=_lower_all)
    accept_lower: bool = True
    accept_unknown: bool = True

    def accepts(self, quality: Quality | None) -> bool:
        """Whether a file of this quality is welcome."""
        if quality is None or not (quality.codec or quality.bitrate or quality.lossless is not None):
            return self.accept_unknown
        if self.codecs and quality.codec and quality.codec not in self.codecs:
            return False
        return not (self.floor and quality < self.floor) and not (self.ceiling and quality > self.ceiling)
