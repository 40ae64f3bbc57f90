"""No secret can be read anywhere, whatever goes well or wrong: keys, logins, and the keys in addresses."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from plugins.usenet.tests.conftest import ALBUM, Bench, client_settings

from cratedig import DownloadEngine
from cratedig_contracts import everything_logged, leaks, written
from cratedig_emulators.server import Fault
from cratedig_emulators.usenet import NewznabEmulator, NzbgetEmulator, ProwlarrEmulator, SabnzbdEmulator


async def everything(engine: DownloadEngine, bench: Bench) -> str:
    """Search, download, cancel, look at everything that there is to look at."""
    report = await engine.search(ALBUM, sources=["usenet"])
    target: Any = ("usenet", f"1:{bench.indexer.guid(bench.indexer.release('kettle'))}")
    every: list[Any] = [one for best in report.results for one in (best, *best.alternates)][:2]
    jobs = [await engine.dispatch_download(one, dest_dir=bench.music, force=True) for one in (*every, target)]
    records = [await engine.wait(one) for one in jobs]
    cancelled = await engine.dispatch_download(target, dest_dir=bench.music, force=True)
    await engine.cancel_download(cancelled)
    problems, looks = await engine.diagnose(["usenet"]), await engine.examine(["usenet"])
    source: Any = engine.client("usenet")
    inside = (source, vars(source), [vars(one) for one in source._indexers], source._settings, source._client)
    shown = (report, records, problems, looks, engine.sources(), inside)
    return f"{shown!r} {[str(record) for record in records]} {await engine.get_all_downloads()!r}"


def test_nothing_shows_a_secret(
    newznab: NewznabEmulator,
    prowlarr: ProwlarrEmulator,
    nzbget: NzbgetEmulator,
    sabnzbd: SabnzbdEmulator,
    tmp_path: Any,
) -> None:
    """Logs down to DEBUG, reports, records, the journal and reprs are clean in every kind of failure."""
    bench = Bench(newznab, nzbget, tmp_path)
    bench.journal = tmp_path / "journal.db"
    indexers = [
        {"kind": "prowlarr", "base_url": prowlarr.base_url, "api_key": prowlarr.api_key},
        {"kind": "newznab", "base_url": newznab.base_url, "api_key": newznab.api_key},
    ]
    misfortunes: list[tuple[Any, str, Fault]] = [
        (newznab, "nothing at all", Fault()),
        (newznab, "/api", Fault(status=500)),
        (newznab, "/getnzb/*", Fault(reset=True)),
        (prowlarr, "/api/v1/*", Fault(status=401)),
        (prowlarr, "/3/download", Fault(status=410)),
        (prowlarr.indexer, "/getnzb/*", Fault(status=503)),
        (prowlarr.indexer, "/getnzb/*", Fault(truncate_at=30)),
        (nzbget, "*", Fault(status=401)),
        (sabnzbd, "*", Fault(reset=True)),
    ]
    told = ""
    with everything_logged() as logged:
        for number, (service, glob, fault) in enumerate(misfortunes):
            service.fault(glob, fault)
            client = (nzbget, sabnzbd)[number % 2] if service not in (nzbget, sabnzbd) else service
            own = {**client_settings(client), "path_map": client.path_map}
            told += bench(lambda engine: everything(engine, bench), indexers=indexers, **own)
            service.heal()
        wrong = f"planted{uuid4().hex}"
        told += bench(lambda engine: everything(engine, bench), indexers=indexers, client_password=wrong)
        refused = [{**one, "api_key": wrong} for one in indexers]
        told += bench(lambda engine: everything(engine, bench), indexers=refused)
    secrets = {
        wrong,
        newznab.api_key,
        newznab.rss_key,
        prowlarr.api_key,
        *prowlarr._links,
        prowlarr.indexer.api_key,
        prowlarr.indexer.rss_key,
        nzbget.password,
        sabnzbd.api_key,
    }
    kept = {path: data for path, data in written(tmp_path).items() if "nzbget/" not in path}
    assert any("HTTP Request: GET ****" in line for line in logged)  # an NZB's whole address
    assert any(b"Glasshouse" in data for data in kept.values())
    assert leaks(secrets, {"log": logged, "told": told, **kept}) == []


def test_client_never_sees_an_indexers_key(
    newznab: NewznabEmulator, prowlarr: ProwlarrEmulator, client: Any, tmp_path: Any
) -> None:
    """What the client is sent has neither key nor address of an indexer in it."""
    bench = Bench(prowlarr.indexer, client, tmp_path)
    indexers = [{"kind": "prowlarr", "base_url": prowlarr.base_url, "api_key": prowlarr.api_key}]
    bench.download(indexers=indexers)
    secrets = [prowlarr.api_key, prowlarr.indexer.api_key, prowlarr.indexer.rss_key, *prowlarr._links]
    sent = {str(n): one.body + one.query.encode() for n, one in enumerate(client.requests)}
    assert client.added
    assert leaks(secrets, dict(sent)) == []


def test_clients_key_is_in_no_address(
    newznab: NewznabEmulator, sabnzbd: SabnzbdEmulator, tmp_path: Any
) -> None:
    """SABnzbd takes its key in a form as well; addresses end up in the logs of proxies."""
    Bench(newznab, sabnzbd, tmp_path).download()
    assert sabnzbd.requests
    assert not [one for one in sabnzbd.requests if one.query]
