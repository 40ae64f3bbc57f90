"""The login: dead, ended in the middle, renewed once, and never shown to a foreign host."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from cratedig import DownloadEngine, DownloadState, SearchStatus
from cratedig_emulators.deezer import DeezerEmulator
from cratedig_emulators.server import Fault, redirect

TITLE = "Copper Rain"
STALE = [
    {"VALID_TOKEN_REQUIRED": "Invalid CSRF token"},
    {"GATEWAY_ERROR": "invalid api token"},
    {"NEED_USER_AUTH_REQUIRED": ""},
    {"USER_AUTH_REQUIRED": ""},
]


def test_dead_arl(bench: Any) -> None:
    """User 0 with status 200 is a refused login, in search, download and probe; it says what to do."""
    bench.service.revoke()
    dead = f"planted{uuid4().hex}"
    outcome = bench.search(TITLE, arl=dead).outcomes["deezer"]
    assert (outcome.status, outcome.code) == (SearchStatus.FAILED, "authentication-failed")
    assert "browser" in outcome.hint
    record = bench.download(TITLE, arl=dead)
    assert (record.state, record.code) == (DownloadState.ERRORED, "authentication-failed")
    assert dead not in f"{record} {outcome}"

    async def probe(engine: DownloadEngine) -> dict[str, str]:
        return await engine.diagnose(["deezer"])

    assert "ARL" in bench(probe, arl=dead)["deezer"]


def test_dead_arl_is_not_asked_about_for_ever(bench: Any) -> None:
    """One login, one more after the reload, and that is all."""
    bench.download(TITLE, arl="planted", retries=3)
    assert len(bench.calls("deezer.getUserData")) == 2


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"arl": None}, "missing: arl"),
        ({"stripe_secret": None}, "missing: stripe_secret"),
        ({"arl": " ", "stripe_secret": ""}, "missing: arl, stripe_secret"),
        ({"arl": "arl=x; sid=y"}, "arl: expected the value"),
        ({"arl": "übel"}, "arl: expected the value"),
        ({"stripe_secret": "seventeen letters"}, "expected 16 ASCII characters, got 17"),
        ({"stripe_secret": "sechzehn Zeichän"}, "expected 16 ASCII characters"),
    ],
)
def test_what_is_missing_or_malformed_is_named(bench: Any, change: dict[str, Any], problem: str) -> None:
    """Without a usable login or secret it is not configured, says which, and is skipped without a request."""

    async def use(engine: DownloadEngine) -> Any:
        report = await engine.search(TITLE, sources=["deezer"])
        return engine.sources(), report.outcomes["deezer"]

    statuses, outcome = bench(use, **change)
    status = next(one for one in statuses if one.name == "deezer")
    assert problem in status.reason
    assert "[sources.deezer]" in status.hint
    assert outcome.status is SearchStatus.SKIPPED
    assert bench.service.requests == []


def test_white_space_of_copying_does_no_harm(bench: Any) -> None:
    """Blanks and line breaks round the two secrets are left out."""
    own = bench.own()
    record = bench.download(TITLE, arl=f" {own['arl']}\n", stripe_secret=f"{own['stripe_secret']} \n")
    assert record.state is DownloadState.COMPLETED


@pytest.mark.parametrize("error", STALE, ids=lambda one: next(iter(one)))
def test_session_that_has_ended_is_renewed_once(bench: Any, error: dict[str, str]) -> None:
    """The call is made again with a new session; no attempt is lost."""
    bench.service.gateway_errors["song.getData"] = [error]
    record = bench.download(TITLE)
    assert (record.state, len(record.attempts)) == (DownloadState.COMPLETED, 1)
    assert len(bench.calls("deezer.getUserData")) == 2


@pytest.mark.parametrize("error", STALE, ids=lambda one: next(iter(one)))
def test_session_that_never_holds_is_a_refused_login(bench: Any, error: dict[str, str]) -> None:
    """A new session that is refused as well is not tried for ever."""
    bench.service.gateway_errors["song.getData"] = [error] * 50
    assert bench.download(TITLE).code == "authentication-failed"
    assert len(bench.calls("song.getData")) == 4


def two_downloads(bench: Any, meanwhile: Callable[[DeezerEmulator], object]) -> Any:
    """The second download's record; ``meanwhile`` happens before it, in the same engine."""

    async def use(engine: DownloadEngine) -> Any:
        for title in ("Glasshouse", TITLE):
            if title == TITLE:
                meanwhile(bench.service)
            job = await engine.dispatch_download(("deezer", bench.number(title)), dest_dir=bench.music)
            record = await engine.wait(job)
        return record

    return bench(use)


@pytest.mark.parametrize(
    "meanwhile",
    [
        lambda service: service.sessions.end_sessions(),
        lambda service: service.sessions.end_licenses(),
        lambda service: service.sessions.end_tracks(),
    ],
    ids=["session", "licence", "track tokens"],
)
def test_expiry_between_two_downloads(bench: Any, meanwhile: Callable[[DeezerEmulator], object]) -> None:
    """Session, licence and tokens are renewed without an attempt being lost."""
    record = two_downloads(bench, meanwhile)
    assert (record.state, len(record.attempts)) == (DownloadState.COMPLETED, 1)


