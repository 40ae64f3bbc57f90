"""What slskd and peers may send is read, or refused; paths tell what they tell."""

from __future__ import annotations

import itertools
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cratedig import RawSearchResult, SourceError, Wanted
from cratedig_contracts import hostile_json, mutated
from cratedig_emulators.catalogue import DEFAULT
from cratedig_emulators.soulseek import Transfer as Shown
from cratedig_emulators.soulseek.peers import people
from cratedig_soulseek import names
from cratedig_soulseek.landing import announced, find_by_name, inside, places_of, same_name
from cratedig_soulseek.responses import as_albums, as_tracks, read_offers
from cratedig_soulseek.searching import words
from cratedig_soulseek.settings import SoulseekSettings
from cratedig_soulseek.targets import Target, parse
from cratedig_soulseek.transfers import Transfer, latest, read_transfer, read_transfers
from cratedig_soulseek.vocabulary import failed, refused

FAILURES = ("Rejected", "Aborted", "Cancelled", "TimedOut", "Errored")
FLAGS = (
    *("Requested", "Queued", "Initializing", "InProgress", "Completed", "Succeeded", "Cancelled", "TimedOut"),
    *("Errored", "Rejected", "Aborted", "Locally", "Remotely"),
)
WANTED = Wanted(artist="The Brass Lanterns", title="Copper Rain")
SHOWN = Shown(
    username="peer one",
    filename="@@a\\Music\\01 - Song.flac",
    size=7,
    batch_id="0b0f9a0e-1111-4222-8333-0123456789ab",
    next_attempt_at=1_790_000_000.0,
    place=3,
).shown()
LISTED = [{"username": "peer one", "directories": [{"directory": "@@a\\Music", "files": [SHOWN]}]}]
RESPONSES = [answer for peer in people(DEFAULT) if (answer := peer.response("copper rain"))]


def transfer(**more: Any) -> Transfer:
    """A record with these fields."""
    one = read_transfer({**SHOWN, **more})
    assert one is not None
    return one


# -- states ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "flags", [combination for count in range(4) for combination in itertools.combinations(FLAGS, count)]
)
def test_every_combination_of_flags_is_one_of_three(flags: tuple[str, ...]) -> None:
    """Alive, failed or succeeded, as text and as number; the word for a failure comes before any other."""
    number = sum(1 << FLAGS.index(flag) for flag in flags)
    for state in (", ".join(flags) or "None", number):
        one = transfer(state=state)
        assert [one.alive, bool(one.failure), one.succeeded].count(True) == 1
        if set(flags) & set(FAILURES):
            assert one.failure in flags
        elif "Succeeded" in flags:
            assert one.succeeded
        else:
            assert one.failure == ("Errored" if "Completed" in flags else "")


@pytest.mark.parametrize(
    ("state", "doing"),
    [
        ("Queued, Locally", "queued in slskd"),
        ("Requested", "asking peer one"),
        ("Queued, Remotely", "place 3 in the queue of peer one"),
        ("Initializing", "asking peer one"),
        ("InProgress", "coming from peer one"),
        ("None", "queued in slskd"),
        ("Queued", "queued in slskd"),
    ],
)
def test_state_in_a_persons_words(state: str, doing: str) -> None:
    """What is shown says who or what is waited for."""
    assert transfer(state=state).doing == doing


def test_newest_record_of_a_file_counts() -> None:
    """One that is under way before one that has ended, else the later one."""
    old = transfer(state="Completed, Errored", requestedAt="2026-08-22T10:00:00Z")
    new = transfer(state="Completed, Succeeded", requestedAt="2026-08-22T11:00:00Z")
    alive = transfer(state="Requested", requestedAt="2026-08-22T09:00:00Z")
    assert latest([old, new]) == [new]
    assert latest([new, alive, old]) == [alive]
    assert latest([]) == []


@pytest.mark.parametrize("field", ["id", "username", "filename"])
@pytest.mark.parametrize("value", [None, 7, "", "a\x00b", "\ud800", "x" * 5000, "../.."])
def test_record_without_an_owner_is_left_out(field: str, value: Any) -> None:
    """What cannot be sent back as it is, is no record; an id has to be one."""
    one = read_transfer({**SHOWN, field: value})
    assert one is None or (field != "id" and value == "../..")


def test_removed_record_is_left_out() -> None:
    """It was superseded, or cleared."""
    assert read_transfer({**SHOWN, "removed": True}) is None


def test_own_batches_are_told_from_others() -> None:
    """Ids made from a download's are ours; chance ones are of slskd's page; older versions tell none."""
    assert not transfer(batchId="0b0f9a0e-1111-4222-8333-0123456789ab").own
    assert transfer(batchId="72a71387-d3b1-5dfe-9673-9c0d5c8612bb").own
    assert transfer(batchId=None).own


