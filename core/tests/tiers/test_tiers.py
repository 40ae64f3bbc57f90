"""The walk down a service's tiers."""

from __future__ import annotations

import asyncio
import logging
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cratedig import NotEntitled, Quality, QualityPreference, QualityUnavailable, SourceError
from cratedig.tiers import Ladder, Tier, first_of

CD = Quality(codec="flac", bit_depth=16, sample_rate=44_100)
STUDIO = Quality(codec="flac", bit_depth=24, sample_rate=96_000)
BEST = Tier("BEST", Quality(codec="flac", bit_depth=24, sample_rate=44_100), STUDIO)
PLAIN, LOSSY, POOR = (
    Tier("PLAIN", CD),
    Tier("LOSSY", Quality(codec="aac", bitrate=320)),
    Tier("POOR", Quality(codec="aac", bitrate=96)),
)
LADDER = Ladder((BEST, PLAIN, LOSSY, POOR))


@pytest.mark.parametrize(
    ("limit", "preference", "offered", "expected"),
    [
        ("PLAIN", None, None, (PLAIN, LOSSY, POOR)),
        ("BEST", QualityPreference(floor=CD), None, (BEST, PLAIN)),
        ("BEST", QualityPreference(floor=STUDIO), None, (BEST,)),
        ("LOSSY", QualityPreference(floor=CD), None, ()),
        ("BEST", QualityPreference(ceiling=CD), None, (PLAIN, LOSSY, POOR)),
        ("BEST", QualityPreference(codecs=("aac",)), None, (LOSSY, POOR)),
        ("PLAIN", QualityPreference(accept_lower=False), None, (PLAIN,)),
        ("BEST", QualityPreference(accept_lower=False), CD, (BEST, PLAIN)),
    ],
)
def test_tiers_follow_the_wish(
    limit: str, preference: QualityPreference | None, offered: Quality | None, expected: tuple[Tier, ...]
) -> None:
    """From the setting down to what is still welcome."""
    assert LADDER.down(limit, preference, offered) == expected


QUALITIES = st.none() | st.sampled_from([tier.least for tier in LADDER.tiers])


@given(
    st.sampled_from(LADDER.names),
    st.builds(
        QualityPreference,
        floor=QUALITIES,
        ceiling=QUALITIES,
        codecs=st.sampled_from([(), ("flac",), ("aac",)]),
        accept_lower=st.booleans(),
    ),
    QUALITIES,
)
def test_ladder_only_goes_down(limit: str, preference: QualityPreference, offered: Quality | None) -> None:
    """In order, none above the setting, none that floor or codecs rule out."""
    found = LADDER.down(limit, preference, offered)
    places = [LADDER.tiers.index(tier) for tier in found]
    assert places == sorted(set(places))
    assert all(place >= LADDER.names.index(limit) for place in places)
    assert not any(preference.floor and tier.most < preference.floor for tier in found)


def test_names_lead_to_tiers() -> None:
    """And the lower of two counts."""
    assert LADDER.named("LOSSY") is LOSSY
    assert LADDER.named("MQA") is None
    assert LADDER.at_most(BEST, "PLAIN") is PLAIN
    assert LADDER.at_most(POOR, "PLAIN") is POOR
    assert POOR.most == POOR.least


def walked(tiers: Any, **errors: SourceError) -> str:
    async def ask(tier: Tier) -> str:
        if error := errors.get(tier.name):
            raise error
        return tier.name

    context: Any = SimpleNamespace(log=logging.getLogger("cratedig.test"))
    return asyncio.run(first_of(context, tiers, ask))


def test_first_tier_that_is_not_refused() -> None:
    """Those above it were asked for, those below are not."""
    assert walked(LADDER.tiers, BEST=QualityUnavailable("x")) == "PLAIN"


def test_first_refusal_is_told() -> None:
    """It is about the tier that was wanted most."""
    with pytest.raises(QualityUnavailable, match="best"):
        walked([BEST, PLAIN], BEST=QualityUnavailable("best"), PLAIN=QualityUnavailable("plain"))


def test_other_errors_end_the_walk() -> None:
    """A lower tier would not help."""
    with pytest.raises(NotEntitled):
        walked(LADDER.tiers, BEST=NotEntitled("region"))


def test_no_tier_at_all_says_what_to_do() -> None:
    """It is a matter of quality."""
    with pytest.raises(QualityUnavailable, match="ask for less"):
        walked([])
