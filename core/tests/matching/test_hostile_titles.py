"""A service may call its songs whatever it likes; reading the names stays cheap."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

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


@pytest.mark.parametrize("frame", ["{} zz", "Adele ({} zz)", "Adele - {} zz"])
@pytest.mark.parametrize("unit", UNITS)
def test_no_title_takes_long_to_read(result: Make, unit: str, frame: str) -> None:
    """The longest text a result may hold is read, compared and shortened in well under two CPU seconds."""
    hostile = frame.format((unit * MAX_TEXT)[: MAX_TEXT - 20])
    left, right = result("Adele", hostile, album=hostile), result(hostile, "Hello", source="b")
    started = time.process_time()
    same_recording(left, right)
    matches(left, "adele hello")
    matches(right, hostile)
    dedup([left, right])
    list(ladder(hostile))
    assert time.process_time() - started < 2.0
