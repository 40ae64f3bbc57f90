"""Searching SoundCloud."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cratedig import NotFound, RawSearchResult, SearchStatus, SourceError, Wanted
from cratedig_emulators.catalogue import Track
from cratedig_emulators.server import Fault
from cratedig_emulators.soundcloud import Playlist, Policy, Sound, SoundCloudEmulator, of_track
from cratedig_soundcloud.results import address_of, is_ours, is_track, result
from cratedig_soundcloud.streams import best, is_preview

SHORT = Track(artist="Zed Quill", title="Odd One", album="Odd", year=2020, isrc="QZZQ12000001", seconds=10)


def ids(report: Any) -> set[str]:
    return {hit.target_id for one in report for hit in (one, *one.alternates)}


def test_what_is_there_is_found(bench: Any, sc: SoundCloudEmulator) -> None:
    """Label uploads, remixes and bootlegs. One request, and none for pictures, with a client id."""
    bench.journal = bench.folder / "journal.db"
    bench.search("zed")
    sc.log.clear()
    report = bench.search("brass lanterns slow tram home")
    assert ids(report) == {
        str(one.id) for one in sc.sounds.values() if one.track.title.startswith("Slow Tram Home")
    }
    assert [seen.path for seen in sc.requests] == ["/search/tracks"]


def test_label_uploads_are_read_right(bench: Any) -> None:
    """The label's artist, the title without it, the length in seconds; lossy, for no more is known."""
    [hit] = bench.search("the ferryman's radio")
    assert (hit.artist, hit.title, hit.duration) == ("The Brass Lanterns", "The Ferryman's Radio", 12)
    assert hit.year == 2021
    assert str(hit.quality) == "lossy 128"
    assert hit.popularity == 50_000
    assert hit.extra["uploader"] == "Nowhere Records"


def test_a_wanted_recording_comes_first(bench: Any, sc: SoundCloudEmulator) -> None:
    """Of original, remix and bootleg, the one of the right length and name; there is no search by ISRC."""
    wish = Wanted(artist="The Brass Lanterns", title="Slow Tram Home", duration=13, isrc="QZCD12100001")
    report = bench.search(wish)
    assert report.results[0].title == "Slow Tram Home"
    assert "QZCD12100001" not in " ".join(seen.query for seen in sc.requests)


def test_the_number_of_results_can_be_set(bench: Any, sc: SoundCloudEmulator) -> None:
    """Asking for one gives one."""
    assert len(ids(bench.search("brass lanterns", search_results=1))) == 1
    assert "limit=1" in sc.log.all("/search/tracks")[0].query


def test_a_track_is_found_by_its_address(bench: Any, sc: SoundCloudEmulator, first: Sound) -> None:
    """It is looked up and not searched for, and none of its streams is."""
    [hit] = bench.search(first.permalink)
    assert (hit.target_id, hit.artist) == (str(first.id), "The Brass Lanterns")
    assert not sc.log.all("/search/*")
    assert not sc.log.all("/media/*")


def test_a_private_share_is_found_by_its_whole_address(bench: Any, sc: SoundCloudEmulator) -> None:
    """The target remembers the secret, so that it can be downloaded; no search for words finds it."""
    sound = sc.plant(of_track(SHORT, secret="s-abcDEF123"))
    [hit] = bench.search(f"{sound.permalink}/{sound.secret}")
    assert hit.target_id == f"{sound.id}/s-abcDEF123"
    assert not ids(bench.search("zed quill odd one"))
    outcome = bench.search(sound.permalink).outcomes["soundcloud"]
    assert (outcome.status, outcome.code) == (SearchStatus.FAILED, "not-found")


def test_a_set_is_found_by_its_address(bench: Any, sc: SoundCloudEmulator) -> None:
    """Its tracks in their order, also those told by number only; as many as are asked for."""
    numbers = tuple(one.id for one in list(sc.sounds.values())[:4])
    one = sc.gather(Playlist(title="Night Set", uploader="Mix Tape", sounds=numbers))
    report = bench.search(one.permalink)
    assert ids(report) == {str(number) for number in numbers}
    assert {hit.album for hit in report} == {"Night Set"}
    assert not sc.log.all("/media/*")
    assert len(ids(bench.search(one.permalink, search_results=2))) == 2


def test_what_cannot_be_played_is_found_by_its_address(bench: Any, sc: SoundCloudEmulator) -> None:
    """Its download says why; a blocked member of a set does not hide the others."""
    blocked = sc.plant(of_track(SHORT, policy=Policy.BLOCK))
    first = next(iter(sc.sounds.values()))
    one = sc.gather(Playlist(title="Night Set", uploader="Mix Tape", sounds=(blocked.id, first.id)))
    assert len(ids(bench.search(one.permalink))) == 2


@pytest.mark.parametrize(
    "words",
    [
        "https://example.invalid/a",
        "https://soundcloud.com.evil.invalid/a/b",
        "file:///etc/passwd",
        "http://[",
    ],
)
def test_foreign_addresses_find_nothing_and_ask_nobody(
    bench: Any, sc: SoundCloudEmulator, words: str
) -> None:
    """yt-dlp would know many more services."""
    assert not ids(bench.search(words))
    assert sc.requests == []


