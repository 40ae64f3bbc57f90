"""A login that is made, kept, lost and made again, at every stage of a download."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any

import pytest

from cratedig import Download, DownloadEngine, DownloadState
from cratedig_emulators.server import Fault
from cratedig_qobuz.client import signature

TITLE = "Copper Rain"
NEVER = {"user_auth_token": None}
"""Settings without a token: e-mail and password take its place."""


def test_signature() -> None:
    """The signature of known parameters with a secret of zeros is a known one."""
    params = {"track_id": "12345678", "format_id": "27", "intent": "stream"}
    made = signature("track/getFileUrl", params, "1700000000", "0" * 32)
    assert made == "622e3b8fc8a5d469615e36f513094a55"


def test_password_login_is_kept(bench: Any) -> None:
    """One login does for searches, downloads and the next start of the program."""
    bench.journal = bench.folder / "journal.db"
    assert bench.download(TITLE, searched=True, **NEVER).state is DownloadState.COMPLETED
    assert bench.search(TITLE, **NEVER).results
    assert len(bench.asked("user/login")) == 1


def test_password_travels_as_its_md5(bench: Any) -> None:
    """The password itself never leaves; one that is hashed already is not hashed again."""
    digest = hashlib.md5(bench.service.password.encode()).hexdigest()
    bench.search(TITLE, **NEVER)
    (seen,) = bench.asked("user/login")
    assert f"password={digest}" in seen.query
    assert bench.service.password not in seen.query
    bench.service.expire()
    own = {"user_auth_token": "", "email": bench.service.email, "password": digest.upper()}
    assert bench.search(TITLE, **own).results


def test_several_at_once_log_in_once(bench: Any) -> None:
    """Searches and downloads that begin together wait for one login."""

    async def use(engine: DownloadEngine) -> list[Any]:
        searches = (engine.search(words, sources=["qobuz"]) for words in ("Copper Rain", "Glasshouse"))
        return await asyncio.gather(*searches)

    assert all(report.results for report in bench(use, **NEVER))
    assert len(bench.asked("user/login")) == 1


@pytest.mark.parametrize("change", [{"password": "another"}, {"email": "nobody@example.org"}])
def test_wrong_password(bench: Any, change: dict[str, str]) -> None:
    """A login that is refused is said to be one, and what to do about it."""
    own = {"user_auth_token": "", "email": bench.service.email, "password": bench.service.password, **change}
    outcome = bench.search(TITLE, **own).outcomes["qobuz"]
    assert outcome.code == "authentication-failed"
    assert "user_auth_token" in outcome.hint


def test_application_that_takes_no_passwords(bench: Any) -> None:
    """The web player's app_id refuses e-mail and password; the hint leads to the token."""
    bench.service.takes_passwords = False
    outcome = bench.search(TITLE, **NEVER).outcomes["qobuz"]
    assert (outcome.code, "user_auth_token" in outcome.hint) == ("authentication-failed", True)


def test_token_of_another_application(bench: Any) -> None:
    """A token works only with the app_id that it was made under."""
    outcome = bench.search(TITLE, app_id=bench.service.other_app_id).outcomes["qobuz"]
    assert (outcome.code, "app_id" in outcome.reason) == ("authentication-failed", True)


def test_login_of_another_account_is_not_used(bench: Any) -> None:
    """After the settings name another application, the kept login is not sent there."""
    bench.journal = bench.folder / "journal.db"
    bench.search(TITLE, **NEVER)
    assert bench.search(TITLE, **NEVER, app_id=bench.service.other_app_id).results
    assert len(bench.asked("user/login")) == 2
    assert {seen.status for seen in bench.service.requests} == {200}


@pytest.mark.parametrize(
    "answer", [b"{}", b'{"user_auth_token": null}', b'{"user_auth_token": "a\\nb"}', b"[]"]
)
def test_login_without_a_token(bench: Any, answer: bytes) -> None:
    """An answer without a usable token is no login."""
    bench.service.fault("*/user/login", Fault(body=answer, content_type="application/json"))
    assert bench.search(TITLE, **NEVER).outcomes["qobuz"].code == "unexpected-response"


