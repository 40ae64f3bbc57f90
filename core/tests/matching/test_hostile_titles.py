"""A service may call its songs whatever it likes; reading the names stays cheap."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest
from core.tests.cost import ratio

from cratedig._matching import dedup, ladder, matches, same_recording
from cratedig._model import SearchResult
from cratedig._model.checks import MAX_TEXT

Make = Callable[..., SearchResult]
UNITS = [
    *(
        "video clip ",
        "(",
        "((",
        "[video clip] ",
        "(feat. ",
        " - ",
        " -",
        "- ",
        " | ",
        "\t",
        '"',
        "「",
        " / ",
        "x: ",
    ),
    *(
        " live at",
        " cover by ",
        " karaoke",
        "slowed ",
        "8d ",
        " official video",
        "feat. ",
        "A & ",
        "a, ",
        "01 - ",
    ),
    *(
        "original mix ",
        "prod by ",
        "deluxe edition ",
        "theme from ",
        "\u30ad\u30e3",
        "<",
        "i<y",
        "!a",
        "'n' ",
        "1.a.",
    ),
    *("video clip x (video clip ", "x remix ", "(x) - ", "s version ", "\u0301", "0", "1st anniversary "),
]


PLAIN = "several quite ordinary words of a title "
DEAREST = 30
"""Times what a title of plain words costs; those of a square would be hundreds."""

_fresh = count()


def _read(result: Make, frame: str, unit: str) -> None:
    """Read, compare and shorten the longest text that a result may hold; a new one, as answers are kept."""
    mark = f"{next(_fresh)} "
    hostile = mark + frame.format((unit * MAX_TEXT)[: MAX_TEXT - 40])
    left, right = result("Adele", hostile, album=hostile), result(hostile, "Hello", source="b")
    same_recording(left, right)
    matches(left, "adele hello")
    matches(right, hostile)
    dedup([left, right])
    list(ladder(hostile))


@pytest.mark.parametrize("frame", ["{} zz", "Adele ({} zz)", "Adele - {} zz"])
@pytest.mark.parametrize("unit", UNITS)
def test_no_title_takes_long_to_read(result: Make, unit: str, frame: str) -> None:
    """Whatever it is made of, it costs no more than some dozens of plain ones of its length."""
    assert ratio(lambda: _read(result, frame, unit), lambda: _read(result, frame, PLAIN)) < DEAREST
