"""A person logs in through the engine, whichever thread the source waits on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from core.tests.fakes import Fake, forever, result, running, until

import cratedig.blocking
from cratedig import (
    AuthenticationFailed,
    DownloadEngine,
    LoginStep,
    NotConfigured,
    SourceContext,
    SourceInfo,
    SourceState,
    UnknownSource,
    hookimpl,
)


class Settled:
    """Works by its settings alone."""

    def __init__(self, context: SourceContext) -> None:
        self.context = context

    @hookimpl
    def source_info(self) -> SourceInfo:
        return SourceInfo(name=self.context.name, display_name="Settled", contract_version="1.0")

    @hookimpl
    def is_configured(self) -> bool:
        return bool(self.context.state.get("login"))

    @hookimpl
    async def check_connection(self) -> bool:
        return True

    @hookimpl
    async def search_raw(self, query: str) -> list[Any]:
        return []

    @hookimpl
    async def download_raw(self, target_id: str) -> Path:
        raise AssertionError(target_id)


class Asking(Settled):
    """Has a person log in."""

    denied = False
    waits = False
    ended = False

    @hookimpl
    async def login_raw(self, show: Callable[[LoginStep], None]) -> None:
        show(LoginStep(link="https://login.example/ABCDE", code="ABCDE", expires_in=300))
        try:
            await (forever() if self.waits else asyncio.sleep(0))
        finally:
            self.ended = True
        if self.denied:
            raise AuthenticationFailed("it was denied")
        self.context.state.set("login", {"refresh_token": "planted"})


def engine_with(folder: Path) -> DownloadEngine:
    engine = DownloadEngine({"engine": {"state_dir": str(folder)}})
    engine.register_plugin(Asking, name="asking")
    engine.register_plugin(Settled, name="settled")
    return engine


def state(engine: DownloadEngine) -> SourceState:
    return next(status.state for status in engine.sources() if status.name == "asking")


def test_login_shows_what_to_do_and_makes_the_source_ready(tmp_path: Path) -> None:
    """The step is shown on the host's own loop, and when the login is done the source can be used."""
    seen: list[tuple[LoginStep, int]] = []

    async def run() -> None:
        async with engine_with(tmp_path) as engine:
            assert state(engine) is SourceState.NOT_CONFIGURED
            await engine.login("asking", lambda step: seen.append((step, threading.get_ident())))
            assert state(engine) is SourceState.READY

    asyncio.run(run())
    [(step, thread)] = seen
    assert (step.link, step.code) == ("https://login.example/ABCDE", "ABCDE")
    assert thread == threading.get_ident()


def test_login_works_without_an_event_loop(tmp_path: Path) -> None:
    """The blocking engine waits as well."""
    seen: list[LoginStep] = []
    engine = cratedig.blocking.DownloadEngine({"engine": {"state_dir": str(tmp_path)}})
    engine.register_plugin(Asking, name="asking")
    with engine:
        engine.login("asking", seen.append)
        assert engine.configured_sources() == ["asking"]
    assert len(seen) == 1


@pytest.mark.parametrize(("name", "error"), [("settled", NotConfigured), ("gramophone", UnknownSource)])
def test_source_without_a_login_says_so(tmp_path: Path, name: str, error: type[Exception]) -> None:
    """A source that works by its settings, and one that nobody knows, are told apart."""

    async def run() -> None:
        async with engine_with(tmp_path) as engine:
            await engine.login(name, print)

    with pytest.raises(error):
        asyncio.run(run())


def test_denied_login_changes_nothing(tmp_path: Path) -> None:
    """The error arrives at the host, and the source is as unready as before."""

    async def run() -> SourceState:
        async with engine_with(tmp_path) as engine:
            engine.client("asking").denied = True
            with pytest.raises(AuthenticationFailed, match="denied"):
                await engine.login("asking", lambda step: None)
            return state(engine)

    assert asyncio.run(run()) is SourceState.NOT_CONFIGURED


def test_login_that_nobody_waits_for_ends(tmp_path: Path) -> None:
    """Cancelling the wait ends the source's wait, too, and nothing is kept."""

    async def run() -> None:
        async with engine_with(tmp_path) as engine:
            source = engine.client("asking")
            source.waits = True
            shown = asyncio.Event()
            task = asyncio.create_task(engine.login("asking", lambda step: shown.set()))
            await shown.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await until(lambda: source.ended)
            assert not source.context.state.get("login")

    asyncio.run(run())


def test_refused_login_is_told_with_the_source_until_it_is_accepted() -> None:
    """The lane says so: a host sees whose login is dead without asking anybody."""
    refusals = [AuthenticationFailed("the login has expired")] * 2

    async def search(*_: Any) -> Any:
        if refusals:
            raise refusals.pop()
        return [result("1")]

    def told(engine: DownloadEngine) -> str:
        return next(status.login_refused for status in engine.sources())

    async def main() -> None:
        async with running(Fake(search=search), engine={"retries": 0}) as engine:
            assert told(engine) == ""
            await engine.search("one")
            assert "the login has expired" in told(engine)
            await engine.search("two")
            assert told(engine) == ""

    asyncio.run(main())
