"""Instances are asked in order, the working one first, each at most once for one request."""

from __future__ import annotations

from typing import Any

import pytest

from cratedig import DownloadEngine, DownloadState, SearchReport
from cratedig_emulators.hifi import Recipe
from cratedig_emulators.server import Fault

COPPER = "The Brass Lanterns Copper Rain"
JSON = "application/json"
UPSTREAM = b'{"detail": "Upstream API error"}'


def asked(bench: Any, path: str = "/search/") -> list[int]:
    """How often each instance was asked."""
    return [len(service.log.all(path)) for service in bench.services]


def forget(bench: Any) -> None:
    for service in bench.services:
        service.log.clear()


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=500, body=UPSTREAM, content_type=JSON),
        Fault(status=503, body=b'{"detail": "Connection error to Tidal"}', content_type=JSON),
        Fault(status=500, body=b'{"detail": "No Tidal credentials available"}', content_type=JSON),
        Fault(status=401, body=UPSTREAM, content_type=JSON),
        Fault(status=401, body=b'{"detail": "Token refresh failed: gone"}', content_type=JSON),
        Fault(status=403, body=UPSTREAM, content_type=JSON),
        Fault(status=451, body=UPSTREAM, content_type=JSON),
        Fault(status=429, body=b'{"detail": "Upstream timeout"}', content_type=JSON),
        Fault(status=429, retry_after=30),
        Fault(status=404, body=b'{"detail": "Not Found"}', content_type=JSON),
        Fault(html=True),
        Fault(body=b"{", content_type=JSON),
        Fault(body=b"[" * 100_000, content_type=JSON),
        Fault(body=b'{"version": "2.10", "data": 7}', content_type=JSON),
        Fault(body=b"", content_type=JSON),
        Fault(reset=True),
    ],
    ids=lambda fault: f"{fault.status or ''}{(fault.body or b'')[:40].decode()}",
)
def test_next_instance_answers(bench: Any, fault: Fault) -> None:
    """Whatever is wrong with an instance, the next one is asked, and the first one just once."""
    bench.service.fault("/search/", fault)
    report = bench.search(COPPER)
    assert [one.title for one in report] == ["Copper Rain"]
    assert asked(bench) == [1, 1, 0]


def test_instance_that_does_not_answer_is_left_for_the_next(bench: Any) -> None:
    """Its time is up, and the next one is asked; nobody is asked twice."""
    bench.service.fault("/search/", Fault(delay=50))
    # The same time holds for the instance that is well; a machine that is too busy for that gets more.
    for seconds in (0.5, 4.0, 20.0):
        forget(bench)
        if report := bench.search(COPPER, instance_timeout=seconds).results:
            break
    assert [one.title for one in report] == ["Copper Rain"]
    assert asked(bench) == [1, 1, 0]


@pytest.mark.parametrize("path", ["/track/", "/info/"])
@pytest.mark.parametrize(
    "fault", [Fault(status=403, body=UPSTREAM), Fault(status=500), Fault(html=True), Fault(reset=True)]
)
def test_next_instance_takes_a_download_over(bench: Any, path: str, fault: Fault) -> None:
    """The same goes for what a download asks."""
    bench.service.fault(path, fault)
    record = bench.download()
    assert record.state is DownloadState.COMPLETED
    assert len(record.attempts) == 1
    assert asked(bench, path) == [1, 1, 0]


def test_dead_instance_is_left_for_the_next(bench: Any) -> None:
    """Nobody listens at the first address; the order in the settings stays what it is."""
    bench.service.kill()
    assert list(bench.search(COPPER))
    assert asked(bench) == [0, 1, 0]


def test_working_instance_stays_first(bench: Any) -> None:
    """After a failure the next request goes to the one that worked, also after a restart."""
    bench.service.fault("*", Fault(status=500))

    async def twice(engine: DownloadEngine) -> None:
        await engine.search(COPPER, sources=["hifi"])
        await engine.search("Mira Oldenburg Glasshouse", sources=["hifi"])

    bench(twice, journal=True)
    assert asked(bench) == [1, 2, 0]
    forget(bench)
    bench.search(COPPER, journal=True)
    assert asked(bench) == [0, 1, 0]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault(status=404, body=UPSTREAM, content_type=JSON), "not-found"),
        (Fault(status=404, body=b'{"detail": "Resource not found"}', content_type=JSON), "not-found"),
        (Fault(status=422, body=b'{"detail": [{"loc": ["query", "id"]}]}', content_type=JSON), "unexpected"),
        (Fault(status=400, body=b'{"detail": "Provide one"}', content_type=JSON), "unexpected"),
    ],
)
def test_answer_about_the_request_is_final(bench: Any, fault: Fault, code: str) -> None:
    """What every instance would say as well is not asked of every instance."""
    bench.service.fault("/info/", fault)
    assert bench.download().code.startswith(code)
    assert asked(bench, "/info/") == [1, 0, 0]


