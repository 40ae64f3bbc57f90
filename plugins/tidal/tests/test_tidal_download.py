"""From a search to a file that plays, in the best tier that is there and welcome."""

from __future__ import annotations

import time
from email.utils import formatdate
from typing import Any

import pytest

from cratedig import Download, DownloadState, Quality, QualityPreference, Wanted
from cratedig_emulators.catalogue import DEFAULT, Track
from cratedig_emulators.playing import play
from cratedig_emulators.server import Fault
from cratedig_emulators.tidal import REFUSALS, TidalEmulator
from cratedig_emulators.tidal.streams import BTS, DASH, EMU

COPPER = Wanted(artist="The Brass Lanterns", title="Copper Rain")
SECONDS = 16.0
PLAYBACK = "/v1/tracks/*/playbackinfopostpaywall"
BYTES = "/mediatracks/*"


def copper(bench: Any) -> str:
    return str(bench.service.id_of("Copper Rain"))


def assert_plays(record: Download, codec: str, rate: int, bits: int, suffix: str = ".flac") -> None:
    assert record.state is DownloadState.COMPLETED, record.detail
    assert record.file_path is not None
    assert record.file_path.name == f"The Brass Lanterns - Copper Rain{suffix}"
    heard = play(record.file_path)
    assert (heard.codec, heard.sample_rate, heard.bit_depth) == (codec, rate, bits)
    assert heard.seconds == pytest.approx(SECONDS, abs=0.2)
    assert [one for one in record.file_path.parent.rglob("*") if one.is_file()] == [record.file_path]


def tiers_asked(bench: Any) -> list[str]:
    paths = [seen.query for seen in bench.service.log.all(PLAYBACK)]
    return [query.partition("audioquality=")[2].partition("&")[0] for query in paths]


@pytest.mark.parametrize(
    ("quality", "codec", "rate", "bits", "suffix"),
    [
        ("HI_RES_LOSSLESS", "flac", 96000, 24, ".flac"),
        ("lossless", "flac", 44100, 16, ".flac"),
        ("HIGH", "aac", 44100, 0, ".m4a"),
        ("LOW", "aac", 44100, 0, ".m4a"),
    ],
)
def test_search_download_play(
    bench: Any, quality: str, codec: str, rate: int, bits: int, suffix: str
) -> None:
    """Every tier ends in a file that plays from the first to the last second, as what it was called."""
    found = bench.search(COPPER, quality=quality).results[0]
    assert (found.title, found.artist, found.duration) == ("Copper Rain", "The Brass Lanterns", SECONDS)
    record = bench.download(found, quality=quality)
    assert_plays(record, codec, rate, bits, suffix)
    assert record.detail == "" or codec == "aac"  # a tone needs less than 320 kbit/s
    assert tiers_asked(bench) == [quality.upper()]


def test_target_without_a_search_has_name_and_length(bench: Any) -> None:
    """A number alone is looked up, so that the file has a name and is held against the song's length."""
    assert_plays(bench.download(copper(bench)), "flac", 96000, 24)
    assert len(bench.service.log.all(f"/v1/tracks/{copper(bench)}")) == 1


@pytest.mark.parametrize(
    "script",
    [
        {"timeline": "runs"},
        {"timeline": "single"},
        {"timeline": "several"},
        {"start_number": 0},
        {"start_number": 7},
        {"declaration": '<?xml version="1.0" encoding="utf-8"?>'},
        {"declaration": ""},
    ],
    ids=str,
)
def test_segments_are_counted_exactly(bench: Any, script: dict[str, Any]) -> None:
    """However the manifest counts, every segment is fetched once, none too many, and the song is whole."""
    bench.service.script(copper(bench), **script)
    assert_plays(bench.download(copper(bench)), "flac", 96000, 24)
    fetched = [seen.path.rpartition("/")[2] for seen in bench.service.log.all(BYTES)]
    first = script.get("start_number", 1)
    assert fetched == ["init.mp4", *(f"{number}.mp4" for number in range(first, first + len(fetched) - 1))]
    assert len(fetched) > 10


