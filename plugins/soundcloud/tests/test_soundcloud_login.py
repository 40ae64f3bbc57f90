"""The login: refused, ended in the middle, kept to the account that it is of."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from cratedig import DownloadEngine, DownloadState, SearchStatus
from cratedig_emulators.catalogue import Track
from cratedig_emulators.server import Fault
from cratedig_emulators.soundcloud import Policy, SoundCloudEmulator, of_track
from cratedig_emulators.soundcloud.media import streamed

SHORT = Track(artist="Zed Quill", title="Odd One", album="Odd", seconds=10)
LONG = Track(artist="Zed Quill", title="Long One", album="Odd", seconds=45)


def test_a_dead_token_is_a_refused_login(bench: Any, sc: SoundCloudEmulator) -> None:
    """In search, download and probe; nothing goes on as a guest, and it says what to do."""
    sound = sc.plant(of_track(SHORT))
    dead = {"oauth_token": f"planted-{uuid4()}"}
    outcome = bench.search("zed quill", **dead).outcomes["soundcloud"]
    assert (outcome.status, outcome.code) == (SearchStatus.FAILED, "authentication-failed")
    assert "browser" in outcome.hint
    record = bench.download(sound, **dead)
    assert (record.state, record.code) == (DownloadState.ERRORED, "authentication-failed")

    async def probe(engine: DownloadEngine) -> dict[str, str]:
        return await engine.diagnose(["soundcloud"])

    assert "token" in bench(probe, **dead)["soundcloud"]
    assert not sc.log.all("/search/*")
    assert not sc.log.all("/tracks/*")
    assert dead["oauth_token"] not in f"{record} {outcome}"


def test_a_dead_token_is_not_asked_about_for_ever(bench: Any, sc: SoundCloudEmulator) -> None:
    """Once, once more after the reload, and that is all."""
    bench.download(sc.plant(of_track(SHORT)), retries=3, oauth_token=f"planted-{uuid4()}")
    assert len(sc.log.all("/connect/session")) == 2


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault(status=503), "unavailable"),
        (Fault(reset=True), "unavailable"),
        (Fault(status=403), "authentication-failed"),
    ],
)
def test_a_login_that_could_not_be_looked_at_is_not_refused(
    bench: Any, sc: SoundCloudEmulator, fault: Fault, code: str
) -> None:
    """Where the service is down, yt-dlp calls the token invalid; the person's token may be good."""
    sc.fault("/connect/session", fault)
    assert bench.download(sc.plant(of_track(SHORT)), **bench.login()).code == code


def test_a_busy_login_pauses(bench: Any, sc: SoundCloudEmulator) -> None:
    """429 with its time, and then it goes on."""
    sc.fault("/connect/session", Fault(status=429, retry_after=1, times=1))
    record = bench.download(sc.plant(of_track(SHORT)), **bench.login())
    assert (record.state, record.attempts[0].code) == (DownloadState.COMPLETED, "rate-limited")


@pytest.mark.parametrize("form", ["{}", " {}\n", "OAuth {}", "oauth  {} "])
def test_what_copying_brings_along_does_no_harm(bench: Any, sc: SoundCloudEmulator, form: str) -> None:
    """Blanks, and the word that stands before a token in a header."""
    record = bench.download(sc.plant(of_track(SHORT)), oauth_token=form.format(sc.oauth_token))
    assert record.state is DownloadState.COMPLETED
    assert [seen.status for seen in sc.log.all("/connect/session")] == [200]


@pytest.mark.parametrize("token", ["two words", "\u00fcbel", "oauth_token = x"])
def test_a_malformed_token_is_named(bench: Any, sc: SoundCloudEmulator, token: str) -> None:
    """The source is skipped without a request, and the value is not told."""

    async def use(engine: DownloadEngine) -> Any:
        report = await engine.search("zed", sources=["soundcloud"])
        return engine.sources(), report.outcomes["soundcloud"]

    statuses, outcome = bench(use, oauth_token=token)
    status = next(one for one in statuses if one.name == "soundcloud")
    assert "oauth_token: expected" in status.reason
    assert token not in f"{status} {outcome}"
    assert outcome.status is SearchStatus.SKIPPED
    assert sc.requests == []


@pytest.mark.parametrize("token", ["", "  "])
def test_an_empty_token_is_a_guest(bench: Any, sc: SoundCloudEmulator, token: str) -> None:
    """As if it were not set."""
    assert bench.download(sc.plant(of_track(SHORT)), oauth_token=token).state is DownloadState.COMPLETED
    assert not sc.log.all("/connect/session")


