"""A login that a person goes through."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cratedig import LoginStep
from cratedig_contracts.call import ended
from cratedig_contracts.checks.cancel import SETTLED, STANDSTILL
from cratedig_contracts.checks.given import Given
from cratedig_contracts.demand import demand, leave
from cratedig_contracts.patience import until
from cratedig_contracts.rig import Rig, Session
from cratedig_contracts.secrecy import everything_logged, leaks

SHOWN = 15.0
"""Seconds until there is something to do for the person."""
CONFIRMED = 15.0
"""Seconds until a login ends that the person has gone through."""
LATE = 0.3
"""Seconds, of turns of the loop in question, to wait for what must not happen."""


class Begun:
    """A login under way: ``task`` is the engine's, ``steps`` what the person was shown."""

    def __init__(self, session: Session) -> None:
        self.steps: list[Any] = []
        self.task = asyncio.ensure_future(session.engine.login(session.name, self.steps.append))

    def over(self) -> bool:
        """Whether it has ended, well or badly."""
        return self.task.done()

    @property
    def problem(self) -> str:
        """What it ended with, empty where it went well."""
        error = None if self.task.cancelled() else self.task.exception()
        return str(error) if error else ""


class LoginChecks(Given):
    """What is shown, when it ends, what is kept, what a cancel leaves."""

    def test_login_shown(self, rig: Rig, login: Any, login_settings: Mapping[str, Any]) -> None:
        """A person is shown a link that a browser can open, before the service is waited for."""

        async def use(_session: Session, begun: Begun) -> None:
            await until(lambda: begun.steps or begun.over(), SHOWN)
            demand(begun.steps, f"the person is shown nothing to do {begun.over() and begun.problem}")
            strange = [step for step in begun.steps if not isinstance(step, LoginStep)]
            demand(not strange, f"show() takes a LoginStep, not {strange[:1]}")
            links = [urlsplit(step.link) for step in begun.steps]
            sound = all(link.scheme in {"http", "https"} and link.hostname for link in links)
            demand(sound, f"no browser opens {[step.link for step in begun.steps]}: tell a whole address")

        _logging_in(rig, login, login_settings, use)

    def test_login_ends(self, rig: Rig, login: Any, login_settings: Mapping[str, Any]) -> None:
        """It ends when the service has confirmed it and not before, and is kept in context.state."""

        async def use(session: Session, begun: Begun) -> None:
            await _shown(begun)
            early = await ended(session.spy.of("login_raw"), LATE, STANDSTILL)
            demand(not early, "it ends before the person has done anything")
            login.confirm()
            demand(await until(begun.over, CONFIRMED), "the service has confirmed it, and it does not end")
            demand(not begun.problem, f"the service has confirmed it, and it fails: {begun.problem}")

        _logging_in(rig, login, login_settings, use)
        demand(_kept(rig), "after the login nothing is kept; put the tokens into context.state")

    def test_login_cancel(self, rig: Rig, login: Any, login_settings: Mapping[str, Any]) -> None:
        """Cancelled, it ends soon, and what the service confirms later is not kept."""

        async def use(session: Session, begun: Begun) -> None:
            await _shown(begun)
            if await ended(session.spy.of("login_raw"), LATE, STANDSTILL):
                leave("it has ended already; see login_ends")
            begun.task.cancel()
            soon = await ended(session.spy.of("login_raw"), SETTLED, STANDSTILL)
            demand(soon, "login_raw goes on after it was cancelled: let CancelledError through")
            login.confirm()
            late = await until(lambda: _kept(rig), LATE)
            demand(not late, "it was cancelled, and tokens are kept all the same")

        _logging_in(rig, login, login_settings, use)

    def test_login_secrets(self, rig: Rig, login: Any, login_settings: Mapping[str, Any]) -> None:
        """Nothing that the service hands out can be read in a log, or in what is shown."""

        async def use(session: Session, begun: Begun) -> list[object]:
            await _shown(begun)
            login.confirm()
            await until(begun.over, CONFIRMED)
            return [begun.steps, begun.problem, session.spy.source, session.engine.sources()]

        with everything_logged() as logged:
            told = _logging_in(rig, login, login_settings, use)
        found = leaks(login.secrets(), {"a log line": logged, "what is shown": told})
        demand(not found, f"a token can be read in {'; '.join(found[:3])}")


def _logging_in(
    rig: Rig,
    login: Any,
    settings: Mapping[str, Any],
    use: Callable[[Session, Begun], Awaitable[Any]],
) -> Any:
    """What ``use`` returns; the check is skipped where there is no login, or no way to confirm one."""

    async def begin(session: Session) -> Any:
        _demand_both(session, login)
        login.hold()
        begun = Begun(session)
        try:
            return await use(session, begun)
        finally:
            begun.task.cancel()
            await asyncio.wait({begun.task})

    return rig.run(begin, tree=rig.tree(settings), ready=False, journal=rig.folder / "login" / "journal.db")


def _demand_both(session: Session, login: object | None) -> None:
    has = hasattr(session.spy.source, "login_raw")
    demand(has or login is None, "there is a login fixture, but no login_raw")
    if not has:
        leave("it has no login to go through")
    if login is None:
        leave("no login fixture: hold() and confirm() are needed")


async def _shown(begun: Begun) -> None:
    if not await until(lambda: begun.steps or begun.over(), SHOWN) or not begun.steps:
        leave("the person is shown nothing to do; see login_shown")


def _kept(rig: Rig) -> list[Path]:
    """The private stores that have something in them."""
    stores = (rig.folder / "state" / "sources").glob("*.json")
    return [path for path in stores if path.read_text(encoding="utf-8").strip() not in {"", "{}"}]
