"""What may be taken for what somebody looks for, and in what order it is shown."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cratedig._matching import matches, rank, score
from cratedig._model import Availability, Kind, Quality, SearchResult, Wanted

Make = Callable[..., SearchResult]
FLAC = Quality(codec="flac", bit_depth=16, sample_rate=44_100)
MP3 = Quality(codec="mp3", bitrate=320)
HELLO = Wanted(artist="Adele", title="Hello", duration=295)


@pytest.mark.parametrize(
    "text", ["adele hello", "hello adele", "Adele - Hello", "Hello - Adele", "ADELE   Hello"]
)
def test_free_text_may_have_either_order(result: Make, text: str) -> None:
    """Artist and title are found whichever comes first."""
    assert matches(result("Adele", "Hello"), text)
    assert not matches(result("Lionel Richie", "Hello"), text)


@pytest.mark.parametrize(
    ("artist", "title"),
    [
        ("Adele", "Hello (Live at the BRITs)"),
        ("Karaoke Hits", "Hello (In the Style of Adele)"),
        ("Adele", "Hello (Dave Audé Remix)"),
        ("Boyce Avenue", "Hello (Adele cover)"),
        ("Adele", "Hello Again"),
        ("Lionel Richie", "Hello"),
        ("8D Tunes", "Adele - Hello (8D Audio)"),
    ],
)
def test_another_recording_is_never_taken(result: Make, artist: str, title: str) -> None:
    """Version, title and artist each refuse, however alike the words are."""
    for wish in (HELLO, "adele hello", "Adele - Hello"):
        assert not matches(result(artist, title, 295), wish, minimum=0.0)


@pytest.mark.parametrize("seconds", [30, 180, 330])
def test_another_duration_is_never_taken(result: Make, seconds: float) -> None:
    """A preview, an edit and a longer cut are refused where a duration is wanted."""
    assert matches(result("Adele", "Hello", 297), HELLO)
    assert not matches(result("Adele", "Hello", seconds), HELLO, minimum=0.0)


def test_a_version_that_is_wanted_is_the_only_one_taken(result: Make) -> None:
    """Who asks for a live recording or for one remix gets no other."""
    plain, live = result("Adele", "Hello"), result("Adele", "Hello (Live)")
    for wish in ("adele hello live", Wanted(artist="Adele", title="Hello (Live)")):
        assert matches(live, wish)
        assert not matches(plain, wish, minimum=0.0)
    wish = "Avicii Levels Skrillex Remix"
    assert matches(result("Avicii", "Levels (Skrillex Remix)"), wish)
    assert not matches(result("Avicii", "Levels (Cazzette Remix)"), wish)


def test_an_upload_by_a_stranger_needs_the_duration(result: Make) -> None:
    """A title that names the artist is believed from his channel, and from others when the length agrees."""
    assert matches(result("AdeleVEVO", "Adele - Hello (Official Music Video)"), HELLO)
    assert matches(result("LyricsLab", "Adele - Hello (Lyrics)", 297), HELLO)
    assert not matches(result("LyricsLab", "Adele - Hello (Lyrics)"), HELLO)


def test_an_isrc_is_enough_unless_it_was_copied(result: Make) -> None:
    """One code means one recording; a preview with the song's code is not taken."""
    wish = Wanted(artist="Adele", title="Hello", duration=295, isrc="GBQZX1500011")
    assert matches(result("Adèle", "Bonjour", 295, isrc="GB-QZX-15-00011"), wish)
    assert not matches(result("Adele", "Hello", 30, isrc="GBQZX1500011"), wish, minimum=0.0)
    assert matches(result("Adele", "Hello", isrc="gbqzx1500011"), Wanted(isrc="GBQZX1500011"))


def test_an_album_is_no_track_and_a_track_no_album(result: Make) -> None:
    """Nothing of the other kind is fetched unasked; an edition with more on it is another album."""
    wish = Wanted(artist="Radiohead", album="OK Computer")
    assert matches(result("Radiohead", "OK Computer", kind=Kind.ALBUM), wish)
    assert matches(result("Radiohead", "Radiohead - OK Computer (1997) [FLAC]", kind=Kind.ALBUM), wish)
    assert not matches(result("Radiohead", "OK Computer (Deluxe Edition)", kind=Kind.ALBUM), wish)
    assert not matches(result("Radiohead", "Karma Police", album="OK Computer"), wish)
    assert not matches(result("Adele", "Hello", kind=Kind.ALBUM), HELLO, minimum=0.0)


def test_free_text_finds_albums_too(result: Make) -> None:
    """Text does not say what kind it means."""
    assert matches(result("Radiohead", "OK Computer", kind=Kind.ALBUM), "radiohead ok computer")


def test_the_minimum_is_kept(result: Make) -> None:
    """Nothing below the asked-for score matches, and scores lie between 0 and 1."""
    fine = result("Adele", "Hello")
    assert 0.8 <= score(fine, HELLO) <= 1.0
    assert not matches(fine, HELLO, minimum=0.99)


def test_rank_puts_the_match_before_the_quality(result: Make) -> None:
    """A lossless file of the wrong version comes after a lossy one of the right recording."""
    wrong = result("Adele", "Hello (Live)", 295, quality=FLAC)
    right = result("Adele", "Hello", 295, quality=MP3)
    ranked = rank([wrong, right], HELLO)
    assert [one.title for one in ranked] == ["Hello", "Hello (Live)"]
    assert ranked[0].score > ranked[1].score


def test_rank_goes_by_quality_then_by_who_can_start_now(result: Make) -> None:
    """Among equal matches: lossless, then a free slot, a short queue and speed, then popularity."""
    order = [
        result("Adele", "Hello", 295, quality=FLAC, availability=Availability(free_slots=1, speed=9)),
        result("Adele", "Hello", 295, quality=FLAC, availability=Availability(free_slots=1, speed=2)),
        result("Adele", "Hello", 295, quality=FLAC, availability=Availability(free_slots=0, queue_length=3)),
        result("Adele", "Hello", 295, quality=FLAC, availability=Availability(free_slots=0, queue_length=90)),
        result("Adele", "Hello", 295, quality=MP3, popularity=50, source="b"),
        result("Adele", "Hello", 295, quality=MP3, popularity=10, source="b"),
    ]
    assert [one.key for one in rank(reversed(order), HELLO)] == [one.key for one in order]


def test_popularity_counts_only_within_its_source(result: Make) -> None:
    """The favourite of a source that counts to ten is as popular as that of one that counts in millions."""
    small, big = (
        result("Adele", "Hello", 295, popularity=10, source="b"),
        result("Adele", "Hello", 295, popularity=4_000_000, source="c"),
    )
    less = result("Adele", "Hello", 295, popularity=3_000_000, source="c")
    assert rank([less, big, small], HELLO)[-1].key == less.key


def test_rank_scores_the_alternates(result: Make) -> None:
    """An alternate carries its own score, for the fallback to judge by."""
    main = result("Adele", "Hello", 295, alternates=(result("Adele", "Hello", 296, source="b"),))
    assert rank([main], HELLO)[0].alternates[0].score > 0.8
