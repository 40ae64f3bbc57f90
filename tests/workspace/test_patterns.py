"""What a service calls its songs, or writes into its answers, is read in a time that grows as the text."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from typing import Any

import pytest
from core.tests.cost import cpu_seconds, growth

PACKAGES = ["cratedig"] + [
    f"cratedig_{name}"
    for name in (
        *("archive", "deezer", "folder", "hifi", "lidarr", "qobuz"),
        *("soulseek", "soundcloud", "tidal", "usenet", "youtube"),
    )
]
ELSEWHERE = {
    # Cut at 1,024 characters; core/tests/matching/test_hostile_titles.py measures all of them together.
    "cratedig._matching",
    # Matched as a whole, never searched for, which is linear.
    "cratedig._redaction.patterns._SECRET_NAME",
}
UNITS = [
    *(" ", "\t", "a", "A", "9", "_", ".", "/", ":", "@", "?", "=", "$", "-", "\\", "\u0301", "é", "'", '"'),
    *("(", "[", "{", "<", "a)", "(a", "[a", " -", " - ", "a ", "a=", "&a=", "0-", "1.", "x: ", "ab-", "b'"),
    *("http://", "://", "token=", '"a":"', "bearer ", "b'location', b'", "feat. "),
]
SHORT, LONG = 2048, 8192
CHEAP = 0.004
"""CPU seconds: what takes no longer for the long text is not looked at more closely."""


def patterns() -> Iterator[Any]:
    """Every pattern of every module, under its name."""
    for package in PACKAGES:
        for found in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            if found.name.endswith("__main__"):
                continue
            for name, value in vars(importlib.import_module(found.name)).items():
                full = f"{found.name}.{name}"
                if isinstance(value, re.Pattern) and not any(map(full.startswith, ELSEWHERE)):
                    yield pytest.param(value, id=full)


def text(unit: str, tail: str, size: int, pattern: re.Pattern[Any]) -> Any:
    """So many characters of it, as the pattern takes them."""
    made = (unit * size)[:size] + tail
    return made.encode("latin-1", "ignore") if isinstance(pattern.pattern, bytes) else made


def cost(search: Callable[[Any], object], pattern: re.Pattern[Any], unit: str, tail: str, size: int) -> None:
    """Search a text of that size."""
    search(text(unit, tail, size, pattern))


@pytest.mark.parametrize("pattern", list(patterns()))
def test_no_pattern_takes_the_square_of_the_length_of_a_text(pattern: re.Pattern[Any]) -> None:
    """Four times the text costs about four times as much, whatever it is made of."""
    for unit, tail in product(UNITS, ["", "\0"]):
        search = partial(cost, pattern.findall, pattern, unit, tail)
        if cpu_seconds(partial(search, LONG)) > CHEAP:
            assert growth(search, [SHORT, LONG]) < 1.6, repr(unit)
