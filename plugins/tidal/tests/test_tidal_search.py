"""A search finds tracks by words and by ISRC, with the quality that can be had."""

from __future__ import annotations

from typing import Any

import pytest

from cratedig import SearchStatus, Wanted
from cratedig_emulators.server import Fault

COPPER = Wanted(artist="The Brass Lanterns", title="Copper Rain")
LOOK_UP = "/openapi/v2/tracks"


def test_track_is_found_with_all_that_is_known_of_it(bench: Any) -> None:
    """Title, artist, album, number, year, length, ISRC and quality come out of the catalogue."""
    best = bench.search(COPPER).results[0]
    assert (best.title, best.artist, best.album) == ("Copper Rain", "The Brass Lanterns", "Slow Tram Home")
    assert (best.track_number, best.year, best.duration) == (2, 2021, 16.0)
    assert (best.isrc, best.target_id) == ("QZCD12100002", bench.service.id_of("Copper Rain"))
    assert (best.quality.codec, best.quality.bit_depth) == ("flac", 24)


def test_texts_in_place_of_numbers_are_read(bench: Any) -> None:
    """Old entries of the catalogue have strings where others have numbers."""
    best = bench.search("Mira Oldenburg Moth Season").results[0]
    assert (best.target_id, best.track_number, best.duration) == (
        bench.service.id_of("Moth Season"),
        2,
        16.0,
    )


def test_version_is_part_of_the_title(bench: Any) -> None:
    """What the service keeps beside the title makes another recording of it."""
    assert bench.search("Harbour Lights").results[0].title == "Harbour Lights (Remastered)"


@pytest.mark.parametrize(
    ("quality", "shown"),
    [("HI_RES_LOSSLESS", "FLAC 24/44.1"), ("LOSSLESS", "FLAC 16/44.1"), ("HIGH", "AAC 320")],
)
def test_quality_is_what_will_be_asked_for(bench: Any, quality: str, shown: str) -> None:
    """Nobody is offered more than the setting allows."""
    assert str(bench.search(COPPER, quality=quality).results[0].quality) == shown


def test_what_may_not_be_streamed_is_no_result(bench: Any) -> None:
    """A track that the account may only look at is left out."""
    bench.service.script(bench.service.id_of("Copper Rain"), catalogue={"allowStreaming": False})
    assert bench.search(COPPER).outcomes["tidal"].status is SearchStatus.EMPTY


def test_isrc_finds_the_very_recording(bench: Any) -> None:
    """With an ISRC the recording is looked up, and no words are searched for."""
    found = bench.search(Wanted(title="misspelt beyond words", isrc="QZCD12100002"))
    assert [result.title for result in found] == ["Copper Rain"]
    assert bench.service.log.all("/v1/search") == []


@pytest.mark.parametrize(
    "fault",
    [
        None,
        Fault(status=403),
        Fault(status=404),
        Fault(body=b"[]", content_type="application/json"),
        Fault(html=True),
    ],
    ids=["unknown", "403", "404", "list", "page"],
)
def test_isrc_that_leads_nowhere_leaves_the_words(bench: Any, fault: Fault | None) -> None:
    """An ISRC that is unknown, or a look-up that does not work, is no reason to find nothing."""
    if fault is not None:
        bench.service.fault(LOOK_UP, fault)
    isrc = "QZXXX9999999" if fault is None else "QZCD12100002"
    found = bench.search(Wanted(artist="The Brass Lanterns", title="Copper Rain", isrc=isrc))
    assert [result.title for result in found] == ["Copper Rain"]


def test_isrc_is_looked_up_with_an_expired_login(bench: Any) -> None:
    """The open API words an expired login differently; it is renewed all the same."""
    wanted = Wanted(isrc="QZCD12100002")

    async def use(engine: Any) -> list[str]:
        await engine.search("Glasshouse")
        bench.service.accounts.expire()
        return [result.title for result in await engine.search(wanted)]

    assert bench(use) == ["Copper Rain"]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault(status=401), "authentication-failed"),
        (Fault(status=503), "unavailable"),
        (Fault(status=429, retry_after=1), "rate-limited"),
        (Fault(html=True), "unexpected-response"),
        (Fault(body=b'{"tracks": 7}', content_type="application/json"), "unexpected-response"),
        (Fault(body=b'{"artists": {"items": []}}', content_type="application/json"), "unexpected-response"),
        (Fault(reset=True), "unavailable"),
        (Fault(truncate_at=10), "unavailable"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_failed_search_says_why(bench: Any, fault: Fault, code: str) -> None:
    """An outage, a refusal and rubbish are told apart in the report."""
    bench.service.fault("/v1/search", fault)
    assert bench.search("Copper Rain").outcomes["tidal"].code == code


def test_missing_parts_of_an_answer_do_not_matter(bench: Any) -> None:
    """An answer without albums, playlists and a top hit, over which tidalapi fails, has its tracks read."""
    body = b'{"tracks": {"items": [{"id": "7", "title": "Bare"}, null, {"id": {}}]}}'
    bench.service.fault("/v1/search", Fault(body=body, content_type="application/json"))
    assert [(result.target_id, result.title) for result in bench.search("Bare")] == [("7", "Bare")]


def test_every_request_is_one_permit(bench: Any) -> None:
    """Tidalapi's own requests count against the source's rate, logins included."""
    assert bench.search("Copper Rain", requests_per_period=2, period=0.6).results
    times = [seen.at for seen in bench.service.requests]
    assert len(times) == 3
    assert times[-1] - times[0] >= 0.5
