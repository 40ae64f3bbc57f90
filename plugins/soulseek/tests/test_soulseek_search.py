"""A search through slskd: found, ranked by who is ready, one at a time, deleted afterwards."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from cratedig import DownloadEngine, Kind, SearchStatus, Wanted
from cratedig_emulators.catalogue import DEFAULT
from cratedig_emulators.server import Fault
from cratedig_emulators.soulseek import Peer, shared

SEARCHES = "/api/v0/searches"
COPPER = Wanted(artist="The Brass Lanterns", title="Copper Rain")
TRACK = next(track for track in DEFAULT if track.title == "Copper Rain")


def every(report: Any) -> list[Any]:
    """All results, alternates too."""
    return [one for result in report for one in (result, *result.alternates)]


def test_file_is_found_with_all_that_its_path_and_peer_tell(bench: Any) -> None:
    """Artist, album, number and year are read from the path; the peer tells length, quality and readiness."""
    best = bench.search().results[0]
    assert (best.artist, best.title, best.album) == ("The Brass Lanterns", "Copper Rain", "Slow Tram Home")
    assert (best.track_number, best.year, best.duration, best.kind) == (2, 2021, 16.0, Kind.TRACK)
    assert str(best.quality) == "FLAC 16/44.1"
    assert best.availability.free_slots == 1
    assert (best.availability.queue_length, best.availability.speed) == (0, 1_250_000)
    assert best.extra["peer"] == "peer one"


def test_who_is_ready_comes_first_among_equal_files(bench: Any) -> None:
    """A free slot decides, then the queue, then the speed; a lossless file comes before any of that."""
    name = "x\\The Brass Lanterns\\Slow Tram Home\\Copper Rain.flac"
    bench.service.plant(
        Peer(username="no slot", files=[shared(name, TRACK)], free_slot=False, queue_length=0, speed=9**9),
        Peer(username="queue", files=[shared(name, TRACK)], queue_length=7, speed=9**9),
        Peer(username="slow", files=[shared(name, TRACK)], speed=10),
    )
    order = [one.extra["peer"] for one in every(bench.search())]
    assert order == ["peer one", "slow", "copycat", "queue", "no slot", "Пётр/№2 #loud"]


def test_files_that_may_not_be_had_are_left_out(bench: Any) -> None:
    """A locked file is no result."""
    found = every(bench.search("Brass Lanterns Slow Tram Home friends"))
    assert not any("friends" in one.target_id for one in found)


def test_bitrate_that_nobody_tells_is_estimated_from_size_and_length(bench: Any) -> None:
    """An MP3 without attributes has no quality numbers; one with its length alone gets an estimate."""
    told = {"length": 16}
    bench.service.plant(
        Peer(
            username="terse", files=[shared("a\\Copper Rain.mp3", TRACK, codec="mp3", bitrate=320, told=told)]
        )
    )
    (one,) = [one for one in every(bench.search("copper rain mp3")) if one.extra["peer"] == "terse"]
    assert 300 < one.quality.bitrate < 340


def test_search_is_deleted_afterwards(bench: Any) -> None:
    """Slskd keeps no record of it, and got the id from here."""
    bench.search()
    assert bench.service.searches.all == {}
    (begun,) = [seen for seen in bench.service.log.all(SEARCHES) if seen.method == "POST"]
    search_id = json.loads(begun.body)["id"]
    assert [seen.method for seen in bench.service.log.all(f"{SEARCHES}/{search_id}")][-1] == "DELETE"
    assert len(bench.service.log.all(f"{SEARCHES}/*/responses")) == 1


def test_search_that_nobody_waits_for_is_stopped_and_deleted(bench: Any) -> None:
    """A search that is cut off by its deadline leaves nothing running at slskd."""
    bench.service.searches.seconds = 60.0

    async def use(engine: DownloadEngine) -> tuple[Any, list[str]]:
        # A machine that does not come to ask in time gets more of it.
        for seconds in (0.5, 4.0, 30.0):
            report = await engine.search(COPPER, sources=["soulseek"], timeout=seconds)
            if bench.service.log.all(SEARCHES):
                break

        def methods() -> list[str]:
            return [seen.method for seen in bench.service.log.all(f"{SEARCHES}/*")]

        await bench.until(lambda: methods()[-1:] == ["DELETE"])
        return report, methods()

    report, methods = bench(use)
    assert report.outcomes["soulseek"].status is SearchStatus.FAILED
    assert methods[-2:] == ["PUT", "DELETE"]
    assert bench.service.searches.all == {}


def test_search_whose_beginning_was_not_answered_is_deleted(bench: Any) -> None:
    """Slskd took it, the answer was lost: its id is known all the same."""
    bench.service.fault(f"POST {SEARCHES}", Fault(reset=True, times=1))
    bench.search()
    assert [seen.method for seen in bench.service.log.all(f"{SEARCHES}/*")] == ["PUT", "DELETE"]


def test_long_search_is_ended_early_with_what_it_has(bench: Any) -> None:
    """After ``search_time`` it is stopped; what was gathered by then is kept."""
    bench.service.searches.seconds = 60.0
    # A machine on which no peer answers in time gets more of it.
    assert any(bench.search(search_time=seconds).results for seconds in (0.3, 3.0, 20.0))
    assert "PUT" in [seen.method for seen in bench.service.log.all(f"{SEARCHES}/*")]


def test_searches_go_one_at_a_time(bench: Any) -> None:
    """Five at once are five in a row: slskd takes one, and the server bans for many."""
    bench.service.call_time = 0.05

    async def use(engine: DownloadEngine) -> Any:
        names = ("Copper Rain", "Winter Timetable", "Moth Season", "Glasshouse", "Depot Lullaby")
        return await asyncio.gather(*(engine.search(name, sources=["soulseek"]) for name in names))

    reports = bench(use)
    assert all(report.outcomes["soulseek"].status is SearchStatus.OK for report in reports)
    seen = bench.service.log.all("/api/v0/searches*")
    assert all(one.status != 429 for one in seen)
    assert max(one.concurrency for one in seen) == 1


def test_busy_slskd_is_asked_again(bench: Any) -> None:
    """429 has no time in it; the next try comes after a second."""
    bench.service.fault(f"POST {SEARCHES}", Fault(status=429, times=1))
    report = bench.search(engine={"retries": 1})
    assert report.results
    begun = [seen for seen in bench.service.log.all(SEARCHES) if seen.method == "POST"]
    assert [seen.status for seen in begun] == [429, 200]
    assert begun[1].at - begun[0].at >= 1


def test_query_goes_out_as_words(bench: Any) -> None:
    """A minus would exclude what follows it, and other signs are in no peer's path."""
    bench.search("The Brass Lanterns - -Copper+Rain!? (x) #1 夜")
    body = json.loads(bench.service.log.all(SEARCHES)[0].body)
    assert body["searchText"] == "The Brass Lanterns Copper Rain 夜"
    assert body["searchTimeout"] == 6000


