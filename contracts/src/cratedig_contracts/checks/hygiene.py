"""Manners: what a source does besides what it is asked for."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import pytest

from cratedig_contracts.call import Call, started_by_a_hook
from cratedig_contracts.checks.given import Given
from cratedig_contracts.demand import demand, leave
from cratedig_contracts.patience import BEAT, until
from cratedig_contracts.rig import Rig, Session
from cratedig_contracts.standstill import beside

LAG_LIMIT = 0.25
"""Seconds for which the loop may stand still."""
TRIES = 9
"""Runs at most. One without a standstill is enough, for a source that blocks does so every time."""
PROVEN = 5
"""Runs in which it has to be certain that the source, and not a busy machine, has done it."""
GRACE = 2.0
"""Seconds that threads and tasks get to end."""


class HygieneChecks(Given):
    """Loop, terminal, threads, tasks and folders are as they were."""

    def test_hygiene_loop(self, rig: Rig) -> None:
        """It never blocks the event loop, so that a cancel is felt and progress is told."""
        worst: list[Call] = []
        for _ in range(TRIES):
            with beside():
                calls = rig.run(_everything)
            if all(call.lag < LAG_LIMIT for call in calls):
                return
            worst += [call for call in [max(calls, key=_blocked)] if call.blocked >= LAG_LIMIT]
            if len(worst) == PROVEN:
                least = min(worst, key=_blocked)
                told = f"{least.hook} blocks the loop for {least.blocked:.2f} s"
                demand(False, f"{told}: context.run_blocking is for what blocks")
        leave("the machine stands still by itself, so nothing can be told of the loop")

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


async def _everything(session: Session) -> list[Call]:
    """Search, find nothing, download: every hook that does work, once."""
    await session.search()
    await session.search("zqxwv jjkqz vvxkq")
    await session.download()
    return list(session.spy.calls)


def _blocked(call: Call) -> float:
    return call.blocked


def _left(calls: list[Call]) -> list[asyncio.Task[Any]]:
    return [task for call in calls for task in call.tasks if not task.done()]
