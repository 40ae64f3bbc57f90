"""The API key can be read nowhere, whatever goes well or wrong."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from cratedig import DownloadEngine, Wanted
from cratedig_contracts import everything_logged, leaks, written
from cratedig_emulators.server import Fault

ALBUM = "Field Recordings of Nowhere"


async def everything(engine: DownloadEngine, bench: Any) -> str:
    """Search, download, cancel, look at everything that there is to look at."""
    report = await engine.search(Wanted(album=ALBUM), sources=["lidarr"])
    target = ("lidarr", bench.service.foreign_id(ALBUM))
    first = await engine.dispatch_download(target, dest_dir=bench.music, force=True)
    record = await engine.wait(first)
    second = await engine.dispatch_download(target, dest_dir=bench.music / "other", force=True)
    await engine.cancel_download(second)
    checks = await engine.examine(["lidarr"])
    source: Any = engine.client("lidarr")
    parts = [vars(part) for part in vars(source).values() if hasattr(part, "__dict__")]
    shown = (report, record, checks, engine.sources(), source, vars(source), parts, source._api.settings)
    return f"{shown!r} {record} {await engine.get_all_downloads()!r}"


def test_nothing_shows_the_key(bench: Any) -> None:
    """Logs down to DEBUG, reports, records, the journal and reprs are clean in every kind of failure."""
    bench.journal = bench.folder / "journal.db"
    service = bench.service
    wrong = f"planted-{uuid4()}"
    misfortunes = [
        ("nothing", Fault()),
        ("*/queue/*", Fault(status=500, times=2)),
        ("*/album*", Fault(reset=True)),
        ("*/command", Fault(status=400, body=b"{")),
        ("*", Fault(html=True)),
    ]
    told = ""
    with everything_logged() as logged:
        for glob, fault in misfortunes:
            service.heal()
            service.fault(glob, fault)
            told += bench(lambda engine: everything(engine, bench))
        service.heal()
        told += bench(lambda engine: everything(engine, bench), api_key=wrong)
        told += bench(lambda engine: everything(engine, bench))
    kept = written(bench.folder)
    assert any("/api/v1/album" in line for line in logged)
    assert any(b"Nowhere" in data for data in kept.values())
    assert leaks([service.api_key, wrong], {"log": logged, "told": told, **kept}) == []
