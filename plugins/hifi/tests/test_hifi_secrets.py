"""Nobody but the instance sees the credentials that stand in its address."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from cratedig import DownloadEngine, DownloadState
from cratedig_contracts import everything_logged, leaks, written
from cratedig_emulators.catalogue import DEFAULT
from cratedig_emulators.hifi import HifiEmulator
from cratedig_emulators.server import Fault, redirect
from cratedig_hifi import HifiSettings

COPPER = "The Brass Lanterns Copper Rain"


@pytest.fixture
def login() -> tuple[str, str]:
    return "collector", f"planted-{uuid4()}@/:"


@pytest.fixture
def guarded(login: tuple[str, str]) -> Iterator[HifiEmulator]:
    with HifiEmulator(catalogue=DEFAULT, login=login) as service:
        yield service


def address(service: HifiEmulator, login: tuple[str, str], password: str | None = None) -> str:
    return service.base_url.replace("://", f"://{login[0]}:{quote(password or login[1], safe='')}@")


@pytest.mark.parametrize(
    "fault",
    [None, Fault(status=500), Fault(status=401), Fault(reset=True), Fault(html=True), Fault(body=b"{")],
)
def test_credentials_are_in_nothing_that_is_written(
    bench: Any,
    guarded: HifiEmulator,
    login: tuple[str, str],
    fault: Fault | None,
) -> None:
    """Reports, records, events, logs at DEBUG, journal and state are free of them, whatever goes wrong."""
    bench.addresses = [address(guarded, login)]
    if fault:
        guarded.fault("*", fault)

    async def use(engine: DownloadEngine) -> list[object]:
        report = await engine.search(COPPER, sources=["hifi"])
        record = await bench.done(engine, bench.target())
        records = await engine.get_all_downloads()
        problems = await engine.diagnose(["hifi"])
        return [report, record, records, problems, engine.sources(), engine.client("hifi")]

    with everything_logged() as logged:
        seen = bench(use, journal=True)
    own = HifiSettings(instances=bench.addresses)
    told = {"seen": seen, "settings": own, "log": logged, **written(bench.folder, private="")}
    assert leaks([login[1], login[1].partition("@")[0]], told) == []
    assert seen[1].state is (DownloadState.ERRORED if fault else DownloadState.COMPLETED)


def test_only_the_instance_is_shown_them(bench: Any, guarded: HifiEmulator, login: tuple[str, str]) -> None:
    """The CDN gets no Authorization, and neither does another instance."""
    bench.addresses = [address(guarded, login), bench.services[1].base_url]
    guarded.fault("/search/", Fault(status=500))
    bench.search(COPPER)
    assert bench.download(quality="HI_RES_LOSSLESS").state is DownloadState.COMPLETED
    own = [seen for seen in guarded.requests if seen.port == guarded.port]
    assert own
    assert all("authorization" in seen.headers for seen in own)
    others = [*bench.services[1].requests, *(seen for seen in guarded.requests if seen.port != guarded.port)]
    assert others
    assert not any("authorization" in seen.headers for seen in others)


def test_wrong_credentials_say_what_to_check(
    bench: Any, guarded: HifiEmulator, login: tuple[str, str]
) -> None:
    """The proxy's refusal names the instance and the setting, and none of the two words."""
    bench.addresses = [address(guarded, login, "planted-wrong")]
    outcome = bench.search(COPPER).outcomes["hifi"]
    assert outcome.code == "authentication-failed"
    assert f"127.0.0.1:{guarded.port}" in outcome.reason
    assert outcome.hint == "check user and password in the instance's address"
    assert "planted" not in repr(outcome)


def test_redirect_takes_them_nowhere(bench: Any, guarded: HifiEmulator, login: tuple[str, str]) -> None:
    """An instance that redirects to another host does not hand them on."""
    bench.addresses = [address(guarded, login)]
    foreign = bench.services[1]
    guarded.dispatch = lambda request: moved(foreign, request)  # type: ignore[method-assign]
    assert list(bench.search(COPPER))
    assert not any("authorization" in seen.headers for seen in foreign.requests)


def moved(service: HifiEmulator, request: Any) -> Any:
    return redirect(f"{service.base_url}{request.raw_path}?{request.query}")
