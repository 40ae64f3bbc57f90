"""No secret can be read anywhere, whatever goes well or wrong."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from cratedig import DownloadEngine
from cratedig_contracts import everything_logged, leaks, written
from cratedig_emulators.catalogue import Track
from cratedig_emulators.server import Fault
from cratedig_emulators.soundcloud import Policy, SoundCloudEmulator, of_track

SHORT = Track(artist="Zed Quill", title="Odd One", seconds=10)


async def everything(engine: DownloadEngine, bench: Any, sounds: list[Any]) -> str:
    """All that is shown of a search, downloads and a cancel, and what the source keeps inside."""
    targets = [*(str(sound.id) for sound in sounds), "5"]
    told = await bench.told(engine, "The Brass Lanterns Copper Rain", targets)
    source: Any = engine.client("soundcloud")
    lent = source._lent()
    return f"{told} {(lent, vars(lent), source._settings)!r}"


def test_nothing_shows_a_secret(bench: Any, sc: SoundCloudEmulator) -> None:
    """Logs down to DEBUG, reports, records, the journal and reprs are clean in every kind of failure."""
    sounds = [
        sc.plant(of_track(SHORT)),
        sc.plant(of_track(SHORT, title="A - Mp3", streams=("mp3",))),
        sc.plant(of_track(SHORT, title="A - Blocked", policy=Policy.BLOCK)),
    ]
    bench.journal = bench.folder / "journal.db"
    secrets, told = {sc.oauth_token, sc.client_id, (wrong := f"planted-{uuid4()}")}, ""
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
    logins = [bench.login(), {"oauth_token": f"OAuth {sc.oauth_token}"}, {"oauth_token": wrong}, {}]
    with everything_logged() as logged:
        for glob, fault in misfortunes:
            sc.heal()
            sc.fault(glob, fault)
            told += bench(lambda engine: everything(engine, bench, sounds), **bench.login())
        sc.heal()
        for login in logins:
            sc.rotate()
            secrets.add(sc.client_id)
            told += bench(lambda engine: everything(engine, bench, sounds), **login)
    kept = written(bench.folder)
    assert len(sc.signatures) > 20
    assert any("api-v2.soundcloud.com" in line for line in logged)
    assert any(b"Odd One" in data for data in kept.values())
    assert leaks({*secrets, *sc.signatures}, {"log": logged, "told": told, **kept}) == []


def test_what_is_remembered_is_for_its_owner_alone(bench: Any, sc: SoundCloudEmulator) -> None:
    """The client id outlives the engine in a file that nobody else may read."""
    bench.journal = bench.folder / "journal.db"
    bench.search("brass lanterns")
    [file] = [path for path in bench.folder.rglob("*.json") if sc.client_id in path.read_text()]
    assert file.parent.name == "sources"
    assert file.stat().st_mode & 0o077 == 0