@pytest.mark.parametrize(("tier", "codec"), [("LOSSLESS", "flac"), ("HIGH", "aac")])
def test_segments_of_every_tier(bench: Any, tier: str, codec: str) -> None:
    """CD quality and AAC come in segments, too, for some clients."""
    bench.service.script(copper(bench), best=tier, mimes={tier: DASH})
    suffix = ".flac" if codec == "flac" else ".m4a"
    bits = 16 if codec == "flac" else 0
    assert_plays(bench.download(copper(bench), quality=tier), codec, 44100, bits, suffix)


def test_lower_tier_is_never_silent(bench: Any) -> None:
    """Where less is played than was offered, the record tells what was offered, what came, and says so."""
    found = bench.search(COPPER).results[0]
    assert str(found.quality) == "FLAC 24/44.1"
    bench.service.script(copper(bench), best="LOSSLESS")
    record = bench.download(found)
    assert_plays(record, "flac", 44100, 16)
    assert (record.quality_offered.bit_depth, record.quality_got.bit_depth) == (24, 16)
    assert "lower quality than offered" in record.detail


@pytest.mark.parametrize("trouble", ["not ready", "encrypted file", "encrypted segments", "kind", "manifest"])
def test_tier_that_cannot_be_had_leads_to_the_next(bench: Any, trouble: str) -> None:
    """A tier that is refused, encrypted or unreadable is stepped over, one tier at a time."""
    changes: dict[str, dict[str, Any]] = {
        "not ready": {"refusals": {"HI_RES_LOSSLESS": REFUSALS["not_ready"]}},
        "encrypted file": {"encrypted": ["HI_RES_LOSSLESS"], "mimes": {"HI_RES_LOSSLESS": BTS}},
        "encrypted segments": {"encrypted": ["HI_RES_LOSSLESS"]},
        "kind": {"mimes": {"HI_RES_LOSSLESS": EMU}},
        "manifest": {"mimes": {"HI_RES_LOSSLESS": EMU}, "answer": {}},
    }
    bench.service.script(copper(bench), **changes[trouble])
    assert_plays(bench.download(copper(bench)), "flac", 44100, 16)
    assert tiers_asked(bench) == ["HI_RES_LOSSLESS", "LOSSLESS"]


FLOOR_HI_RES = QualityPreference(floor=Quality(codec="flac", bit_depth=24))
FLOOR_CD = QualityPreference(floor=Quality(codec="flac", bit_depth=16, sample_rate=44100))
CEILING_CD = QualityPreference(ceiling=Quality(codec="flac", bit_depth=16, sample_rate=44100))
ONLY_AAC = QualityPreference(codecs=("aac",))
NO_LESS = QualityPreference(accept_lower=False)


@pytest.mark.parametrize(
    ("wish", "best", "asked", "outcome"),
    [
        (FLOOR_HI_RES, "HI_RES_LOSSLESS", ["HI_RES_LOSSLESS"], "FLAC 24/96"),
        (FLOOR_HI_RES, "LOSSLESS", ["HI_RES_LOSSLESS"], "quality-unavailable"),
        (FLOOR_CD, "LOSSLESS", ["HI_RES_LOSSLESS"], "FLAC 16/44.1"),
        (FLOOR_CD, "HIGH", ["HI_RES_LOSSLESS"], "quality-unavailable"),
        (CEILING_CD, "HI_RES_LOSSLESS", ["LOSSLESS"], "FLAC 16/44.1"),
        (ONLY_AAC, "HI_RES_LOSSLESS", ["HIGH"], "AAC"),
        (NO_LESS, "HI_RES_LOSSLESS", ["HI_RES_LOSSLESS"], "FLAC 24/96"),
        (NO_LESS, "LOSSLESS", ["HI_RES_LOSSLESS"], "quality-unavailable"),
    ],
)
def test_ladder_goes_as_far_as_is_welcome(
    bench: Any, wish: QualityPreference, best: str, asked: list[str], outcome: str
) -> None:
    """No tier is asked for that the person would not take, and nothing worse is fetched."""
    bench.service.script(copper(bench), best=best)
    record = bench.download(copper(bench), wish=wish)
    assert tiers_asked(bench) == asked
    if record.state is DownloadState.COMPLETED:
        assert str(record.quality_got).startswith(outcome)
    else:
        assert record.code == outcome
        assert bench.service.log.all(BYTES) == []


