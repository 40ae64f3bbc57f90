"""No secret can be read anywhere, whatever goes well or wrong."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from cratedig import DownloadEngine
from cratedig_contracts import everything_logged, leaks, written
from cratedig_emulators.server import Fault

TITLES = ("Copper Rain", "Half a Minute", "Elsewhere", "Gone", "Glasshouse")


async def everything(engine: DownloadEngine, bench: Any) -> str:
    """All that is shown of a search, downloads and a cancel, and what the source keeps inside."""
    targets = [bench.id_of(title) for title in TITLES]
    told = await bench.told(engine, "The Brass Lanterns Copper Rain", targets)
    return f"{told} {engine.client('qobuz')._client._settings!r}"


@pytest.mark.parametrize("login", ["token", "password"])
def test_nothing_shows_a_secret(bench: Any, login: str) -> None:
    """Logs down to DEBUG, reports, records, the journal and reprs are clean in every kind of failure."""
    service = bench.service
    bench.journal = bench.folder / "journal.db"
    settings = {} if login == "token" else {"user_auth_token": None}
    secrets = {service.token, service.app_secret, service.password}
    secrets |= {hashlib.md5(service.password.encode()).hexdigest()}
    told = ""
    failures = [
        None,
        "expired",
        Fault(status=500),
        Fault(reset=True),
        Fault(html=True),
        Fault(status=400, body=b"{"),
    ]
    with everything_logged() as logged:
        for failure in failures:
            service.renew()
            if failure == "expired":
                service.expire()
            elif isinstance(failure, Fault):
                service.fault("/api.json/*", failure)
            told += bench(lambda engine: everything(engine, bench), **settings)
            secrets |= service.tokens.keys()
        service.renew()
        told += bench(lambda engine: everything(engine, bench), **settings, app_secret="0123456789abcdef" * 2)
    kept = written(bench.folder)
    assert len(secrets) >= (4 if login == "token" else 5)
    assert b"Copper Rain" in kept["journal.db"]
    assert any("/api.json/0.2/track/search" in line for line in logged)
    assert leaks({*secrets, "0123456789abcdef" * 2}, {"told": told, "log": logged, **kept}) == []
