"""No token, session or signed link is in anything that a person or another program can read."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from cratedig import CratedigError, DownloadEngine
from cratedig_contracts import everything_logged, leaks, written
from cratedig_emulators.server import Fault
from cratedig_emulators.tidal import REFUSALS


async def everything(engine: DownloadEngine, bench: Any) -> list[object]:
    """A life: login, search, download, expiry, refusals, outages."""
    seen: list[object] = []
    await engine.login("tidal", lambda step: None)
    copper = bench.service.id_of("Copper Rain")
    for trouble in (None, "expire", "region", "401", "link", "page", "503", "revoke"):
        bench.service.heal()
        if trouble in {"expire", "revoke"}:
            getattr(bench.service.accounts, trouble)()
        elif trouble == "region":
            bench.service.script(copper, refusals={"": REFUSALS["region"]})
        elif trouble == "link":
            bench.service.script(copper, refusals={})
            bench.service.fault("/mediatracks/*", Fault(status=403))
        elif trouble is not None:
            status = int(trouble) if trouble.isdigit() else None
            bench.service.fault("/v1/tracks/*", Fault(status=status, html=status is None))
        seen.append(await engine.search("Copper Rain", sources=["tidal"]))
        one = await engine.dispatch_download(("tidal", copper), dest_dir=bench.music, force=True)
        seen.append(await engine.wait(one))
        with contextlib.suppress(CratedigError):
            seen.append(await engine.diagnose(["tidal"]))
    seen += [engine.sources(), await engine.get_all_downloads(), engine.client("tidal")]
    seen += [vars(engine.client("tidal")), vars(engine.client("tidal")._account)]
    seen.append(engine.client("tidal")._context.settings)
    return seen


def test_nothing_that_is_written_holds_a_secret(bench: Any, capfd: pytest.CaptureFixture[str]) -> None:
    """Logs at DEBUG (those of tidalapi and httpx, too), records, journal, reports and reprs are clean."""
    with everything_logged() as logged:
        seen = bench(lambda engine: everything(engine, bench), journal=bench.folder / "journal.db", retries=1)
    kept = written(bench.folder)
    assert any(line.startswith("tidalapi") for line in logged)
    assert b"Copper Rain" in kept["journal.db"]
    secrets = bench.service.accounts.secrets
    assert len(secrets) > 10
    assert leaks(secrets, {"log": logged, "terminal": capfd.readouterr(), "seen": seen, **kept}) == []
