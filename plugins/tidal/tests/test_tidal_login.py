"""A login: made by a person, renewed by itself, and told apart from everything else when it is refused."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

import pytest

from cratedig import (
    AuthenticationFailed,
    Download,
    DownloadEngine,
    DownloadState,
    LoginStep,
    SourceState,
    Unavailable,
    UnexpectedResponse,
)
from cratedig_contracts.patience import within
from cratedig_emulators.server import Fault, Request, Response
from cratedig_emulators.tidal import REFUSALS

PLAYBACK = "/v1/tracks/*/playbackinfopostpaywall"
TOKEN = "/auth/v1/oauth2/token"
DEVICE = "/auth/v1/oauth2/device_authorization"


def copper(bench: Any) -> str:
    return str(bench.service.id_of("Copper Rain"))


def state_of(engine: DownloadEngine) -> SourceState:
    return next(status.state for status in engine.sources() if status.name == "tidal")


def test_person_logs_in_by_link_and_code(bench: Any) -> None:
    """A link and a code are shown, polls go on until they were followed, and the tokens stay."""
    bench.service.accounts.pending = 3
    steps: list[LoginStep] = []

    async def log_in(engine: DownloadEngine) -> SourceState:
        assert state_of(engine) is SourceState.NOT_CONFIGURED
        await engine.login("tidal", steps.append)
        return state_of(engine)

    journal = bench.folder / "journal.db"
    assert bench(log_in, journal=journal, refresh_token=None) is SourceState.READY
    [step] = steps
    assert step.link == f"https://link.tidal.example/{step.code}"
    assert step.expires_in == 300

    async def search(engine: DownloadEngine) -> int:
        return len((await engine.search("Copper Rain", sources=["tidal"])).results)

    assert bench(search, journal=journal, refresh_token=None) == 1
    assert bench.service.accounts.refreshes == 0
    [kept] = (bench.folder / "state" / "sources").glob("tidal.json")
    assert os.name != "posix" or stat.S_IMODE(kept.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("denial", "error"), [("expired_token", AuthenticationFailed), ("client", AuthenticationFailed)]
)
def test_login_that_fails_says_so(bench: Any, denial: str, error: type[Exception]) -> None:
    """A code that nobody entered in time and a program that is refused are told; nothing is kept."""
    if denial == "client":
        bench.service.accounts.client_refusal = "invalid_client"
    else:
        bench.service.accounts.denial = denial

    async def log_in(engine: DownloadEngine) -> SourceState:
        with pytest.raises(error):
            await engine.login("tidal", lambda step: None)
        return state_of(engine)

    assert bench(log_in, refresh_token=None) is SourceState.NOT_CONFIGURED


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(status=503), Unavailable),
        (Fault(html=True), UnexpectedResponse),
        (Fault(body=b"{}", content_type="application/json"), UnexpectedResponse),
        (Fault(body=b"[]", content_type="application/json"), UnexpectedResponse),
        (Fault(reset=True), Unavailable),
    ],
    ids=["503", "page", "empty", "list", "reset"],
)
def test_login_server_in_trouble(bench: Any, fault: Fault, error: type[Exception]) -> None:
    """What the login server answers in trouble is no refusal of the person."""
    bench.service.fault(DEVICE, fault)

    async def log_in(engine: DownloadEngine) -> None:
        with pytest.raises(error):
            await engine.login("tidal", lambda step: None)

    bench(log_in, refresh_token=None)


def test_login_that_is_given_up_ends(bench: Any) -> None:
    """Cancelled while it polls, it polls no more."""
    bench.service.accounts.pending = 10_000

    async def use(engine: DownloadEngine) -> None:
        shown = asyncio.Event()
        task = asyncio.create_task(engine.login("tidal", lambda step: shown.set()))
        await shown.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await within(20, silence())

    async def silence() -> None:
        """Return when there is no more request; one may be under way for a while yet."""
        before = -1
        while before != (before := len(bench.service.requests)):
            await asyncio.sleep(0.3)

    bench(use, refresh_token=None)


@pytest.mark.parametrize("how", ["expire", "forget_access"])
@pytest.mark.parametrize("moment", ["queue", "resolve", "half the bytes"])
def test_login_that_expires_is_renewed(
    bench: Any, monkeypatch: pytest.MonkeyPatch, moment: str, how: str
) -> None:
    """Expired or not to be verified, at the queue, at the answer or at half the bytes: the song comes."""
    accounts, track = bench.service.accounts, copper(bench)
    end = getattr(accounts, how)

    def after(service: Any, glob: str, *then: Callable[[], object]) -> None:
        """Have things happen once, after such a request and before its answer."""
        answered, left = service.dispatch, list(then)

        def dispatch(request: Request) -> Response:
            answer: Response = answered(request)
            while left and fnmatchcase(request.path, glob):
                left.pop()()
            return answer

        monkeypatch.setattr(service, "dispatch", dispatch)

    async def use(engine: DownloadEngine) -> Download:
        await engine.search("Copper Rain", sources=["tidal"])
        if moment == "queue":
            end()
        elif moment == "resolve":
            # The track is looked up with the old token, and the playback is asked for with the same.
            after(bench.service, f"/v1/tracks/{track}", end)
        else:
            after(bench.service.cdn, "/mediatracks/*/*/4.mp4", end, bench.service.cdn.expire_links)
        one = await engine.dispatch_download(("tidal", track), dest_dir=bench.music)
        return await engine.wait(one)

    record = bench(use)
    assert (record.state, record.detail) == (DownloadState.COMPLETED, "")
    assert accounts.refreshes >= 1


@pytest.mark.parametrize("moment", ["queue", "resolve"])
def test_login_that_is_over_is_an_error_with_advice(bench: Any, moment: str) -> None:
    """A login that cannot be renewed ends the download as refused, once asked and not over and over."""

    async def use(engine: DownloadEngine) -> Download:
        if moment == "resolve":
            await engine.search("Copper Rain", sources=["tidal"])
        bench.service.accounts.revoke()
        one = await engine.dispatch_download(("tidal", copper(bench)), dest_dir=bench.music)
        return await engine.wait(one)

    record = bench(use)
    assert (record.state, record.code) == (DownloadState.ERRORED, "authentication-failed")
    assert "cratedig login tidal" in record.detail
    assert len(bench.service.requests) < 12


@pytest.mark.parametrize("kind", ["expired", "unverified", "no_country"])
def test_service_that_always_says_expired_is_not_asked_for_ever(bench: Any, kind: str) -> None:
    """A fresh token that is refused as well ends it; tidalapi alone would renew until the stack is full."""
    body: Any = REFUSALS[kind].answer().body
    bench.service.fault(PLAYBACK, Fault(status=401, body=body, content_type="application/json"))
    record = bench.download(copper(bench))
    assert record.code == "authentication-failed"
    assert len(bench.service.log.all(PLAYBACK)) <= 4


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault(status=503), "unavailable"),
        (Fault(status=429, retry_after=1), "rate-limited"),
        (Fault(reset=True), "unavailable"),
        (Fault(html=True, status=400), "unexpected-response"),
        (Fault(html=True), "unexpected-response"),
        (Fault(body=b"{}", content_type="application/json"), "unexpected-response"),
    ],
    ids=["503", "429", "reset", "page 400", "page", "empty"],
)
def test_trouble_of_the_login_server_costs_no_login(bench: Any, fault: Fault, code: str) -> None:
    """A login server that is down is an outage; the tokens stay, and work when it is back."""
    bench.service.fault(TOKEN, fault)

    async def use(engine: DownloadEngine) -> tuple[str, int]:
        outcome = (await engine.search("Copper Rain", sources=["tidal"])).outcomes["tidal"]
        bench.service.heal()
        await bench.until(lambda: not engine.rate_limiter.paused_for("tidal"))
        return outcome.code, len((await engine.search("Copper Rain", sources=["tidal"])).results)

    assert bench(use) == (code, 1)


def test_refresh_token_of_the_settings_goes_first(bench: Any) -> None:
    """A machine where nobody can type gets its login by a setting, and renews it like any other."""
    journal = bench.folder / "journal.db"

    async def search(engine: DownloadEngine) -> int:
        return len((await engine.search("Copper Rain", sources=["tidal"])).results)

    assert bench(search, journal=journal) == 1
    assert bench(search, journal=journal) == 1
    assert bench.service.accounts.refreshes == 1  # the second engine finds the access token of the first
    other = bench.service.login().refresh
    assert bench(search, journal=journal, refresh_token=other) == 1
    assert bench.service.accounts.refreshes == 2


def test_not_logged_in_says_what_to_do(bench: Any) -> None:
    """The source is not configured, and names the command that changes it."""

    async def use(engine: DownloadEngine) -> Any:
        return next(status for status in engine.sources() if status.name == "tidal")

    status = bench(use, refresh_token=None)
    assert (status.state, status.reason) == (SourceState.NOT_CONFIGURED, "nobody is logged in")
    assert "cratedig login tidal" in status.hint
