"""No secret can be read anywhere, whatever goes well or wrong."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from cratedig import DownloadEngine
from cratedig_contracts import everything_logged, leaks, written
from cratedig_emulators.server import Fault
from cratedig_emulators.soulseek import Script


async def everything(engine: DownloadEngine, bench: Any) -> str:
    """Search, download, cancel, look at everything that there is to look at."""
    report = await engine.search("The Brass Lanterns Copper Rain", sources=["soulseek"])
    done = await engine.wait(await bench.begin(engine))
    cancelled = await bench.begin(engine, bench.target("Winter Timetable"))
    await engine.cancel_download(cancelled)
    looks = await engine.examine(["soulseek"])
    source: Any = engine.client("soulseek")
    inside = (vars(source), vars(source._slskd), vars(source._jobs), vars(source._landing))
    records = await engine.get_all_downloads()
    return f"{(report, done, looks, engine.sources(), inside, source._context.settings, records)!r} {records}"


@pytest.mark.parametrize("by_key", [True, False])
def test_nothing_shows_a_secret(bench: Any, by_key: bool) -> None:
    """Logs down to DEBUG, reports, records, journal, files and reprs are clean in every kind of failure."""
    service = bench.service
    bench.journal = bench.folder / "state" / "journal.db"
    wrong = f"planted-{uuid4().hex}"
    login: dict[str, Any] = (
        {} if by_key else {"api_key": None, "username": service.username, "password": service.password}
    )
    misfortunes = [
        ("nothing at all", Fault()),
        ("/api/v0/*", Fault(status=500)),
        ("/api/v0/*", Fault(status=401)),
        ("POST /api/v0/transfers/*", Fault(reset=True)),
        ("/api/v0/*", Fault(html=True)),
        ("/api/v0/application", Fault(body=b"[" * 9999)),
    ]
    told = ""
    with everything_logged() as logged:
        for glob, fault in misfortunes:
            service.heal()
            service.fault(glob, fault)
            told += bench(lambda engine: everything(engine, bench), **login)
        service.heal()
        service.script(Script(end="Rejected"))
        told += bench(lambda engine: everything(engine, bench), **login)
        refused = {"api_key": wrong} if by_key else {**login, "password": wrong}
        told += bench(lambda engine: everything(engine, bench), **refused)
    secrets = [service.api_key, service.password, wrong, *service.tokens]
    assert any("/api/v0/transfers" in line for line in logged)
    assert leaks(secrets, {"told": told, "log": logged, **written(bench.folder)}) == []
    assert by_key or service.tokens
