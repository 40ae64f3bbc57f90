"""One result for each recording, nothing lost, in any order."""

from __future__ import annotations

import random
from collections.abc import Callable

import attrs
import pytest
from core.tests.cost import growth
from hypothesis import given, settings
from hypothesis import strategies as st

from cratedig._matching import dedup
from cratedig._model import Kind, Quality, SearchResult

Make = Callable[..., SearchResult]
FLAC = Quality(codec="flac", bit_depth=16, sample_rate=44_100)
HIRES = Quality(codec="flac", bit_depth=24, sample_rate=96_000)
MP3 = Quality(codec="mp3", bitrate=320)


def keys(results: list[SearchResult]) -> list[str]:
    """Every key in the results and their alternates, sorted."""
    return sorted(one.key for result in results for one in (result, *result.alternates))


def test_one_recording_becomes_one_result_with_the_best_copy_first(result: Make) -> None:
    """Three services and a shared file are one result; the best quality is what people see."""
    found = dedup(
        [
            result("Adele", "Hello", 295, source="mp3s", quality=MP3),
            result("AdeleVEVO", "Adele - Hello (Official Music Video)", 297, source="videos"),
            result("Adele", "Hello (Remastered)", 295, source="hires", quality=HIRES),
            result("", "01 - Adele - Hello.flac", 295, source="peers", quality=FLAC),
        ]
    )
    assert [one.source for one in found] == ["hires"]
    assert [one.source for one in found[0].alternates] == ["peers", "mp3s", "videos"]


def test_the_best_of_each_other_source_comes_before_second_copies(result: Make) -> None:
    """A fallback tries another source before another copy at the one that has just failed."""
    copies = [
        result("Adele", "Hello", 295, source=source, quality=quality, target_id=f"{source}{quality.rank}")
        for source, quality in [("a", HIRES), ("a", FLAC), ("b", FLAC), ("b", MP3), ("c", MP3)]
    ]
    (main,) = dedup(reversed(copies))
    assert [f"{one.source} {one.quality}" for one in main.alternates] == [
        *("b FLAC 16/44.1", "c MP3 320", "a FLAC 16/44.1", "b MP3 320")
    ]


def test_versions_and_durations_stay_apart(result: Make) -> None:
    """Live, remix, preview, another artist and the album stay results of their own."""
    every = [
        result("Adele", "Hello", 295),
        result("Adele", "Hello (Live)", 295),
        result("Adele", "Hello (Remix)", 295),
        result("Adele", "Hello", 30),
        result("Lionel Richie", "Hello", 295),
        result("Adele", "Hello", kind=Kind.ALBUM),
    ]
    assert len(dedup(every)) == len(every)


def test_a_copy_without_duration_joins_no_preview_to_the_song(result: Make) -> None:
    """The best copy tells no duration; the song and its preview still do not meet under it."""
    found = dedup(
        [
            result("Adele", "Hello", quality=HIRES),
            result("Adele", "Hello", 295, quality=FLAC, source="b"),
            result("Adele", "Hello", 30, quality=MP3, source="c"),
        ]
    )
    assert sorted(len(one.alternates) for one in found) == [0, 1]


def test_spelling_mistakes_and_other_scripts_are_found(result: Make) -> None:
    """Blocking by exact words would lose these; the rough keys bring them together."""
    pairs = [
        ("Alanis Morissette", "Ironic", "Alanis Morisette", "Ironic"),
        ("Queen", "Bohemian Rhapsody", "Queen", "Bohemian Rapsody"),
        ("Coldplay", "The Scientist", "Coldplay", "The Scientits"),
        ("Кино", "Группа крови", "Kino", "Gruppa krovi"),
        (
            "Silk Sonic",
            "Leave the Door Open",
            "Bruno Mars, Anderson .Paak, Silk Sonic",
            "Leave The Door Open",
        ),
    ]
    every = [
        one
        for number, (artist, title, other_artist, other_title) in enumerate(pairs)
        for one in (
            result(artist, title, 200 + 20 * number, source="a"),
            result(other_artist, other_title, 201 + 20 * number, source="b"),
        )
    ]
    assert len(dedup(every)) == len(pairs)


