"""Every error of the service's vocabulary, what the record says of it, and what people are told to do."""

from __future__ import annotations

from contextlib import aclosing
from typing import Any

import pytest

from cratedig import DownloadState, Quality, QualityPreference, Wanted
from cratedig_emulators.hifi import Preview, Recipe
from cratedig_emulators.server import Fault

UPSTREAM = b'{"detail": "Upstream API error"}'
LOSSLESS = Quality(codec="flac", lossless=True, bit_depth=16, sample_rate=44100)
HIRES_96 = Quality(codec="flac", lossless=True, bit_depth=24, sample_rate=96000)


def everywhere(bench: Any, recipe: Recipe) -> None:
    for service in bench.services:
        service.default = recipe


@pytest.mark.parametrize(
    ("status", "body", "code", "advice"),
    [
        (401, UPSTREAM, "authentication-failed", "refuses the instance's login"),
        (401, b'{"detail": "Tidal Auth Error: gone"}', "authentication-failed", "operator has to log in"),
        (500, b'{"detail": "No Tidal playback credentials available"}', "authentication-failed", "operator"),
        (401, b"<html>", "authentication-failed", "check user and password"),
        (403, UPSTREAM, "not-entitled", "its country"),
        (451, UPSTREAM, "not-entitled", "its country"),
        (404, UPSTREAM, "not-found", "knows no such track"),
        (422, b'{"detail": [{"msg": "x"}]}', "unexpected-response", "another version"),
        (429, UPSTREAM, "rate-limited", ""),
        (429, b'{"detail": "Upstream timeout"}', "unavailable", "did not answer the instance in time"),
        (503, b'{"detail": "Connection error to Tidal"}', "unavailable", "Connection error to Tidal"),
        (200, b'{"version": "2.10", "data": {"manifest": "%%%"}}', "unexpected-response", "no manifest"),
        (200, b"[]", "unexpected-response", "no manifest"),
    ],
)
def test_refusal_at_all_instances(bench: Any, status: int, body: bytes, code: str, advice: str) -> None:
    """Status and detail together are the error; the text says what to do."""
    for service in bench.services:
        service.fault("/track/", Fault(status=status, body=body, content_type="application/json"))
        service.legacy = True
    record = bench(lambda engine: one_failure(bench, engine))
    assert record.attempts[0].code == code
    assert advice in record.attempts[0].reason
    assert record.file_path is None


async def one_failure(bench: Any, engine: Any) -> Any:
    """The record as soon as it has failed once; it is not waited for any longer than that."""
    dest = bench.folder / "music"
    download_id = await engine.dispatch_download(("hifi", bench.target()), dest_dir=dest)
    async with aclosing(engine.events()) as events:
        async for event in events:
            if event.download.id == download_id and event.download.attempts:
                await engine.cancel_download(download_id)
                return event.download
    return None


@pytest.mark.parametrize("target", ["no number", "0", "-1", "1" * 30, "٣", "..", "1/2"])
def test_target_that_is_no_number(bench: Any, target: str) -> None:
    """A target that cannot be one is not asked for."""
    assert bench(lambda engine: bench.done(engine, target)).code == "not-found"
    assert bench.service.requests == []


@pytest.mark.parametrize("preview", [Preview.FLAGGED, Preview.SHORT, Preview.DISGUISED])
@pytest.mark.parametrize("quality", ["HI_RES_LOSSLESS", "LOSSLESS"])
def test_preview_is_refused(bench: Any, preview: Preview, quality: str) -> None:
    """A preview is never published: not a flagged one, not a short one, not under the whole song's header."""
    everywhere(bench, Recipe(preview=preview))
    record = bench.download("The Long Way", quality=quality)
    assert (record.state, record.code) == (DownloadState.ERRORED, "not-entitled")
    assert "preview" in record.detail
    assert not [path for path in (bench.folder / "music").rglob("*") if path.is_file()]


@pytest.mark.parametrize("preview", [Preview.FLAGGED, Preview.SHORT])
def test_preview_at_one_instance_is_the_song_at_another(bench: Any, preview: Preview) -> None:
    """A preview is the account's, so another instance is asked, and no other tier of the same."""
    bench.service.default = Recipe(preview=preview)
    record = bench.download("The Long Way", quality="HI_RES_LOSSLESS")
    assert record.state is DownloadState.COMPLETED
    assert str(record.quality_got) == "FLAC 24/96"
    assert len(bench.service.log.all("/trackManifests/")) == 1


@pytest.mark.parametrize(
    "recipe", [Recipe(encryption="OLD_AES", drm=True, hls_key=True), Recipe(tiers=()), Recipe(tiers=("LOW",))]
)
def test_quality_below_the_floor_is_refused(bench: Any, recipe: Recipe) -> None:
    """Encrypted, missing or lowered: a tier below what was asked for is not taken, and it says so."""
    everywhere(bench, recipe)
    record = bench.download(wish=QualityPreference(floor=LOSSLESS))
    assert record.code in {"quality-unavailable", "authentication-failed"}
    assert all("quality=LOSSLESS" in seen.query for one in bench.services for seen in one.log.all("/track/"))