@given(
    failure=st.sampled_from((*FAILURES, "", "Other")), told=st.text(max_size=300), user=st.text(max_size=50)
)
def test_every_failure_is_a_source_error(failure: str, told: str, user: str) -> None:
    """Whatever peers write in their refusals."""
    assert isinstance(failed(failure, told, user), SourceError)
    assert isinstance(refused(told, user), SourceError)


# -- hostile answers -------------------------------------------------------------------------------------

often = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@often
@given(answer=mutated(LISTED, "Completed, Succeeded", "peer one"))
def test_mutated_lists_give_transfers_or_errors(answer: Any) -> None:
    """Whatever stands in place of the list."""
    with suppress(SourceError):
        for one in read_transfers(answer):
            assert one.user
            assert one.path
            assert one.doing
            assert parse(Target(user=one.user, path=one.path, size=1).text).path == one.path


@often
@given(answer=mutated(RESPONSES, "song.flac", "peer one"))
def test_mutated_responses_give_results_or_errors(answer: Any) -> None:
    """Whatever stands in place of the responses; what comes out leads back to a file."""
    with suppress(SourceError):
        offers = read_offers(answer)
        for found in (as_tracks(offers, WANTED), as_albums(offers, WANTED)):
            for one in found:
                assert isinstance(one, RawSearchResult)
                assert parse(one.target_id).text == one.target_id


@often
@given(answer=hostile_json("localFilename", "transfer"))
def test_mutated_events_give_paths_or_nothing(answer: Any) -> None:
    """Whatever stands in place of the events."""
    assert all(isinstance(path, str) for path in announced(answer).values())


# -- targets ---------------------------------------------------------------------------------------------

PLAIN = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40).filter(str.strip)


@given(user=PLAIN, path=PLAIN, size=st.integers(1, 10**15))
def test_target_of_a_file_comes_back(user: str, path: str, size: int) -> None:
    """User, path and size are what they were, byte for byte."""
    target = Target(user=user, path=path, size=size)
    assert parse(target.text) == target


@given(user=PLAIN, folders=st.lists(PLAIN.filter(lambda name: "/" not in name), min_size=1, max_size=4))
def test_target_of_an_album_comes_back(user: str, folders: list[str]) -> None:
    """With all of its folders."""
    target = Target(user=user, folders=tuple(folders))
    assert parse(target.text) == target


@given(text=st.text(max_size=60))
def test_target_of_any_text_is_one_or_none(text: str) -> None:
    """Nothing but NotFound comes out of it."""
    with suppress(SourceError):
        parse(text)


@given(query=st.text(max_size=400))
def test_query_is_words(query: str) -> None:
    """No sign is left in it that would mean something."""
    said = words(query)
    assert len(said) <= 200
    assert all(word.isalnum() for word in said.split())


# -- names -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "artist", "title", "album", "number"),
    [
        (
            "@@ab\\Music\\Mira Vale\\Night Ferry (2021)\\01 - Title.flac",
            "Mira Vale",
            "Title",
            "Night Ferry",
            1,
        ),
        (
            "mp3\\Mira Vale - 2021 - Night Ferry [320]\\01. Mira Vale - Title.mp3",
            "Mira Vale",
            "Title",
            "Night Ferry",
            1,
        ),
        ("Music\\A\\Mira Vale\\2021 - Night Ferry\\1-02 Title.flac", "Mira Vale", "Title", "Night Ferry", 2),
        (
            "Mira Vale\\(2021) Night Ferry\\CD2\\03 Title (Live).flac",
            "Mira Vale",
            "Title (Live)",
            "Night Ferry",
            3,
        ),
        (
            "@@x\\Mira Vale\\Night Ferry\\Disc 1\\04_Some_Title.mp3",
            "Mira Vale",
            "Some Title",
            "Night Ferry",
            4,
        ),
        ("downloads\\Mira Vale - Title.mp3", "Mira Vale", "Title", "", None),
        (
            "Mira Vale - Night Ferry\\Mira Vale - Night Ferry - 05 - Title.mp3",
            "Mira Vale",
            "Title",
            "Night Ferry",
            None,
        ),
        ("music\\Mira Vale\\Night Ferry\\21 Guns.mp3", "Mira Vale", "21 Guns", "Night Ferry", None),
        (
            "music\\Mira Vale\\Night Ferry\\99 Luftballons.mp3",
            "Mira Vale",
            "99 Luftballons",
            "Night Ferry",
            None,
        ),
        (
            "music\\Mira Vale\\Night Ferry\\07 - Title - Live.mp3",
            "Mira Vale",
            "Title - Live",
            "Night Ferry",
            7,
        ),
        ("music\\Mira Vale\\1989\\01 Title.flac", "Mira Vale", "Title", "1989", 1),
        ("music\\mp3\\Title.mp3", "", "Title", "", None),
        ("share\\Title.flac", "", "Title", "", None),
        ("Title.flac", "", "Title", "", None),
    ],
)
def test_path_tells(path: str, artist: str, title: str, album: str, number: int | None) -> None:
    """The ways in which people name their files."""
    said = names.of_file(path)
    assert (said.artist, said.title, said.album) == (artist, title, album)
    assert said.number in {number, None} if number is None else said.number == number