STAGES = {
    "queue": "/segments/*/4.m4s",
    "track": "/tracks/*",
    "stream": "/media/soundcloud:*",
    "half of the bytes": "/segments/*/5.m4s",
}


@pytest.mark.parametrize("stage", STAGES)
def test_expiry_at_each_stage(bench: Any, sc: SoundCloudEmulator, stage: str) -> None:
    """A token that ends while a download waits, resolves or is half-way is a refused login and no loop."""
    wanted = sc.plant(of_track(LONG, policy=Policy.SNIP, streams=("aac_256k",)))
    other = sc.plant(of_track(SHORT, streams=("aac_160k",)))
    for sound, key in ((wanted, "aac_256k"), (other, "aac_160k")):
        streamed(sound, key)
    sc.fault(STAGES[stage], Fault(delay=1, times=1))

    async def use(engine: DownloadEngine) -> Any:
        if stage == "queue":
            await engine.dispatch_download(("soundcloud", str(other.id)), dest_dir=bench.folder / "other")
        job = await engine.dispatch_download(("soundcloud", str(wanted.id)), dest_dir=bench.music)
        await bench.until(lambda: sc.log.all(STAGES[stage]))
        sc.expire_login()
        sc.end_addresses()
        return await engine.wait(job)

    record = bench(use, concurrent_downloads=1, **bench.login())
    assert (record.state, record.code) == (DownloadState.ERRORED, "authentication-failed")
    assert bench.left() == []
    assert len(sc.requests) < 100


@pytest.mark.parametrize("stage", ["track", "stream", "half of the bytes"])
def test_addresses_that_end_at_each_stage(bench: Any, sc: SoundCloudEmulator, stage: str) -> None:
    """With a login that is still good, the download goes on and no attempt is lost."""
    wanted = sc.plant(of_track(LONG, policy=Policy.SNIP, streams=("aac_256k",)))
    whole = streamed(wanted, "aac_256k")
    sc.fault(STAGES[stage], Fault(delay=1, times=1))

    async def use(engine: DownloadEngine) -> Any:
        job = await engine.dispatch_download(("soundcloud", str(wanted.id)), dest_dir=bench.music)
        await bench.until(lambda: sc.log.all(STAGES[stage]))
        sc.end_addresses()
        return await engine.wait(job)

    record = bench(use, **bench.login())
    assert (record.state, len(record.attempts)) == (DownloadState.COMPLETED, 1)
    assert record.file_path.read_bytes() == whole


def test_new_token_after_a_reload(bench: Any, sc: SoundCloudEmulator) -> None:
    """Settings that are read again bring the new login with the next request."""
    tree = bench.tree(oauth_token=f"planted-{uuid4()}")

    async def run() -> tuple[int, int]:
        async with DownloadEngine.open(tree) as engine:
            before = await engine.search("copper rain", sources=["soundcloud"])
            tree["sources"]["soundcloud"]["oauth_token"] = sc.oauth_token
            await engine.reload_settings("soundcloud")
            after = await engine.search("copper rain", sources=["soundcloud"])
            return len(before.results), len(after.results)

    assert asyncio.run(run()) == (0, 1)


def test_a_login_is_nobody_elses(bench: Any, sc: SoundCloudEmulator) -> None:
    """What yt-dlp would keep for the whole process ends with its extraction: the next guest is a guest."""
    sound = sc.plant(of_track(SHORT))
    bench.download(sound, **bench.login())
    sc.log.clear()
    bench.download(sound)
    assert sc.log.all("/tracks/*")
    assert not [seen for seen in sc.requests if "authorization" in seen.headers]


def test_the_token_goes_to_the_api_only(bench: Any, sc: SoundCloudEmulator) -> None:
    """Neither pages, scripts nor the hosts of the bytes see it."""
    bench.search("brass lanterns", **bench.login())
    bench.download(sc.plant(of_track(SHORT, original="flac")), **bench.login())
    bench.download(sc.plant(of_track(LONG)), **bench.login())
    shown = {
        seen.host
        for seen in sc.requests
        if sc.oauth_token in f"{seen.path} {seen.query} {seen.headers} {seen.body!r}"
    }
    assert shown == {"api-auth.soundcloud.com", "api-v2.soundcloud.com"}


def test_cookies_of_the_service_do_no_harm(bench: Any, sc: SoundCloudEmulator) -> None:
    """A hostile cookie is left out."""
    sc.fault("/", Fault(status=200, body=b"<html>"))
    assert bench.search("zed").outcomes["soundcloud"].code == "unexpected-response"
