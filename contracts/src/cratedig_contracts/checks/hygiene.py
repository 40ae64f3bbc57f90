"""Manners: what a source does besides what it is asked for."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import attrs
import pytest

from cratedig import Secret, SourceInfo
from cratedig_contracts.checks.given import Given
from cratedig_contracts.demand import demand, leave
from cratedig_contracts.patience import BEAT, until
from cratedig_contracts.rig import Rig, Session
from cratedig_contracts.spy import Call, started_by_a_hook

LAG_LIMIT = 0.25
"""Seconds for which the loop may stand still; a busy machine alone makes some."""
TRIES = 5
"""Runs in which it has to stand still: a source that blocks does so every time, a machine does not."""
GRACE = 2.0
"""Seconds that threads and tasks get to end."""


class HygieneChecks(Given):
    """Loop, terminal, threads, tasks, folders and secrets are as they were."""

    def test_hygiene_loop(self, rig: Rig) -> None:
        """It never blocks the event loop, so that a cancel is felt and progress is told."""
        worst: list[Call] = []
        for _ in range(TRIES):
            calls = rig.run(_everything)
            worst.append(max(calls, key=lambda call: call.lag))
            if worst[-1].lag < LAG_LIMIT:
                return
        lag, hook = min((call.lag, call.hook) for call in worst)
        demand(False, f"{hook} blocks the loop for {lag:.2f} s: context.run_blocking is for what blocks")

    def test_hygiene_prints(self, rig: Rig, capfd: pytest.CaptureFixture[str]) -> None:
        """It prints nothing; what there is to say goes to context.log."""
        capfd.readouterr()
        rig.run(_everything)
        printed = "".join(capfd.readouterr())
        demand(not printed.strip(), f"it prints {printed[:200]!r}")

    def test_hygiene_threads(self, rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
        """When the engine is closed, no thread that it has started is left."""
        started: list[threading.Thread] = []
        start = threading.Thread.start

        def noted(thread: threading.Thread) -> None:
            if started_by_a_hook():
                started.append(thread)
            start(thread)

        monkeypatch.setattr(threading.Thread, "start", noted)
        rig.run(_everything)
        turns = round(GRACE / BEAT)
        while (left := [thread.name for thread in started if thread.is_alive()]) and (turns := turns - 1):
            time.sleep(BEAT)
        demand(not left, f"threads are left: {', '.join(left)}; context.run_blocking has threads that end")

    def test_hygiene_tasks(self, rig: Rig) -> None:
        """When a hook has ended, no task that it has started goes on."""

        async def use(session: Session) -> list[str]:
            calls = await _everything(session)
            await until(lambda: not _left(calls), GRACE)
            return [str(task.get_coro()) for task in _left(calls)]

        left = rig.run(use)
        demand(not left, f"tasks are left: {', '.join(left)}")

    def test_hygiene_writes(self, rig: Rig) -> None:
        """It writes into dest_dir and nowhere else: not to home, working or temporary folder."""
        rig.run(_everything)
        root = rig.folder / "machine"
        written = sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())
        demand(not written, f"it writes {', '.join(written[:5])}; context.state keeps what has to be kept")

    def test_hygiene_secrets(self, rig: Rig, faults: object | None) -> None:
        """No secret can be read in a log, a report, a record or a message, whatever goes wrong."""
        secrets = _secret_settings(rig)
        if not secrets:
            leave("no setting is a secret")
        status = getattr(faults, "status", None)
        plans: list[tuple[Mapping[str, Any], int]] = [(rig.settings, 0), ({**rig.settings, **secrets}, 0)]
        plans += [({**rig.settings, **secrets}, code) for code in (401, 500) if status]
        for settings, code in plans:
            if status:
                getattr(faults, "clear", lambda: None)()
            _demand_silence(
                rig, settings, [settings[key] for key in secrets if settings.get(key)], code, status
            )


def _demand_silence(
    rig: Rig, settings: Mapping[str, Any], secrets: list[Any], code: int, status: Any
) -> None:
    async def use(session: Session) -> str:
        if code:
            status(code)
        target = session.target or "planted-target"
        report = await session.engine.search(session.query, sources=[session.name])
        record = await session.download(target)
        problems = await session.engine.diagnose([session.name])
        return f"{report!r} {record!r} {problems!r} {session.engine.sources()!r}"

    with _everything_logged() as logged:
        told = rig.run(use, tree=rig.tree(settings))
    for text, where in [
        (told, "a report, a record or a message"),
        *((line, "a log line") for line in logged),
    ]:
        for secret in secrets:
            demand(
                str(secret) not in text, f"{where} shows a secret: {text[:300]!r}".replace(str(secret), "***")
            )


def _secret_settings(rig: Rig) -> dict[str, str]:
    """A made-up value for each secret setting."""

    async def use(session: Session) -> object:
        return session.spy.info

    info = rig.run(use)
    cls: Any = info.settings_class if isinstance(info, SourceInfo) else None
    if cls is None:
        return {}
    fields = attrs.fields(attrs.resolve_types(cls))
    secret = [f for f in fields if f.type is Secret or Secret in getattr(f.type, "__args__", ())]
    return {field.alias or field.name: f"planted-{uuid4().hex}" for field in secret}


@contextmanager
def _everything_logged() -> Iterator[list[str]]:
    """Every line that is logged anywhere, down to DEBUG."""
    lines: list[str] = []
    handler = logging.Handler()
    formatter = logging.Formatter("%(name)s %(message)s")
    handler.emit = lambda record: lines.append(formatter.format(record))  # type: ignore[method-assign]
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


async def _everything(session: Session) -> list[Call]:
    """Search, find nothing, download: every hook that does work, once."""
    await session.search()
    await session.search("zqxwv jjkqz vvxkq")
    await session.download()
    return list(session.spy.calls)


def _left(calls: list[Call]) -> list[asyncio.Task[Any]]:
    return [task for call in calls for task in call.tasks if not task.done()]