def test_refused_in_all_tiers_is_not_entitled(bench: Any) -> None:
    """A 401 that means "not for you" is no expired login: all tiers are tried once, none renewed."""
    bench.service.script(copper(bench), refusals={"": REFUSALS["not_ready"]})
    before = bench.service.accounts.refreshes
    record = bench.download(copper(bench))
    assert (record.code, tiers_asked(bench)) == (
        "not-entitled",
        ["HI_RES_LOSSLESS", "LOSSLESS", "HIGH", "LOW"],
    )
    assert bench.service.accounts.refreshes == before + 1  # that of the beginning, from the refresh token


def test_preview_is_told_by_the_answer(bench: Any) -> None:
    """AssetPresentation says PREVIEW, which tidalapi does not read; no byte is fetched, no tier tried."""
    bench.service.script(copper(bench), presentation="PREVIEW", seconds=8)
    record = bench.download(copper(bench))
    assert record.code == "not-entitled"
    assert "preview" in record.detail
    assert (tiers_asked(bench), bench.service.log.all(BYTES)) == (["HI_RES_LOSSLESS"], [])


def test_preview_is_told_by_its_segments(bench: Any) -> None:
    """An answer that says FULL over 8 seconds of segments is a preview all the same."""
    bench.service.script(copper(bench), seconds=8)
    record = bench.download(copper(bench))
    assert (record.code, bench.service.log.all(BYTES)) == ("not-entitled", [])
    assert "8 s of 16 s" in record.detail


def test_preview_is_told_by_its_bytes(bench_at: Any) -> None:
    """One file that says FULL and plays for 30 of 60 seconds is refused before it is published."""
    long = Track(artist="Zed Quill", title="Long Way Round", seconds=60, isrc="QZZZZ2400001")
    with TidalEmulator(catalogue=DEFAULT.plus(long)) as service:
        bench = bench_at(service)
        service.script(service.id_of("Long Way Round"), seconds=30)
        record = bench.download(service.id_of("Long Way Round"), quality="HIGH")
    assert (record.state, record.code) == (DownloadState.ERRORED, "not-entitled")
    assert not list(bench.music.rglob("*.*"))


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        ("gone", "not-found"),
        ("region", "not-entitled"),
        ("purchase", "not-entitled"),
        ("client", "not-entitled"),
        ("prerequisite", "not-entitled"),
    ],
)
def test_refusals_of_the_song_are_told_apart(bench: Any, refusal: str, code: str) -> None:
    """What no lower tier would change ends at the first one, in the engine's words."""
    bench.service.script(copper(bench), refusals={"": REFUSALS[refusal]})
    record = bench.download(copper(bench))
    assert (record.code, len(tiers_asked(bench))) == (code, 1)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault(status=401), "authentication-failed"),
        (Fault(status=403), "not-entitled"),
        (Fault(status=404), "not-found"),
        (Fault(status=503), "unavailable"),
        (Fault(reset=True), "unavailable"),
        (Fault(html=True), "unexpected-response"),
        (Fault(html=True, status=502), "unavailable"),
        (Fault(body=b"[7]", content_type="application/json"), "unexpected-response"),
        (Fault(body=b"{", content_type="application/json"), "unexpected-response"),
        (Fault(body=b"[" * 100_000, content_type="application/json"), "unexpected-response"),
        (Fault(status=400, body=b'["x"]', content_type="application/json"), "unexpected-response"),
        (Fault(status=400, body=b'{"userMessage": null}'), "unexpected-response"),
    ],
    ids=lambda value: value if isinstance(value, str) else str(value.status),
)
def test_misfortunes_of_the_service(bench: Any, fault: Fault, code: str) -> None:
    """Whatever stands in place of an answer becomes the error that it stands for, never a bug."""
    bench.service.fault(PLAYBACK, fault)
    record = bench.download(copper(bench))
    assert (record.state, record.code) == (DownloadState.ERRORED, code)