def test_wanted_artist_settles_what_is_what() -> None:
    """A part of the path that is the artist who is looked for is the artist."""
    wanted = Wanted(artist="The Brass Lanterns", title="21 Guns")
    said = names.of_file("x\\The Brass Lanterns\\live\\2004\\21 Guns.flac", wanted)
    assert (said.artist, said.title) == ("The Brass Lanterns", "21 Guns")


@given(path=st.text(max_size=200), artist=st.text(min_size=1, max_size=20).filter(str.strip))
def test_any_path_has_names(path: str, artist: str) -> None:
    """Whatever it is, it is read."""
    said = names.of_file(path, Wanted(artist=artist, title="x"))
    assert isinstance(said.title, str)
    assert names.of_folder(path).title == names.of_folder(path).album


# -- files -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("there", "here", "same"),
    [
        ("01 - Song.flac", "01 - Song.flac", True),
        ("01: Song?.flac", "01_ Song_.flac", True),
        ("Song.flac", "Song_638900000000000001.flac", True),
        ("Song [x(.flac", "Song [x(_638900000000000001.flac", True),
        ("früh.flac", "fru\u0308h.flac", True),
        ("Song_2.flac", "Song.flac", False),
        ("Song.flac", "Song_2.flac", False),
        ("Song.flac", "Song.mp3", False),
    ],
)
def test_names_are_the_same_but_for_what_slskd_changes(there: str, here: str, same: bool) -> None:
    """Forbidden signs, a stamp and the form of accents; compared literally otherwise."""
    assert same_name(there, here) is same


def test_file_is_found_by_name_and_exact_size(tmp_path: Path) -> None:
    """One in the folder of that name comes first; another size, or a link, is none."""
    one = transfer(filename="@@a\\Album\\Song.flac", size=3)
    for place in ("Other", "Album", "Wrong"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "Song.flac").write_bytes(b"abc" if place != "Wrong" else b"abcd")
    assert find_by_name(tmp_path, one) == tmp_path / "Album" / "Song.flac"
    (tmp_path / "Album" / "Song.flac").unlink()
    (tmp_path / "Album" / "Song.flac").symlink_to(tmp_path / "Other" / "Song.flac")
    assert find_by_name(tmp_path, one) == tmp_path / "Other" / "Song.flac"
    assert find_by_name(tmp_path / "missing", one) is None


@pytest.mark.parametrize(
    ("named", "given", "root"),
    [
        ({"downloads": "/app/downloads"}, {}, "/app/downloads"),
        ({"downloads": "/app/downloads"}, {"download_dir": "/here"}, "/here"),
        ({"downloads": "/app/downloads"}, {"path_map": {"/app": "/srv/slskd"}}, "/srv/slskd/downloads"),
        ({"downloads": "D:\\slskd\\Down"}, {"path_map": {"D:\\slskd": "/mnt"}}, "/mnt/Down"),
        ({}, {"download_dir": "/here"}, "/here"),
    ],
)
def test_places(named: dict[str, str], given: dict[str, Any], root: str) -> None:
    """What slskd calls its folder, and where it is here."""
    assert places_of(named, SoulseekSettings(base_url="http://x", **given)).root == Path(root)


def test_place_that_nobody_names_is_none() -> None:
    """Without slskd's word and without a setting there is nothing to look through."""
    assert places_of({}, SoulseekSettings(base_url="http://x")).root is None


@pytest.mark.parametrize(
    ("folder", "name", "whole"),
    [
        ("/app/d", "A/b.flac", "/app/d/A/b.flac"),
        ("/app/d", "/app/d/A/b.flac", "/app/d/A/b.flac"),
        ("D:\\d", "A\\b.flac", "D:\\d\\A\\b.flac"),
    ],
)
def test_listed_files_have_whole_paths(folder: str, name: str, whole: str) -> None:
    """Listings name files relative to their folder, or whole."""
    assert inside(folder, name) == whole
