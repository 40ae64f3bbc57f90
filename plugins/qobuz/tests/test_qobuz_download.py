"""A download brings the whole track in the best format that is wanted, or says why not."""

from __future__ import annotations

from typing import Any

import pytest

from cratedig import DownloadState, Quality, QualityPreference
from cratedig_emulators.playing import play
from cratedig_emulators.server import Fault

CD = Quality(codec="flac", bit_depth=16, sample_rate=44_100)
HIRES = Quality(codec="flac", bit_depth=24, sample_rate=44_100)


def formats_asked(bench: Any) -> list[str]:
    return [
        seen.query.partition("format_id=")[2].partition("&")[0] for seen in bench.asked("track/getFileUrl")
    ]


@pytest.mark.parametrize("searched", [True, False], ids=["searched", "by number"])
@pytest.mark.parametrize(
    ("title", "setting", "played", "got"),
    [
        ("Nowhere, Part One", 27, ("flac", 192_000), "FLAC 24/192"),
        ("Nowhere, Part One", 7, ("flac", 96_000), "FLAC 24/96"),
        ("Copper Rain", 27, ("flac", 96_000), "FLAC 24/96"),
        ("Copper Rain", 6, ("flac", 44_100), "FLAC 16/44.1"),
        ("Copper Rain", 5, ("mp3", 44_100), "MP3 320"),
        ("Glasshouse", 27, ("flac", 44_100), "FLAC 16/44.1"),
    ],
)
def test_whole_track_in_each_format(
    bench: Any, title: str, setting: int, played: tuple[str, int], got: str, searched: bool
) -> None:
    """The file plays from its beginning to its end, in the format that was answered, under its name."""
    record = bench.download(title, searched=searched, setting=setting)
    assert (record.state, record.detail) == (DownloadState.COMPLETED, "")
    heard = play(record.file_path)
    assert (heard.codec, heard.sample_rate) == played
    assert heard.seconds == pytest.approx(bench.service.song(title).track.seconds, abs=0.2)
    assert str(record.quality_got) == got
    assert record.file_path.stem == f"{bench.service.song(title).track.artist} - {title}"


def test_number_needs_one_request_more(bench: Any) -> None:
    """After a search its result is believed; a bare number is looked up for its duration and name."""
    bench.download("Copper Rain", searched=True)
    assert bench.asked("track/get") == []
    bench.download("Glasshouse")
    assert len(bench.asked("track/get")) == 1


def test_network_that_delivers_gets_no_credentials(bench: Any) -> None:
    """Neither token nor app_id leaves for the machines that hold the files."""
    bench.download("Copper Rain")
    (seen,) = bench.service.log.all("/file")
    assert seen.port == bench.service.network.port
    assert not [name for name in seen.headers if name.startswith("x-")]
    told = f"{seen.headers} {seen.query}"
    assert bench.service.token not in told
    assert bench.service.app_secret not in told


@pytest.mark.parametrize(
    ("title", "code", "words"),
    [
        ("Elsewhere", "not-entitled", "region"),
        ("Withheld", "not-entitled", "rights holders"),
        ("No Rights", "not-entitled", "rights holders"),
        ("No Sample Either", "not-entitled", "rights holders"),
        ("For Sale", "not-entitled", "bought"),
        ("New Reason", "not-entitled", "TrackHiddenBehindTheMoon"),
        ("Unsubscribed", "not-entitled", "subscription"),
        ("Withdrawn", "not-found", "withdrawn"),
        ("Album Withdrawn", "not-found", "withdrawn"),
        ("Gone", "not-found", "no such track"),
        ("No Format", "quality-unavailable", "as it is wanted"),
        ("99999999999999999999", "not-found", "number"),
        ("1", "not-found", "no such track"),
    ],
)
def test_what_cannot_be_had(bench: Any, title: str, code: str, words: str) -> None:
    """Each of Qobuz' ways to say no is told apart, and nothing is left behind."""
    record = bench.download(title)
    assert (record.state, record.code) == (DownloadState.ERRORED, code)
    assert words in record.detail
    assert bench.left() == []


@pytest.mark.parametrize("title", ["Half a Minute", "Only Flagged", "Only Short", "Only in the Address"])
@pytest.mark.parametrize("searched", [True, False])
def test_sample_is_known_before_a_byte_is_fetched(bench: Any, title: str, searched: bool) -> None:
    """Any one sign is enough: the flag, the short duration, the range in the address."""
    record = bench.download(title, searched=searched)
    assert record.code == "not-entitled"
    assert "30 seconds" in record.detail
    assert bench.service.log.all("/file") == []
    assert len(bench.asked("track/getFileUrl")) == 1, "a sample is a sample in every format"


def test_sample_without_any_sign_is_not_published(bench: Any) -> None:
    """Where the answer gives nothing away, the file's own length does."""
    record = bench.download("Unsaid")
    assert (record.code, bench.left()) == ("not-entitled", [])
    assert "preview" in record.detail


