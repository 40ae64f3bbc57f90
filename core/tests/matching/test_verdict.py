"""Doubts need a witness: what makes two results one recording when something is not quite the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cratedig._matching import same_recording
from cratedig._model import Kind, SearchResult

Make = Callable[..., SearchResult]
DOUBTS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"artist": "Queen", "title": "Bohemian Rhapsody"}, {"artist": "Queen", "title": "Bohemian Rapsody"}),
    ({"artist": "Metallica", "title": "One"}, {"artist": "Metalica", "title": "One"}),
    (
        {"artist": "Sia", "title": "Cheap Thrills"},
        {"artist": "Sia", "title": "Cheap Thrills (feat. Sean Paul)"},
    ),
    ({"artist": "Adele", "title": "Hello (Live)"}, {"artist": "Adele", "title": "Hello (Live in Rome)"}),
    ({"artist": "Adele", "title": "Hello"}, {"artist": "LyricsLab", "title": "Adele - Hello"}),
    (
        {"artist": "Adele", "title": "Hello", "isrc": "GBQZX1500011"},
        {"artist": "Adele", "title": "Hello", "isrc": "GBQZX1500012"},
    ),
]


@pytest.mark.parametrize(("left", "right"), DOUBTS)
def test_one_doubt_is_settled_by_the_duration_or_the_album(
    result: Make, left: dict[str, Any], right: dict[str, Any]
) -> None:
    """A slip in a name, a guest, a place, a stranger's upload, a second ISRC: alone, each is a no."""
    assert not same_recording(result(**left), result(**right)).same
    assert same_recording(result(**left, duration=200), result(**right, duration=202)).same
    assert same_recording(result(**left, album="Best"), result(**right, album="Best")).same


def test_two_doubts_are_settled_by_the_duration_alone(result: Make) -> None:
    """One album on both sides does not make up for a slip in the artist and in the title."""
    left, right = ("Metallica", "Nothing Else Matters"), ("Metalica", "Nothing Else Maters")
    assert not same_recording(result(*left, album="Best"), result(*right, album="Best")).same
    assert same_recording(result(*left, 388), result(*right, 389)).same


def test_numbers_are_never_a_slip(result: Make) -> None:
    """Parts and movements differ by a single sign, in another script too."""
    for left, right in [("Группа крови 1", "Gruppa krovi 2"), ("The Unforgiven II", "The Unforgiven III")]:
        assert not same_recording(result("Кино", left, 200), result("Kino", right, 200)).same


def test_two_live_albums_have_two_recordings(result: Make) -> None:
    """The place of a concert is told by its album as well as by the title."""
    leeds = result("The Who", "My Generation", 945, album="Live at Leeds")
    assert not same_recording(leeds, result("The Who", "My Generation", 940, album="Live at Hull")).same
    assert same_recording(leeds, result("The Who", "My Generation (Live at Leeds)", 945)).same


def test_without_an_artist_there_is_no_telling(result: Make) -> None:
    """A bare title is the same only with one album and one duration."""
    bare = result("", "Hello", 295, album="25")
    assert not same_recording(bare, result("Adele", "Hello", 295)).same
    assert same_recording(bare, result("Adele", "Hello", 295, album="25")).same


def test_albums_are_one_by_artist_title_and_number_of_tracks(result: Make) -> None:
    """Another edition is another album, and no album is a track."""
    album = result("Radiohead", "OK Computer", kind=Kind.ALBUM, track_count=12)
    assert same_recording(
        album, result("Radiohead", "OK Computer (Remastered)", kind=Kind.ALBUM, track_count=12)
    ).same
    assert not same_recording(album, result("Radiohead", "OK Computer", kind=Kind.ALBUM, track_count=23)).same
    assert not same_recording(album, result("Radiohead", "OK Computer (Deluxe)", kind=Kind.ALBUM)).same
    assert not same_recording(album, result("Radiohead", "OK Computer")).same