def test_one_of_many_failures_is_told_with_all_of_them(bench: Any) -> None:
    """When none can, the message has every instance's reason, and each was asked once."""
    bench.services[0].kill()
    bench.services[1].fault("*", Fault(status=403, body=UPSTREAM, content_type=JSON))
    bench.services[2].fault("*", Fault(html=True))
    outcome = bench.search(COPPER).outcomes["hifi"]
    assert outcome.code == "unavailable"
    assert all(f"127.0.0.1:{service.port}" in outcome.reason for service in bench.services)
    assert "403: Upstream API error" in outcome.reason
    assert asked(bench) == [0, 1, 1]


def test_instance_that_is_long_down_does_not_hide_an_answer(bench: Any) -> None:
    """A dead address in the list does not turn "not in this country" into something to wait for."""
    bench.services[0].kill()
    for service in bench.services[1:]:
        service.fault("/track/", Fault(status=403, body=UPSTREAM, content_type=JSON))

    async def use(engine: DownloadEngine) -> list[str]:
        await engine.search(COPPER, sources=["hifi"])
        return [
            (await bench.done(engine, bench.target(title))).code for title in ("Copper Rain", "Moth Season")
        ]

    assert bench(use)[1] == "not-entitled"


def test_all_limited_pauses_for_the_shortest_time_that_is_known(bench: Any, pauses: list[float]) -> None:
    """429 with Retry-After everywhere pauses the lane, and then the search goes on."""
    for service, seconds in zip(bench.services, (3, 1, 2), strict=True):
        service.fault("/search/", Fault(status=429, retry_after=seconds, times=1))
    assert list(bench.search(COPPER, retries=1))
    first = max(seen.at for service in bench.services for seen in service.log.all("/search/")[:1])
    again = max(seen.at for service in bench.services for seen in service.log.all("/search/"))
    assert again - first >= 1
    assert pauses == [1]


def test_reload_reads_the_list_again(bench: Any) -> None:
    """Instances that were removed are not asked any more, and new ones are."""
    addresses, bench.addresses = bench.addresses, bench.addresses[:1]

    async def use(engine: DownloadEngine) -> SearchReport:
        await engine.search(COPPER, sources=["hifi"])
        bench.present["sources"]["hifi"]["instances"] = addresses[1:2]
        await engine.reload_settings("hifi")
        return await engine.search("Mira Oldenburg Glasshouse", sources=["hifi"])

    assert list(bench(use))
    assert asked(bench) == [1, 1, 0]


def test_order_that_was_kept_brings_no_instance_back(bench: Any) -> None:
    """What worked last is only remembered of instances that are still in the settings."""
    bench.search(COPPER, journal=True)
    forget(bench)
    bench.addresses = bench.addresses[1:]
    bench.search(COPPER, journal=True)
    assert asked(bench) == [0, 1, 0]


def test_search_only_instance_is_passed_over(bench: Any) -> None:
    """An instance without playback finds tracks; another one delivers them."""
    bench.service.search_only = True
    assert bench.download().state is DownloadState.COMPLETED


def test_another_instance_has_the_better_quality(bench: Any) -> None:
    """A tier that one account lacks is asked of the others before a lower one is taken."""
    bench.services[0].default = Recipe(tiers=("HIGH", "LOW"))
    bench.services[1].default = Recipe(tiers=("HIGH", "LOW"), downgrades=False)
    assert str(bench.download().quality_got) == "FLAC 16/44.1"


def test_download_goes_on_from_another_instance(bench: Any) -> None:
    """The instance and its CDN die half-way; the next one's address brings the rest."""
    bench.service.fault("/mediatracks/*", Fault(stall_at=0.5))

    async def use(engine: DownloadEngine) -> Any:
        dest = bench.folder / "music"
        download_id = await engine.dispatch_download(("hifi", bench.target()), dest_dir=dest)
        await bench.seen(engine, download_id, lambda record: record.transferred > 10_000)
        bench.service.kill()
        return await engine.wait(download_id)

    assert bench(use, retries=3).state is DownloadState.COMPLETED
    (rest,) = bench.services[1].log.all("/mediatracks/*")
    assert rest.headers["range"].startswith("bytes=")
    assert rest.status == 206


def test_bare_fork_is_understood(bench: Any) -> None:
    """Answers without envelope, with numbers as text, lead to the same file."""
    bench.service.bare = True
    (track,) = bench.search(COPPER).results
    assert (track.duration, track.track_number, track.target_id) == (16.0, 2, bench.target())
    assert bench.download().state is DownloadState.COMPLETED
    assert bench.download("Moth Season", quality="HI_RES_LOSSLESS").state is DownloadState.COMPLETED
    assert asked(bench, "*")[1:] == [0, 0]
