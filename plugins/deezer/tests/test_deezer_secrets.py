"""No secret can be read anywhere, whatever goes well or wrong."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from cratedig import DownloadEngine
from cratedig_contracts import everything_logged, leaks, written
from cratedig_emulators.catalogue import Track
from cratedig_emulators.deezer import DeezerEmulator
from cratedig_emulators.server import Fault

TITLES = ("Copper Rain", "Blocked", "Sample", "Glasshouse")


async def everything(engine: DownloadEngine, bench: Any) -> str:
    """All that is shown of a search, downloads and a cancel, and what the source keeps inside."""
    targets = [bench.number(title) for title in TITLES]
    told = await bench.told(engine, "The Brass Lanterns Copper Rain", targets)
    source: Any = engine.client("deezer")
    return f"{told} {(vars(source._gateway), vars(source._resolving), source._settings)!r}"


def secrets_of(service: DeezerEmulator) -> set[str]:
    """Everything that was ever handed out or asked for: logins, sessions, licences, tokens, signatures."""
    sessions = service.sessions
    return {
        service.account.arl,
        service.stripe_secret,
        *sessions._tokens,
        *sessions._tokens.values(),
        *sessions._licenses,
        *sessions._tracks,
        *(seen.query.partition("hmac=")[2] for seen in service.requests if "hmac=" in seen.query),
    }


def test_nothing_shows_a_secret(bench: Any) -> None:
    """Logs down to DEBUG, reports, records, the journal and reprs are clean in every kind of failure."""
    service = bench.service
    service.plant(Track(artist="A", title="Blocked"), geo_blocked=True)
    service.plant(Track(artist="A", title="Sample"), preview_only=True)
    bench.journal = bench.folder / "journal.db"
    secrets, told = set(), ""
    misfortunes: list[tuple[str, Fault]] = [
        ("nothing at all", Fault()),
        ("/ajax/*", Fault(status=500)),
        ("/v1/get_url", Fault(reset=True)),
        ("/v1/get_url", Fault(html=True)),
        ("/ajax/*", Fault(status=400, body=b"{")),
        ("/m*/*", Fault(status=403)),
        ("/m*/*", Fault(truncate_at=100)),
    ]
    with everything_logged() as logged:
        for glob, fault in misfortunes:
            service.heal()
            service.fault(glob, fault)
            told += bench(lambda engine: everything(engine, bench))
            secrets |= secrets_of(service)
        service.heal()
        wrong = {"arl": f"planted{uuid4().hex}", "stripe_secret": uuid4().hex[:16]}
        told += bench(lambda engine: everything(engine, bench), arl=wrong["arl"])
        told += bench(lambda engine: everything(engine, bench), stripe_secret=wrong["stripe_secret"])
        service.revoke()
        told += bench(lambda engine: everything(engine, bench))
    secrets |= {*wrong.values(), *secrets_of(service)}
    kept = written(bench.folder)
    assert len(secrets) > 30
    assert b"Copper Rain" in kept["journal.db"]
    assert any("/ajax/gw-light.php" in line for line in logged)
    assert leaks(secrets, {"told": told, "log": logged, **kept}) == []
