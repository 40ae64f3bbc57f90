"""The NZB is fetched here, from wherever it can be had, and no key of an indexer's gets to the client."""

from __future__ import annotations

from typing import Any

import pytest
from plugins.usenet.tests.conftest import Bench

from cratedig import Download, DownloadEngine, DownloadState, Wanted
from cratedig_emulators.server import Fault
from cratedig_emulators.usenet import NewznabEmulator, NzbgetEmulator, ProwlarrEmulator
from cratedig_usenet import source


@pytest.fixture
def bench(newznab: NewznabEmulator, nzbget: NzbgetEmulator, tmp_path: Any) -> Bench:
    """Which client it is does not matter here."""
    return Bench(newznab, nzbget, tmp_path)


@pytest.fixture
def behind(prowlarr: ProwlarrEmulator, nzbget: NzbgetEmulator, tmp_path: Any) -> Any:
    """A bench whose indexer is behind Prowlarr."""
    made: Any = Bench(prowlarr.indexer, nzbget, tmp_path)
    made.prowlarr = prowlarr
    made.settings = {
        "indexers": [{"kind": "prowlarr", "base_url": prowlarr.base_url, "api_key": prowlarr.api_key}]
    }
    return made


def in_two_processes(bench: Bench, **settings: Any) -> Download:
    """Search in one engine and download in another, which does not know the addresses that were found."""
    found = bench.search(**settings).results[0]

    async def use(engine: DownloadEngine) -> Download:
        return await engine.wait(await engine.dispatch_download(found, dest_dir=bench.music))

    return bench(use, **settings)


def by_target(bench: Bench, target_id: str, **settings: Any) -> Download:
    """Download a target that nobody has searched for."""

    async def use(engine: DownloadEngine) -> Download:
        return await engine.wait(await engine.dispatch_download(("usenet", target_id), dest_dir=bench.music))

    return bench(use, **settings)


def test_nzb_comes_from_the_address_that_was_found(bench: Bench) -> None:
    """In one engine the indexer is asked for it once."""
    assert bench.download().state is DownloadState.COMPLETED
    assert len(bench.indexer.log.all("/getnzb/*")) == 1
    assert not [one for one in bench.indexer.log.all("/api") if "t=get" in one.query]


def test_old_addresses_are_forgotten(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two releases that were found, the latest one's address is kept; the other one's is not needed."""
    monkeypatch.setattr(source, "_KEPT", 1)

    async def use(engine: DownloadEngine) -> list[Download]:
        report = await engine.search(Wanted(artist="The Brass Lanterns", album="Slow Tram Home"))
        every = [one for best in report.results for one in (best, *best.alternates)]
        known: Any = engine.client("usenet")
        assert (len(every), len(known._found)) == (2, 1)
        ids = [await engine.dispatch_download(one, dest_dir=bench.music, force=True) for one in every]
        return [await engine.wait(one) for one in ids]

    assert {one.state for one in bench(use)} == {DownloadState.COMPLETED}


def test_nzb_comes_by_its_number_when_the_address_is_not_known(bench: Bench) -> None:
    """Another process, a restart: the guid is enough."""
    assert in_two_processes(bench).state is DownloadState.COMPLETED
    assert [one for one in bench.indexer.log.all("/api") if "t=get" in one.query]


def test_nzb_is_searched_for_again_where_there_is_no_other_way(bench: Bench) -> None:
    """An indexer without t=get is asked for the release by its name."""
    bench.indexer.has_get = False
    assert in_two_processes(bench).state is DownloadState.COMPLETED


def test_target_alone_is_enough(bench: Bench) -> None:
    """Without any search: the guid, and the name that comes with the NZB."""
    release = bench.indexer.release("glasshouse")
    done = by_target(bench, f"0:{bench.indexer.guid(release)}")
    assert done.state is DownloadState.COMPLETED, done.detail
    assert done.file_path == bench.music / "Mira Oldenburg - Glasshouse Songs"
    assert all("Mira_Oldenburg-Glasshouse_Songs" in name for name in bench.client.added)


def test_guid_may_be_a_bare_number(bench: Bench) -> None:
    """Not every indexer's guid is an address."""
    assert by_target(bench, f"0:{bench.indexer.release('glasshouse').guid}").state is DownloadState.COMPLETED


@pytest.mark.parametrize(
    "target", ["x", "0", "0:", ":abc", "7:abc", "-1:abc", "0" * 3000 + ":a", "²:abc", "0:" + "x" * 3000]
)
def test_what_is_no_target_is_not_found(bench: Bench, target: str) -> None:
    """A target that cannot be is refused before anybody is asked."""
    done = by_target(bench, target)
    assert (done.state, done.code) == (DownloadState.ERRORED, "not-found")
    assert not bench.indexer.requests
    assert not bench.client.added


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ((300, "No such item"), "not-found"),
        ((501, "Download limit reached"), "not-entitled"),
        ((100, "Incorrect user credentials"), "authentication-failed"),
        ((900, "Unknown error"), "unavailable"),
    ],
)
def test_error_in_place_of_an_nzb_is_told(bench: Bench, error: tuple[int, str], code: str) -> None:
    """Indexers answer errors with status 200 here, too; the client never sees them."""
    bench.indexer.nzb_error = error
    done = bench.download()
    assert (done.state, done.code) == (DownloadState.ERRORED, code), done.detail
    assert not bench.client.added


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault(status=404), "not-found"),
        (Fault(status=403), "not-entitled"),
        (Fault(status=410), "not-found"),
        (Fault(status=503), "unavailable"),
        (Fault(html=True), "unexpected-response"),
        (Fault(body=b""), "unexpected-response"),
        (Fault(body=b"\x00" * 100), "unexpected-response"),
        (Fault(truncate_at=0.5), "unavailable"),
    ],
)
def test_failed_nzb_says_why(bench: Bench, fault: Fault, code: str) -> None:
    """What is no NZB is not handed to the client."""
    bench.indexer.fault("/getnzb/*", fault)
    done = bench.download()
    assert (done.state, done.code) == (DownloadState.ERRORED, code), done.detail
    assert not bench.client.added


