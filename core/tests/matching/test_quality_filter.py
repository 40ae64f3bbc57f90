"""Quality is narrowed copy by copy."""

from __future__ import annotations

from collections.abc import Callable

from cratedig._matching import filter_by_quality
from cratedig._model import Quality, QualityPreference, SearchResult

Make = Callable[..., SearchResult]
FLAC = Quality(codec="flac", bit_depth=16, sample_rate=44_100)
HIRES = Quality(codec="flac", bit_depth=24, sample_rate=192_000)
MP3 = Quality(codec="mp3", bitrate=320)


def test_a_welcome_alternate_takes_the_place_of_a_refused_main(result: Make) -> None:
    """The recording stays, by the copy that is not above the ceiling, and the others stay its alternates."""
    main = result(
        "Adele",
        "Hello",
        quality=HIRES,
        alternates=(result("Adele", "Hello", quality=FLAC), result("Adele", "Hello", quality=MP3)),
    )
    (kept,) = filter_by_quality([main], QualityPreference(ceiling=FLAC))
    assert kept.quality == FLAC
    assert [other.quality for other in kept.alternates] == [MP3]


def test_an_unwelcome_alternate_is_not_left_for_the_fallback(result: Make) -> None:
    """A copy below the floor goes, though the main copy is fine; a recording with none left goes whole."""
    main = result("Adele", "Hello", quality=FLAC, alternates=(result("Adele", "Hello", quality=MP3),))
    lossless = QualityPreference(floor=FLAC)
    assert filter_by_quality([main], lossless)[0].alternates == ()
    assert filter_by_quality([result("Adele", "Hello", quality=MP3)], lossless) == []


def test_no_preference_keeps_everything(result: Make) -> None:
    """Results and their order are as they were; unknown quality is kept unless that is refused."""
    every = [result("Adele", "Hello", quality=MP3), result("Adele", "Hello")]
    assert filter_by_quality(every, None) == every
    assert filter_by_quality(every, QualityPreference()) == every
    assert filter_by_quality(every, QualityPreference(accept_unknown=False)) == every[:1]