def test_query_without_words_is_not_sent(bench: Any) -> None:
    """Slskd would refuse it."""
    assert bench.search("- ! ?").outcomes["soulseek"].status is SearchStatus.EMPTY
    assert bench.service.log.all(SEARCHES) == []


def test_slow_and_crowded_peers_are_left_out_where_that_is_set(bench: Any) -> None:
    """Slskd filters by queue and speed; it is told which."""
    bench.search(max_queue=10, min_speed=100_000)
    body = json.loads(bench.service.log.all(SEARCHES)[0].body)
    assert (body["maximumPeerQueueLength"], body["minimumPeerUploadSpeed"]) == (10, 100_000)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault(status=401), "authentication-failed"),
        (Fault(status=403), "not-entitled"),
        (Fault(status=404), "not-found"),
        (Fault(status=409, body=b'"not connected"', content_type="application/json"), "unavailable"),
        (Fault(status=429, retry_after=1), "rate-limited"),
        (Fault(status=500, body=b'"Boom"', content_type="application/json"), "unavailable"),
        (Fault(reset=True), "unavailable"),
    ],
)
def test_refused_search_says_why(bench: Any, fault: Fault, code: str) -> None:
    """Every answer of slskd's that is none has its own error."""
    bench.service.fault(f"POST {SEARCHES}", fault)
    outcome = bench.search().outcomes["soulseek"]
    assert outcome.code == code
    if fault.body:
        assert json.loads(fault.body) in outcome.reason


@pytest.mark.parametrize(
    ("glob", "fault", "code"),
    [
        (f"GET {SEARCHES}/*", Fault(status=404), "unavailable"),
        (f"GET {SEARCHES}/*", Fault(html=True), "unexpected-response"),
        (f"GET {SEARCHES}/*/responses", Fault(body=b"{}"), "unexpected-response"),
        (f"GET {SEARCHES}/*/responses", Fault(body=b"[" * 100_000), "unexpected-response"),
        (f"GET {SEARCHES}/*/responses", Fault(body=b'[{"username": 7, "files": [[]]}, null, 3]'), ""),
    ],
)
def test_search_that_goes_wrong_later_says_why(bench: Any, glob: str, fault: Fault, code: str) -> None:
    """A search that slskd has lost, or that is answered with rubbish; it is deleted in any case."""
    bench.service.fault(glob, fault)
    assert bench.search().outcomes["soulseek"].code == code
    assert [seen.method for seen in bench.service.log.all(f"{SEARCHES}/*")][-1] == "DELETE"


def test_failed_search_is_no_empty_one(bench: Any) -> None:
    """Slskd ends it as Errored: that is an outage and not nothing found."""
    bench.service.searches.ends = "Completed, Errored"
    assert bench.search().outcomes["soulseek"].code == "unavailable"


def test_unconnected_slskd_says_so(bench: Any) -> None:
    """No search goes out while slskd is not logged in."""
    bench.service.connected = False
    outcome = bench.search().outcomes["soulseek"]
    assert outcome.code == "unavailable"
    assert "not connected to Soulseek" in outcome.reason


def test_album_is_a_peers_folder(bench: Any) -> None:
    """Whoever looks for an album gets folders, and the discs of one album as one."""
    wish = Wanted(artist="Kettle & Moss", album="Field Recordings of Nowhere")
    found = every(bench.search(wish))
    assert {one.kind for one in found} == {Kind.ALBUM}
    assert {(one.artist, one.title, one.track_count, one.year) for one in found} == {
        ("Kettle & Moss", "Field Recordings of Nowhere", 3, 2016)
    }
    assert sorted(one.extra["peer"] for one in found) == ["peer one", "two_discs"]