def test_removed_release_is_not_found(bench: Bench) -> None:
    """The indexer has taken it away between search and download."""
    bench.indexer.removed.add(bench.indexer.release("glasshouse").guid)
    assert bench.download().code == "not-found"


def test_prowlarrs_redirect_is_followed_here(behind: Any) -> None:
    """Prowlarr answers 301 to the indexer's own address."""
    done = behind.download(**behind.settings)
    assert done.state is DownloadState.COMPLETED, done.detail
    assert len(behind.prowlarr.log.all("/3/download")) == 1
    assert len(behind.indexer.log.all("/getnzb/*")) == 1


def test_prowlarr_is_searched_again_when_the_address_is_not_known(behind: Any) -> None:
    """Its addresses hold its key and are kept nowhere: a new search at that indexer finds a new one."""
    done = in_two_processes(behind, **behind.settings)
    assert done.state is DownloadState.COMPLETED, done.detail
    assert "indexerIds=3" in behind.prowlarr.log.all("/api/v1/search")[-1].query


def test_target_of_prowlarr_needs_a_search(behind: Any) -> None:
    """Nothing can be asked for by a guid alone; the record says what to do."""
    done = by_target(behind, "0:3:https://idx.example/details/abc", **behind.settings)
    assert (done.code, "search" in done.detail) == ("not-found", True)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [("blocked", "rate-limited"), ("down", "not-found"), ("loop", "unexpected-response")],
)
def test_prowlarrs_refusals_are_told(behind: Any, spoil: str, code: str) -> None:
    """429 while an indexer is at its limit, 410 when it is switched off, and redirects without an end."""

    async def use(engine: DownloadEngine) -> tuple[str, str]:
        found = await behind.found(engine)
        if spoil == "blocked":
            behind.prowlarr.blocked = True
        elif spoil == "down":
            behind.prowlarr.down = {3}
        else:
            known: Any = engine.client("usenet")
            address = next(iter(known._found.values())).link
            behind.indexer.link = lambda _: address
        download_id = await engine.dispatch_download(found, dest_dir=behind.music)
        record = await behind.seen(engine, download_id, lambda one: one.attempts)
        await engine.cancel_download(download_id)
        return record.attempts[0].code, record.attempts[0].reason

    told, reason = behind(use, **behind.settings)
    assert told == code, reason