async def dispatched(engine: DownloadEngine, bench: Any, title: str = TITLE) -> str:
    return await engine.dispatch_download(("qobuz", bench.id_of(title)), dest_dir=bench.music)


def expiring(bench: Any, stage: str, settings: dict[str, Any]) -> Download:
    """A download in whose course every login ends: in the queue, while it is resolved, at half the bytes."""
    service = bench.service

    async def use(engine: DownloadEngine) -> Download:
        await engine.search("Glasshouse", sources=["qobuz"])
        if stage == "queue":
            service.fault("GET /file", Fault(drip=(200_000, 0.2), times=1))
            first = await dispatched(engine, bench, "Glasshouse")
            waiting = await dispatched(engine, bench)
            await bench.until(lambda: service.log.all("/file"))
            service.expire()
            await engine.wait(first)
            return await engine.wait(waiting)
        if stage == "resolve":
            service.fault("*/track/getFileUrl", Fault(delay=0.5, times=1))
            waiting = await dispatched(engine, bench)
            await bench.until(lambda: bench.asked("track/getFileUrl"))
        else:
            # The connection breaks after the address has run out, so there has to be a new one.
            service.link_seconds = 2
            service.fault("GET /file", Fault(drip=(120_000, 0.35), truncate_at=0.5, times=1))
            waiting = await dispatched(engine, bench)
            await bench.until(lambda: service.log.all("/file"))
        service.expire()
        return await engine.wait(waiting)

    return bench(use, retries=1, concurrent_downloads=1, **settings)  # type: ignore[no-any-return]


@pytest.mark.parametrize("samples", [True, False], ids=["sample", "401"])
@pytest.mark.parametrize("stage", ["queue", "resolve", "half"])
def test_expired_login_is_made_again(bench: Any, stage: str, samples: bool) -> None:
    """With a password, the download goes on with a new login, wherever the old one has ended."""
    bench.service.samples_for_strangers = samples
    record = expiring(bench, stage, NEVER)
    assert record.state is DownloadState.COMPLETED, record.detail
    assert record.attempts[-2].code == "authentication-failed"
    assert record.file_path is not None
    assert record.file_path.stat().st_size == len(bench.service.song(TITLE).file(7))
    assert len(bench.asked("user/login")) == 2


@pytest.mark.parametrize("samples", [True, False], ids=["sample", "401"])
@pytest.mark.parametrize("stage", ["queue", "resolve", "half"])
def test_expired_token_is_told(bench: Any, stage: str, samples: bool) -> None:
    """A pasted token cannot be renewed: the record says so, and nothing is left behind."""
    bench.service.samples_for_strangers = samples
    record = expiring(bench, stage, {})
    assert (record.state, record.code) == (DownloadState.ERRORED, "authentication-failed")
    assert "user_auth_token" in record.detail
    assert [path for path in bench.left() if TITLE in path.name] == []


def test_blocked_account(bench: Any) -> None:
    """A blocked account is told apart from a target that is not allowed."""
    bench.service.blocked = True
    record = bench.download(TITLE)
    assert (record.code, "blocked" in record.detail) == ("authentication-failed", True)


def diagnosed(bench: Any, **settings: Any) -> str:
    return str(bench(lambda engine: engine.diagnose(["qobuz"]), **settings)["qobuz"])


def test_diagnosis(bench: Any) -> None:
    """The probe tells a good account, a lapsed subscription, a dead login and a wrong secret apart."""
    assert diagnosed(bench) == ""
    bench.service.subscribed = False
    assert "subscription" in diagnosed(bench)
    bench.service.subscribed = True
    assert "app_secret" in diagnosed(bench, app_secret="0" * 32)
    assert "app_id" in diagnosed(bench, app_id="1")
    bench.service.expire()
    assert "login" in diagnosed(bench)


def test_probe_renews_a_dead_login(bench: Any) -> None:
    """A kept login that has expired since is made again by the probe, and kept from then on."""
    bench.journal = bench.folder / "journal.db"
    assert diagnosed(bench, **NEVER) == ""
    bench.service.expire()
    assert diagnosed(bench, **NEVER) == ""
    assert diagnosed(bench, **NEVER) == ""
    assert len(bench.asked("user/login")) == 2