def test_a_target_that_is_there_twice_is_kept_once(result: Make) -> None:
    """A fallback must not try the target again that has just failed."""
    one = result("Adele", "Hello", 295, target_id="x")
    (main,) = dedup([one, attrs.evolve(one, score=0.5), attrs.evolve(one, title="Hello (Live)")])
    assert main.alternates == ()


TITLES = st.sampled_from(
    [
        "Hello",
        "Hello (Live)",
        "Adele - Hello",
        "Helo",
        "Hello Again",
        "01 - Hello.mp3",
        "Hello (feat. X)",
        "Hi",
        "!!!",
    ]
)
RESULTS = st.builds(
    SearchResult,
    target_id=st.integers(0, 40).map(str),
    source=st.sampled_from(["a", "b", "c"]),
    artist=st.sampled_from(["Adele", "AdeleVEVO", "Lionel Richie", "", "Adele & X", "Adelle"]),
    title=TITLES,
    duration=st.sampled_from([None, 30.0, 290.0, 293.0, 296.0, 299.0]),
    album=st.sampled_from(["", "25", "Live at Leeds"]),
    isrc=st.sampled_from([None, "GBQZX1500011", "GBQZX1500012"]),
    quality=st.sampled_from([None, FLAC, MP3]),
    score=st.sampled_from([0.0, 0.5]),
)


@settings(deadline=None, max_examples=150)
@given(st.lists(RESULTS, max_size=25), st.randoms(use_true_random=False))
def test_nothing_is_lost_and_order_and_repetition_change_nothing(
    results: list[SearchResult], shuffler: random.Random
) -> None:
    """Each key comes out exactly once; a shuffled input gives the same, and so does doing it again."""
    found = dedup(results)
    assert keys(found) == sorted({one.key for one in results})
    assert dedup(found) == found
    shuffled = list(results)
    shuffler.shuffle(shuffled)
    assert dedup(shuffled) == found
    assert all(not other.alternates for one in found for other in one.alternates)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text(max_size=30), min_size=2, max_size=12))
def test_any_text_at_all_is_survived(words: list[str]) -> None:
    """Hostile and empty titles raise nothing and lose nothing."""
    results = [
        SearchResult(target_id=str(at), source="a", title=word, artist=words[at - 1], album=word)
        for at, word in enumerate(words)
    ]
    assert len(keys(dedup(results))) == len(words)


def _many(shape: str, count: int) -> list[SearchResult]:
    dice = random.Random(1)
    words = [
        "love",
        "night",
        "fire",
        "rain",
        "heart",
        "blue",
        "dream",
        "road",
        "river",
        "moon",
        "star",
        "city",
    ]

    def name() -> str:
        return " ".join(dice.choices(words, k=3))

    makers: dict[str, Callable[[int], tuple[str, str, float | None]]] = {
        "songs": lambda _: (name(), name(), dice.randrange(100, 400)),
        "one title": lambda at: (f"{name()} {at}", "Hello", dice.randrange(100, 400)),
        "one song": lambda _: ("Adele", "Hello", dice.randrange(30, 4000)),
        "files": lambda at: ("", f"{at % 30:02} - {name()} - {name()} (Official Video).mp3", None),
    }
    return [
        SearchResult(target_id=str(at), source=f"s{at % 8}", artist=artist, title=title, duration=duration)
        for at in range(count)
        for artist, title, duration in [makers[shape](at)]
    ]


@pytest.mark.parametrize("shape", ["songs", "one title", "one song", "files"])
def test_time_grows_with_the_number_and_not_with_its_square(shape: str) -> None:
    """Four times the results take about four times the CPU, whatever they have in common."""
    results = {count: _many(shape, count) for count in (1_250, 5_000)}
    assert growth(lambda count: dedup(results[count]), [1_250, 5_000]) < 1.5