def test_lower_tier_is_taken_where_it_is_welcome(bench: Any) -> None:
    """Without a floor the next tier is taken, and the record tells what was offered and got."""
    everywhere(bench, Recipe(tiers=("HIGH", "LOW"), downgrades=False))
    record = bench.download(quality="HI_RES_LOSSLESS")
    assert record.state is DownloadState.COMPLETED
    assert record.quality_got.codec == "aac"


def test_encrypted_tier_is_left_for_an_open_one(bench: Any) -> None:
    """A protected playlist is refused and the plain lossless file is taken."""
    everywhere(bench, Recipe(hls_key=True))
    assert str(bench.download(quality="HI_RES_LOSSLESS").quality_got) == "FLAC 16/44.1"


def test_wish_above_the_setting_counts(bench: Any) -> None:
    """A floor of 24 bits asks for hi-res although the setting is lossless."""
    record = bench.download(wish=QualityPreference(floor=HIRES_96))
    assert str(record.quality_got) == "FLAC 24/96"


def test_nothing_is_asked_for_what_cannot_be(bench: Any) -> None:
    """MP3 is not among Tidal's qualities."""
    record = bench.download(wish=QualityPreference(codecs=("mp3",)))
    assert record.code == "quality-unavailable"
    assert bench.service.log.all("/track/") == []


def test_missing_segment_is_no_file(bench: Any) -> None:
    """A song whose last segment is not there is not called complete."""
    everywhere(bench, Recipe(missing_segment=True))
    record = bench.download(quality="HI_RES_LOSSLESS")
    assert record.state is DownloadState.ERRORED
    assert record.file_path is None


def test_signature_that_has_expired_is_renewed(bench: Any) -> None:
    """403 of the CDN is answered by asking the instance once more."""
    bench.service.fault("/mediatracks/*", Fault(status=403, times=1))
    assert bench.download().state is DownloadState.COMPLETED
    assert len(bench.service.log.all("/track/")) == 2


def test_expiry_in_the_middle_of_the_segments(bench: Any) -> None:
    """New signatures go on behind the segments that are there."""
    bench.service.fault("/mediatracks/*", Fault(status=403, skip=3, times=1))
    assert bench.download(quality="HI_RES_LOSSLESS").state is DownloadState.COMPLETED
    paths = [seen.path for seen in bench.service.log.all("/mediatracks/*") if seen.status == 200]
    assert len(paths) == len(set(paths)) == 5


@pytest.mark.parametrize(
    "fault",
    [
        Fault(truncate_at=0.5, times=1),
        Fault(status=503, times=1),
        Fault(reset=True, times=1),
        Fault(html=True, times=1),
    ],
)
@pytest.mark.parametrize("quality", ["HI_RES_LOSSLESS", "LOSSLESS"])
def test_cdn_that_misbehaves_once(bench: Any, fault: Fault, quality: str) -> None:
    """Whatever the CDN does once, the file is whole in the end, or nothing is."""
    bench.service.fault("/mediatracks/*", fault)
    record = bench.download(quality=quality, retries=3)
    assert record.state is DownloadState.COMPLETED or (fault.html and record.file_path is None)


def test_search_by_isrc(bench: Any) -> None:
    """An ISRC is asked for by itself; where it has nothing, the words are."""
    found = bench.search(Wanted(isrc="QZCD12100002"))
    assert [one.title for one in found] == ["Copper Rain"]
    assert [seen.query for seen in bench.service.log.all("/search/")] == ["i=QZCD12100002"]
    unknown = Wanted(artist="The Brass Lanterns", title="Copper Rain", isrc="QZXXX0000000")
    assert [one.title for one in bench.search(unknown)] == ["Copper Rain"]


def test_instance_without_isrc_search_is_asked_for_words(bench: Any) -> None:
    """An older version refuses the parameter; the words find the track all the same."""
    for service in bench.services:
        service.fault("/search/", Fault(status=400, body=b'{"detail": "Provide one of s, a, al"}', times=1))
    wanted = Wanted(artist="The Brass Lanterns", title="Copper Rain", isrc="QZCD12100002")
    assert [one.title for one in bench.search(wanted)] == ["Copper Rain"]


def test_what_is_known_of_a_track(bench: Any) -> None:
    """Title with its version, artist, album, place, year, length, ISRC and quality."""
    (one,) = bench.search("Harbour Lights", quality="HI_RES_LOSSLESS").results
    assert (one.title, one.artist, one.album) == (
        "Harbour Lights (Remastered)",
        "The Brass Lanterns",
        "Slow Tram Home",
    )
    assert (one.track_number, one.year, one.isrc) == (6, 2021, "QZCD12100006")
    assert str(one.quality) == "FLAC 24/44.1"