def test_track_that_does_not_say_whether_it_streams(bench: Any) -> None:
    """A missing streamable is no refusal."""
    assert bench.download("Unmarked").state is DownloadState.COMPLETED


def test_lower_formats_are_asked_for_after_a_refusal(bench: Any) -> None:
    """A format that has no address leads to the next one, and the record says what came of it."""
    record = bench.download("Third Time Lucky", searched=True)
    assert formats_asked(bench) == ["27", "7", "6"]
    assert (str(record.quality_offered), str(record.quality_got)) == ("FLAC 24/192", "FLAC 16/44.1")


def test_no_lower_format_where_lower_is_not_accepted(bench: Any) -> None:
    """accept_lower = false ends it at the first format."""
    record = bench.download("Third Time Lucky", searched=True, quality=QualityPreference(accept_lower=False))
    assert record.code == "quality-unavailable"
    assert formats_asked(bench) == ["27"]


def test_silent_downgrade_is_in_the_record(bench: Any) -> None:
    """The quality is that of the answer, not that of the question."""
    record = bench.download("Less Than Told", searched=True)
    assert record.state is DownloadState.COMPLETED
    assert (str(record.quality_offered), str(record.quality_got)) == ("FLAC 24/96", "FLAC 16/44.1")


@pytest.mark.parametrize(
    "preference",
    [QualityPreference(floor=HIRES), QualityPreference(accept_lower=False)],
    ids=["floor", "exact"],
)
def test_silent_downgrade_is_refused_by_policy(bench: Any, preference: QualityPreference) -> None:
    """A floor, or no wish for less, makes it QualityUnavailable before a byte is fetched."""
    record = bench.download("Less Than Told", searched=True, quality=preference)
    assert record.code == "quality-unavailable"
    assert formats_asked(bench) == ["27"], "what is too low is lower still in the next format"
    assert bench.service.log.all("/file") == []


def test_mp3_in_place_of_flac_is_refused_where_flac_is_wanted(bench: Any) -> None:
    """Rights can leave only MP3; it is kept or refused as the person says."""
    record = bench.download("Lossy Only", quality=QualityPreference(codecs=["flac"]))
    assert record.code == "quality-unavailable"
    assert str(bench.download("Lossy Only").quality_got) == "MP3 320"


@pytest.mark.parametrize(
    ("preference", "asked"),
    [
        (QualityPreference(ceiling=CD), "6"),
        (QualityPreference(codecs=["mp3"]), "5"),
        (QualityPreference(floor=HIRES), "27"),
    ],
)
def test_wish_decides_on_the_format(bench: Any, preference: QualityPreference, asked: str) -> None:
    """A ceiling and codecs are asked for, in place of throwing better bytes away."""
    assert bench.download("Copper Rain", quality=preference).state is DownloadState.COMPLETED
    assert formats_asked(bench) == [asked]


def test_nothing_is_asked_where_no_format_is_welcome(bench: Any) -> None:
    """A track that is known to end at CD quality costs no request where hi-res is wanted."""
    record = bench.download("Glasshouse", quality=QualityPreference(floor=HIRES))
    assert record.code == "quality-unavailable"
    assert formats_asked(bench) == []


def test_address_that_runs_out_on_the_way(bench: Any) -> None:
    """After the address has run out, a fresh one goes on from the bytes that are there."""
    bench.service.link_seconds = 2
    bench.service.fault("GET /file", Fault(drip=(120_000, 0.35), truncate_at=0.5, times=1))
    record = bench.download("Copper Rain", retries=2)
    assert (record.state, len(record.attempts)) == (DownloadState.COMPLETED, 2)
    assert play(record.file_path).seconds == pytest.approx(16, abs=0.2)
    assert len(bench.asked("track/getFileUrl")) == 2
    assert "range" in bench.service.log.all("/file")[-1].headers


def test_refusal_of_the_network_with_a_fresh_address(bench: Any) -> None:
    """A 403 while the address is good is a refusal and no reason to try again."""
    bench.service.fault("/file", Fault(status=403))
    record = bench.download("Copper Rain", retries=3)
    assert (record.code, len(record.attempts)) == ("not-entitled", 1)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(truncate_at=0.5, times=1),
        Fault(status=503, times=1),
        Fault(reset=True, times=1),
        Fault(drip=(10**6, 0.01)),
    ],
    ids=["truncated", "503", "reset", "slow"],
)
def test_network_that_misbehaves_once(bench: Any, fault: Fault) -> None:
    """Whatever the network does once, the file is whole in the end."""
    bench.service.fault("GET /file", fault)
    record = bench.download("Copper Rain", retries=2)
    assert record.state is DownloadState.COMPLETED
    assert record.file_path.stat().st_size == len(bench.service.song("Copper Rain").file(7))