@pytest.mark.parametrize(
    "path", ["/nowhere-records", "/discover/sets/x/y/z", "/stations/track/a/b", "/you/library"]
)
def test_other_pages_of_the_site_are_no_tracks(bench: Any, sc: SoundCloudEmulator, path: str) -> None:
    """People's pages, stations and the like are told apart from a broken service."""
    outcome = bench.search(f"https://soundcloud.com{path}").outcomes["soundcloud"]
    assert outcome.code in ("", "not-found")


@pytest.mark.parametrize(
    ("title", "artists", "uploader", "artist", "rest"),
    [
        ("Real Artist - Song", ["Real Artist"], "x", "Real Artist", "Song"),
        ("real artist \u2013 Song", ["Real Artist"], "x", "Real Artist", "Song"),
        ("Song - Remix", ["Real Artist"], "x", "Real Artist", "Song - Remix"),
        ("Song", ["Real Artist"], "x", "Real Artist", "Song"),
        ("Some One - Song [free dl]", None, "Label", "Some One", "Song [free dl]"),
        ("Song", None, "Some One", "Some One", "Song"),
        ("Tom &amp; Jerry - Song", [], "x", "Tom & Jerry", "Song"),
        ("Song", [""], "", "", "Song"),
    ],
)
def test_titles_are_read_in_the_shapes_they_have(
    title: str, artists: Any, uploader: str, artist: str, rest: str
) -> None:
    """The label's data first, then the dash, then who uploaded it."""
    hit = result({"id": "1", "title": title, "artists": artists, "uploader": uploader})
    assert (hit.artist, hit.title) == (artist, rest)


@pytest.mark.parametrize(
    ("target", "address"),
    [
        ("12", "https://api.soundcloud.com/tracks/12"),
        ("12/s-aB3", "https://api.soundcloud.com/tracks/12?secret_token=s-aB3"),
        ("https://soundcloud.com/a/b", "https://soundcloud.com/a/b"),
    ],
)
def test_targets_are_addresses(target: str, address: str) -> None:
    """What yt-dlp is told to resolve."""
    assert address_of(target) == address


@given(st.text(max_size=60))
def test_any_target_is_an_address_of_ours_or_not_found(target: str) -> None:
    """Nothing that comes from outside leads elsewhere."""
    try:
        address = address_of(target)
    except NotFound:
        return
    assert address.startswith("https://api.soundcloud.com/tracks/") or is_ours(address)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats()
    | st.text(max_size=30)
    | st.just("x" * 100_000),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = (
    *("id", "title", "artists", "uploader", "duration", "release_timestamp", "view_count", "album"),
    *("webpage_url", "original_url", "url", "format_id", "ext", "acodec", "abr", "tbr", "asr"),
)


@given(st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_odd_entries_make_no_bug(entry: dict[str, Any]) -> None:
    """yt-dlp's fields are taken as they come: left out, or a valid result."""
    if is_track(entry):
        assert isinstance(result(entry), RawSearchResult)


def test_a_preview_is_never_the_best() -> None:
    """Where only some streams are cut, the last whole one is taken."""
    whole = {"format_id": "http_mp3_0_1", "url": "https://cf-media.sndcdn.com/a", "ext": "mp3"}
    marked = {**whole, "format_id": "http_mp3_0_1_preview"}
    hosted = {**whole, "url": "https://cf-preview-media.sndcdn.com/a"}
    named = {**whole, "url": "https://cf-media.sndcdn.com/preview-of-coming-attractions"}
    assert best([whole, marked, hosted], None, logged_in=False) is whole
    assert best([whole, named], None, logged_in=False) is named


@given(st.lists(st.dictionaries(st.sampled_from(FIELDS), JSON), max_size=4))
def test_odd_formats_make_no_bug(formats: list[dict[str, Any]]) -> None:
    """One that is no preview, or one of the documented errors."""
    with suppress(SourceError):
        assert not is_preview(best(formats, None, logged_in=False))


def _paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(path for key, one in inner for path in _paths(one, (*at, key)))]


def _mutated(answer: Any, path: tuple[Any, ...], value: Any) -> Any:
    copy = json.loads(json.dumps(answer))
    place = copy
    for key in path[:-1]:
        place = place[key]
    if not path:
        return value
    place[path[-1]] = value
    return copy


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_mutated_answers_make_no_bug(bench: Any, sc: SoundCloudEmulator, data: Any) -> None:
    """Fields missing, null, wrong or huge in the service's answers: a result, or one of the errors."""
    from cratedig_emulators.soundcloud import answers  # noqa: PLC0415

    sound = next(iter(sc.sounds.values()))
    track = answers.track(sound, preview=False, subscriber=False)
    path = data.draw(st.sampled_from(_paths(track)))
    track = _mutated(track, path, data.draw(JSON))
    sc.heal()
    for glob, body in (("/search/*", {"collection": [track]}), ("/tracks/*", track)):
        sc.fault(glob, Fault(body=json.dumps(body).encode(), content_type="application/json"))

    async def use(engine: Any) -> Any:
        report = await engine.search("anything", sources=["soundcloud"])
        job = await engine.dispatch_download(("soundcloud", str(sound.id)), dest_dir=bench.music, force=True)
        return report.outcomes["soundcloud"], await engine.wait(job)

    outcome, record = bench(use)
    sc.strays.clear()  # an answer may name any address
    assert outcome.code != "source-bug", outcome.reason
    assert record.code != "source-bug", record.detail
