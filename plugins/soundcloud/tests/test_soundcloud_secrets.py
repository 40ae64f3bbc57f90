"""No secret can be read anywhere, whatever goes well or wrong."""

from __future__ import annotations

import logging
from typing import Any
from uuid import uuid4

import pytest

from cratedig import DownloadEngine
from cratedig_emulators.catalogue import Track
from cratedig_emulators.server import Fault
from cratedig_emulators.soundcloud import Policy, SoundCloudEmulator, of_track

SHORT = Track(artist="Zed Quill", title="Odd One", seconds=10)


async def everything(engine: DownloadEngine, bench: Any, sounds: list[Any]) -> str:
    """Search, download, cancel, look at everything that there is to look at."""
    report = await engine.search("The Brass Lanterns Copper Rain", sources=["soundcloud"])
    records = []
    for sound in sounds:
        job = await engine.dispatch_download(("soundcloud", str(sound.id)), dest_dir=bench.dest, force=True)
        records.append(await engine.wait(job))
    cancelled = await engine.dispatch_download(("soundcloud", "5"), dest_dir=bench.dest)
    await engine.cancel_download(cancelled)
    problems = await engine.diagnose(["soundcloud"])
    source: Any = engine.client("soundcloud")
    lent = source._lent()
    inside = (source, vars(source), lent, vars(lent), source._settings)
    shown = (report, records, problems, engine.sources(), inside)
    return f"{shown!r} {[str(record) for record in records]} {await engine.get_all_downloads()!r}"


def test_nothing_shows_a_secret(bench: Any, sc: SoundCloudEmulator, caplog: pytest.LogCaptureFixture) -> None:
    """Logs down to DEBUG, reports, records, the journal and reprs are clean in every kind of failure."""
    sounds = [
        sc.plant(of_track(SHORT)),
        sc.plant(of_track(SHORT, title="A - Mp3", streams=("mp3",))),
        sc.plant(of_track(SHORT, title="A - Blocked", policy=Policy.BLOCK)),
    ]
    bench.journal = bench.folder / "journal.db"
    secrets, told = {sc.oauth_token, sc.client_id}, ""
    misfortunes: list[tuple[str, Fault]] = [
        ("nothing at all", Fault()),
        ("/tracks/*", Fault(status=500)),
        ("/tracks/*", Fault(status=401)),
        ("/media/soundcloud:*", Fault(reset=True)),
        ("/media/soundcloud:*", Fault(html=True)),
        ("/search/*", Fault(status=400, body=b"{")),
        ("/connect/*", Fault(status=401)),
        ("/segments/*", Fault(status=403)),
        ("/progressive/*", Fault(truncate_at=100)),
    ]
    with caplog.at_level(logging.DEBUG):
        for glob, fault in misfortunes:
            sc.heal()
            sc.fault(glob, fault)
            told += bench(lambda engine: everything(engine, bench, sounds), **bench.login())
        sc.heal()
        wrong = f"planted-{uuid4()}"
        told += bench(lambda engine: everything(engine, bench, sounds), oauth_token=wrong)
        told += bench(lambda engine: everything(engine, bench, sounds))
        pasted = {"oauth_token": f"OAuth {sc.oauth_token}"}
        told += bench(lambda engine: everything(engine, bench, sounds), **pasted)
        sc.rotate()
        told += bench(lambda engine: everything(engine, bench, sounds))
    secrets |= {wrong, sc.client_id, *sc.signatures}
    kept = {
        path: path.read_bytes()
        for path in bench.folder.rglob("*")
        if path.parent != bench.dest and path.is_file()
    }
    state = {path for path in kept if path.parent.name == "sources"}
    assert len(secrets) > 20
    assert "api-v2.soundcloud.com" in caplog.text
    assert any(b"Odd One" in data for data in kept.values())
    for secret in secrets:
        assert secret not in told
        assert secret not in caplog.text
        places = {path for path, data in kept.items() if secret.encode() in data}
        # The client id is remembered where its owner alone can read it.
        assert places <= (state if secret == sc.client_id else set())
    assert all(path.stat().st_mode & 0o077 == 0 for path in state)
