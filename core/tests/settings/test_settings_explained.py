"""Where each value came from, and what is shown of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from cratedig import Rate, RateLimits, Secret, SourceSettings
from cratedig._settings import load, parse_quality
from cratedig._settings.explain import SettingOrigin, explain

PLANTED = f"planted-{uuid4()}"


def lines_of(lines: list[SettingOrigin]) -> dict[str, tuple[str, str]]:
    """Value and origin under their keys."""
    return {line.key: (line.shown_value, line.origin) for line in lines}


def test_each_value_has_its_origin(write: Callable[[str], Path], shop: Any) -> None:
    """Default, file, variable and argument are told apart."""
    path = write("[engine]\nretries = 1\n[sources.old_shop]\ntier = 'high'\n")
    settings = load(
        path, environ={"CRATEDIG_SHOP__RATIO": "0.25"}, arguments={"sources": {"shop": {"quality": 8}}}
    )
    lines = lines_of(explain(settings, [("shop", shop, ("old_shop",))]))
    assert lines["engine.retries"] == ("1", str(path))
    assert lines["engine.search_timeout"] == ("30", "default")
    assert lines["sources.shop.tier"] == ("high", str(path))
    assert lines["sources.shop.ratio"] == ("0.25", "CRATEDIG_SHOP__RATIO")
    assert lines["sources.shop.quality"] == ("8", "argument")
    assert lines["sources.shop.verify_tls"] == ("true", "default")


def test_secrets_are_masked_and_missing_ones_are_empty(shop: Any) -> None:
    """Secret types, passwords in addresses, secret-sounding keys of free tables; nothing where none is."""
    section = {
        "token": PLANTED,
        "instances": [f"https://user:{PLANTED}@host/"],
        "indexers": [{"base_url": f"https://{PLANTED}@host/", "api_key": PLANTED}],
        "options": {"password": PLANTED, "retries": 2},
        "proxy": f"http://user:{PLANTED}@proxy:1",
    }
    lines = explain(load({"sources": {"shop": section}}, environ={}), [("shop", shop, ())])
    shown = {key: value for key, (value, _origin) in lines_of(lines).items()}
    assert not [line for line in lines if PLANTED in repr(line)]
    assert (shown["sources.shop.token"], shown["sources.shop.second_token"]) == ("********", "")
    assert shown["sources.shop.instances"] == "https://********@host/"
    assert shown["sources.shop.options"] == "password=********, retries=2"


def test_the_repr_of_settings_has_no_secret(shop: Any) -> None:
    """Neither the loaded tree nor an instance tells, when a debugger prints it."""
    section = {
        "token": PLANTED,
        "proxy": f"http://u:{PLANTED}@p:1",
        "indexers": [{"base_url": "x", "api_key": PLANTED}],
    }
    settings = load({"sources": {"shop": section}}, environ={"CRATEDIG_SHOP__SECOND_TOKEN": PLANTED})
    assert PLANTED not in repr(settings) + repr(settings.layers) + repr(settings.for_source("shop", shop))


def test_a_source_that_cannot_be_read_is_one_line(shop: Any, bare: Any) -> None:
    """A mistake in one section does not hide the others."""
    settings = load({"sources": {"shop": {"ratio": "x"}, "bare": {"app_id": "1", "period": 2}}}, environ={})
    lines = explain(settings, [("shop", shop, ()), ("bare", bare, ())])
    (broken,) = [line for line in lines if line.problem]
    assert (broken.key, "expected a number" in broken.problem) == ("sources.shop", True)
    assert lines_of(lines)["sources.bare.app_id"] == ("1", "argument")
    assert lines_of(lines)["sources.bare.period"] == ("2", "argument")


def test_a_secret_is_masked_in_its_repr_only() -> None:
    """It is a text everywhere else, so that a request can carry it."""
    assert PLANTED not in repr(Secret(PLANTED))
    assert f"{Secret(PLANTED)}" == PLANTED
    assert not Secret("")


@pytest.mark.parametrize(
    ("own", "given", "expected"),
    [
        (None, {}, None),
        (None, {"requests_per_period": 5}, Rate(5, 1.0)),
        (Rate(10, 60.0), {"requests_per_period": 5}, Rate(5, 60.0)),
        (Rate(10, 60.0), {"period": 30.0}, Rate(10, 30.0)),
        (None, {"period": 30.0}, None),
    ],
)
def test_limits_are_overridden_one_by_one(
    own: Rate | None, given: dict[str, Any], expected: Rate | None
) -> None:
    """What is not set stays as the source says."""
    limits = SourceSettings(**given, concurrent_searches=7).limits(
        RateLimits(requests=own, concurrent_downloads=4)
    )
    assert (limits.requests, limits.concurrent_downloads, limits.concurrent_searches) == (expected, 4, 7)


@pytest.mark.parametrize(
    ("text", "shown"),
    [("flac", "FLAC"), ("FLAC 24/96", "FLAC 24/96"), ("flac 16/44.1", "FLAC 16/44.1"), ("mp3 320", "MP3 320"),
     ("lossless", "lossless"), ("lossy", "lossy")],
)  # fmt: skip
def test_a_quality_reads_as_it_is_shown(text: str, shown: str) -> None:
    """People write qualities as the tables show them."""
    assert str(parse_quality(text)) == shown


@pytest.mark.parametrize("text", ["", "very good", "24/", "mp3 320 kbit", "/96"])
def test_other_texts_are_no_quality(text: str) -> None:
    """The error says what a quality looks like."""
    with pytest.raises(ValueError, match="expected a quality such as flac"):
        parse_quality(text)
