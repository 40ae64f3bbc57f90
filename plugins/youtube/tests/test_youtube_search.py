"""Searching YouTube."""

from __future__ import annotations

from typing import Any

import pytest

from cratedig import DownloadEngine, SearchReport
from cratedig_emulators.youtube import Playability, Video, YouTubeEmulator
from cratedig_youtube.results import credits_of, live, playable, query_for, result


def found(bench: Any, query: str, **settings: Any) -> SearchReport:
    async def use(engine: DownloadEngine) -> SearchReport:
        return await engine.search(query, sources=["youtube"])

    report: SearchReport = bench(use, **settings)
    return report


def test_what_can_be_downloaded_is_found(bench: Any, yt: YouTubeEmulator) -> None:
    """Label audio, uploads, live versions and covers, but no live stream and no premiere. Two requests."""
    report = found(bench, "brass lanterns slow tram home")
    hits = [one for result in report for one in (result, *result.alternates)]
    assert {hit.target_id for hit in hits} == {
        video.id
        for video in yt.videos.values()
        if video.track.title == "Slow Tram Home" and video.playability is Playability.OK
    }
    assert len(yt.requests) == 2


def test_label_audio_is_read_right(bench: Any, first: Video) -> None:
    """The topic channel is the artist; the quality is what a lossy service has."""
    [hit] = [hit for hit in found(bench, "the ferryman's radio") if hit.extra["label_audio"]]
    assert (hit.artist, hit.title, hit.duration) == ("The Brass Lanterns", "The Ferryman's Radio", 12)
    assert hit.quality is not None
    assert not hit.quality.is_lossless
    assert hit.popularity == 90_000


def test_a_video_is_found_by_its_address(bench: Any, yt: YouTubeEmulator, first: Video) -> None:
    """It is looked up and not searched for; addresses of other services find nothing and ask nobody."""
    [hit] = found(bench, f"https://youtu.be/{first.id}")
    assert (hit.target_id, hit.artist, hit.album, hit.year) == (
        first.id,
        "The Brass Lanterns",
        "Slow Tram Home",
        2021,
    )
    yt.log.clear()
    assert list(found(bench, "https://example.invalid/watch")) == []
    assert yt.requests == []


def test_the_number_of_results_can_be_set(bench: Any) -> None:
    """Asking for one gives one."""
    assert len(list(found(bench, "brass lanterns", search_results=1))) == 1


@pytest.mark.parametrize(
    ("title", "channel", "artist", "rest"),
    [
        ("Song", "Artist - Topic", "Artist", "Song"),
        ("Song - Live", "Artist - Topic", "Artist", "Song - Live"),
        ("Artist - Song (Official Audio)", "Some Channel", "Artist", "Song (Official Audio)"),
        ("Artist \u2013 Song", "Label", "Artist", "Song"),
        ("Song", "Artist", "Artist", "Song"),
        ("Tom &amp; Jerry - Song", "x", "Tom & Jerry", "Song"),
        ("Song", "", "", "Song"),
    ],
)
def test_titles_are_read_in_the_shapes_they_have(title: str, channel: str, artist: str, rest: str) -> None:
    """Topic channels first, then the dash, then the channel."""
    assert credits_of({"title": title, "channel": channel}) == (artist, rest)


@pytest.mark.parametrize(
    ("words", "query"),
    [
        ("artist - title", "ytsearch15:artist - title"),
        ("artist -live", "ytsearch15:artist live"),
        ("--x jay-z", "ytsearch15:x jay-z"),
        ("https://www.youtube.com/watch?v=x", "https://www.youtube.com/watch?v=x"),
        ("https://music.youtube.com/watch?v=x", "https://music.youtube.com/watch?v=x"),
        ("https://notyoutube.com/watch?v=x", ""),
        ("file:///etc/passwd", ""),
    ],
)
def test_a_query_says_what_it_says(words: str, query: str) -> None:
    """No word is excluded by accident, and no foreign address reaches yt-dlp."""
    assert query_for(words, 15) == query


@pytest.mark.parametrize("status", ["is_live", "is_upcoming", "post_live"])
def test_what_is_no_recording_yet_is_live(status: str) -> None:
    """A finished stream that was cut is one."""
    assert live({"live_status": status})
    assert not live({"live_status": "was_live"})


def test_closed_videos_are_for_those_who_are_logged_in() -> None:
    """Members' videos are shown only where cookies may open them."""
    entry = {"id": "x", "title": "y", "availability": "subscriber_only"}
    assert not playable(entry, logged_in=False)
    assert playable(entry, logged_in=True)


@pytest.mark.parametrize("entry", [{}, {"id": "x"}, {"title": "x"}, {"id": None, "title": 3}])
def test_entries_without_id_or_title_are_left_out(entry: dict[str, Any]) -> None:
    """Nothing could be done with them."""
    assert not playable(entry, logged_in=True)


def test_odd_types_make_no_bug() -> None:
    """yt-dlp's fields are taken as they come."""
    odd = {"id": 5, "title": ["a - b"], "channel": {"x": 1}, "duration": "nan", "view_count": -1}
    hit = result(odd)
    assert (hit.target_id, hit.artist, hit.title, hit.duration, hit.popularity) == ("5", "a", "b", None, None)