def test_login_refused_says_what_to_do(bench: Any) -> None:
    """The record tells the person the very command."""
    bench.service.fault(PLAYBACK, Fault(status=401))
    assert "cratedig login tidal" in bench.download(copper(bench)).detail


@pytest.mark.parametrize("refusal", ["elsewhere", "quota"])
def test_account_that_is_busy_pauses_the_source(bench: Any, refusal: str, pauses: list[float]) -> None:
    """Playing elsewhere and a used-up quota are no reason to give the song up: the lane waits."""
    bench.service.script(copper(bench), refusals={"": REFUSALS[refusal]})

    async def use(engine: Any) -> str:
        one = await engine.dispatch_download(("tidal", copper(bench)), dest_dir=bench.music)
        record = await bench.seen(engine, one, lambda record: record.attempts)
        return str(record.code)

    assert bench(use) == "rate-limited"
    assert pauses[0] > (3000 if refusal == "quota" else 3)


def test_too_many_requests_pause_for_as_long_as_was_asked(bench: Any, pauses: list[float]) -> None:
    """Retry-After in seconds is waited for; then the song comes."""
    bench.service.fault(PLAYBACK, Fault(status=429, retry_after=1, times=1))
    record = bench.download(copper(bench), retries=1)
    assert_plays(record, "flac", 96000, 24)
    first, second = bench.service.log.all(PLAYBACK)
    assert second.at - first.at >= 1
    assert pauses == [1]


def test_too_many_requests_pause_until_a_date(bench: Any, pauses: list[float]) -> None:
    """Retry-After may be a date, which tidalapi falls over."""
    value = formatdate(time.time() + 3000, usegmt=True)
    bench.service.fault(PLAYBACK, Fault(status=429, retry_after=value, times=1))

    async def use(engine: Any) -> None:
        one = await engine.dispatch_download(("tidal", copper(bench)), dest_dir=bench.music)
        await bench.seen(engine, one, lambda record: record.attempts)
        await engine.cancel_download(one)

    bench(use, retries=1)
    assert 2000 < pauses[0] <= 3000


def test_robot_check_stops_the_source(bench: Any) -> None:
    """A page with status 403 is a block of the account, and is left alone for a quarter of an hour."""
    bench.service.fault("/v1/search", Fault(html=True, status=403))
    outcome = bench.search("Copper Rain").outcomes["tidal"]
    assert outcome.code == "rate-limited"


def test_link_that_is_too_old_is_asked_for_again(bench: Any) -> None:
    """The network's 403 means that the link is old: another one is asked for, once, and the song comes."""
    bench.service.fault(BYTES, Fault(status=403, times=1))
    assert_plays(bench.download(copper(bench)), "flac", 96000, 24)
    assert len(tiers_asked(bench)) == 2


def test_link_that_is_always_refused_is_an_outage(bench: Any) -> None:
    """A fresh link that is refused as well is throttling, which passes; it is not said to be the account."""
    bench.service.fault(BYTES, Fault(status=403))
    assert bench.download(copper(bench)).code == "unavailable"


@pytest.mark.parametrize(
    "fault",
    [Fault(truncate_at=0.5, times=1), Fault(status=503, times=1), Fault(reset=True, times=1)],
    ids=["truncated", "503", "reset"],
)
@pytest.mark.parametrize("quality", ["HI_RES_LOSSLESS", "LOSSLESS"])
def test_network_that_misbehaves_once(bench: Any, quality: str, fault: Fault) -> None:
    """Whatever happens to the bytes once, the file is whole in the end."""
    bench.service.fault(BYTES, fault)
    record = bench.download(copper(bench), quality=quality, retries=2)
    assert_plays(record, "flac", *((96000, 24) if quality == "HI_RES_LOSSLESS" else (44100, 16)))


@pytest.mark.parametrize("target", ["", "x", "1/../2", "41000001?x=1", "9" * 400, "٤١"])
def test_targets_that_are_no_numbers_are_not_asked_for(bench: Any, target: str) -> None:
    """Only the number of a track becomes part of an address."""
    if target:
        assert bench.download(target).code == "not-found"
    assert bench.service.log.all("/v1/tracks/*") == []
