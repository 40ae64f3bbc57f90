"""Qualities are ordered by what they are, however much of it is written down."""

from __future__ import annotations

from itertools import product

import pytest

from cratedig import Quality, QualityPreference

WRITTEN = (
    Quality(codec="flac", bit_depth=16, sample_rate=44_100),
    Quality(codec="flac", lossless=True, bit_depth=16, sample_rate=44_100),
    Quality(codec="flac", lossless=True, bit_depth=24, sample_rate=96_000),
    Quality(codec="mp3", bitrate=320),
    Quality(codec="mp3", lossless=False, bitrate=320, sample_rate=44_100),
    Quality(),
)


@pytest.mark.parametrize(("one", "other"), list(product(WRITTEN, repeat=2)))
def test_one_is_worse_or_better_or_as_good(one: Quality, other: Quality) -> None:
    """The four comparisons agree with each other."""
    assert (one < other) is (other > one) is not (one >= other)
    assert not (one < other and one > other)
    assert (one <= other and one >= other) is (one.rank == other.rank)


def test_ceiling_takes_what_is_as_good_in_other_words() -> None:
    """A result that says that it is lossless is not above a ceiling that leaves it unsaid."""
    assert QualityPreference(ceiling=WRITTEN[0]).accepts(WRITTEN[1])
    assert QualityPreference(floor=WRITTEN[1]).accepts(WRITTEN[0])
    assert not QualityPreference(ceiling=WRITTEN[0]).accepts(WRITTEN[2])
