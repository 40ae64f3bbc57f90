"""Of several formats, the best that is welcome."""

from __future__ import annotations

from typing import Any

import pytest

from cratedig import Quality, QualityPreference, QualityUnavailable
from cratedig.ytdlp import chosen

FORMATS: list[dict[str, Any]] = [
    {"ext": "opus", "abr": 64},
    {"ext": "mp3", "abr": 128},
    {"ext": "m4a", "acodec": "mp4a.40.2", "abr": 160},
    {"ext": "bin"},
]


@pytest.mark.parametrize(
    ("wish", "place"),
    [
        (None, 3),
        (QualityPreference(), 3),
        (QualityPreference(accept_unknown=False), 2),
        (QualityPreference(codecs=["mp3", "opus"], accept_unknown=False), 1),
        (QualityPreference(ceiling=Quality(codec="opus", bitrate=64), accept_unknown=False), 0),
    ],
)
def test_the_last_that_is_welcome_is_taken(wish: QualityPreference | None, place: int) -> None:
    """yt-dlp orders them from worse to better."""
    assert chosen(FORMATS, wish) is FORMATS[place]


@pytest.mark.parametrize(
    ("formats", "words"), [(FORMATS[:3], "AAC 160, MP3 128, OPUS 64"), ([], "nothing that plays")]
)
def test_what_there_is_is_told(formats: list[dict[str, Any]], words: str) -> None:
    """So that the person knows what to accept."""
    with pytest.raises(QualityUnavailable, match=words):
        chosen(formats, QualityPreference(codecs=["flac"]))