def test_revocation_between_two_downloads(bench: Any) -> None:
    """An ARL that dies at work is a refused login and no loop."""
    record = two_downloads(bench, lambda service: service.revoke())
    assert (record.state, record.code) == (DownloadState.ERRORED, "authentication-failed")


def test_licence_that_ends_soon_is_renewed_beforehand(bench: Any) -> None:
    """A login that has less than an hour left is replaced, but not more often than once a minute."""
    bench.service.sessions.lifetime = 10
    assert two_downloads(bench, lambda _service: None).state is DownloadState.COMPLETED
    assert len(bench.calls("deezer.getUserData")) == 1


@pytest.mark.parametrize(
    ("stage", "expiry"),
    [
        ("queue", "session"),
        ("queue", "licence"),
        ("resolve", "tracks"),
        ("resolve", "licence"),
        ("half", "addresses"),
        ("half", "session"),
    ],
)
def test_expiry_at_each_stage(bench: Any, stage: str, expiry: str) -> None:
    """What ends while a download waits, resolves or is half-way is renewed, and the file is whole."""
    service = bench.service
    end = {
        "session": service.sessions.end_sessions,
        "licence": service.sessions.end_licenses,
        "tracks": service.sessions.end_tracks,
        "addresses": service.end_addresses,
    }[expiry]
    if stage == "resolve":
        service.fault("/v1/get_url", Fault(delay=0.5, times=1))
    else:
        service.fault("GET /media/*", Fault(truncate_at=0.5, delay=0.5, times=1))

    async def use(engine: DownloadEngine) -> Any:
        first = await engine.dispatch_download(("deezer", bench.number("Glasshouse")), dest_dir=bench.music)
        if stage == "queue":
            wanted = await engine.dispatch_download(("deezer", bench.number(TITLE)), dest_dir=bench.music)
        else:
            wanted = first
        await bench.until(lambda: service.log.all("/v1/get_url" if stage == "resolve" else "/media/*"))
        end()
        return await engine.wait(wanted)

    record = bench(use, concurrent_downloads=1, retries=1)
    title = TITLE if stage == "queue" else "Glasshouse"
    assert (record.state, len(record.attempts)) == (DownloadState.COMPLETED, 1)
    assert record.file_path.read_bytes() == service.song(title).audio("FLAC")


def test_cookie_goes_to_the_gateway_only(bench: Any) -> None:
    """Neither catalogue, media service nor the hosts of the bytes see a cookie, a session or an ARL."""
    bench.download(TITLE, searched=True)
    bench.service.fault("/media/*", Fault(status=503))
    bench.download("Glasshouse", retries=1)
    service = bench.service
    foreign = [seen for seen in service.requests if seen.path != "/ajax/gw-light.php"]
    assert {seen.port for seen in foreign} == {service.port, service.cdn.port, service.mirror.port}
    for seen in foreign:
        assert "cookie" not in seen.headers
        assert service.account.arl not in f"{seen.path} {seen.query} {seen.headers} {seen.body!r}"
    assert all(service.account.arl in seen.headers["cookie"] for seen in bench.calls(""))


def test_cookie_does_not_follow_a_redirect(bench: Any, tmp_path: Any) -> None:
    """A gateway that redirects to another host does not get the ARL there."""
    with DeezerEmulator() as other:

        class Redirecting(DeezerEmulator):
            def dispatch(self, request: Any) -> Any:
                return redirect(f"{other.base_url}{request.raw_path}?{request.query}", 307)

        with Redirecting() as first:
            bench.search(TITLE, gw_base=first.base_url)
        assert len(other.requests) == 2
        for seen in other.requests:
            assert bench.service.account.arl not in str(seen.headers)


def test_new_arl_after_a_reload(bench: Any) -> None:
    """Settings that are read again bring the new login with the next request."""
    tree = bench.tree(arl="planted-dead")

    async def run() -> tuple[int, int]:
        async with DownloadEngine.open(tree) as engine:
            before = await engine.search(TITLE, sources=["deezer"])
            tree["sources"]["deezer"]["arl"] = bench.service.account.arl
            await engine.reload_settings("deezer")
            after = await engine.search(TITLE, sources=["deezer"])
            return len(before.results), len(after.results)

    assert asyncio.run(run()) == (0, 1)


def test_hostile_cookies_of_the_gateway_are_not_sent_back(bench: Any) -> None:
    """A session id that does not fit into a header is left out."""

    class Odd(DeezerEmulator):
        def dispatch(self, request: Any) -> Any:
            return super().dispatch(request).with_headers(**{"Set-Cookie": 'sid="\xe4 b"; Path=/'})

    with Odd() as service:
        outcome = bench.search(TITLE, gw_base=service.base_url, arl=service.account.arl).outcomes["deezer"]
        assert outcome.status is SearchStatus.OK
        record = bench.download(TITLE, gw_base=service.base_url, arl=service.account.arl)
        assert record.code == "authentication-failed"
        assert all("sid" not in seen.headers["cookie"] for seen in service.requests)
