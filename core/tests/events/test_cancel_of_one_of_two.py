"""Of two downloads of one target, the cancel of the one leaves what the other has begun."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from core.tests.fakes import running, until
from core.tests.otherprogram import Delegate, Program, final

from cratedig import DownloadState, Pending, hookimpl

A = ("fake", "a")


class Forgetful(Delegate):
    """Ends, where it is told no id, all jobs that nobody waits for."""

    called = "fake"

    @hookimpl
    async def cancel_raw(self, target_id: str, transfer_id: str) -> bool:
        """Look at what is waited for."""
        waited_for = {one.transfer_id for one in self.context.transfers()}
        for job in [transfer_id] if transfer_id else [*self.program.jobs.keys() - waited_for]:
            self.program.drop("cancel", job)
        return True


def test_the_others_transfer_has_its_id_first(tmp_path: Path) -> None:
    """Both have begun and neither has been answered when the first is cancelled."""
    program = Program(tmp_path / "there")
    answer = asyncio.Event()

    async def slowly(_target: str) -> Any:
        job = f"job-{len(program.jobs)}"
        program.jobs[job] = {"state": "InProgress"}
        while not answer.is_set():
            await asyncio.sleep(0.02)
        return Pending(job)

    program.starting = slowly

    async def main() -> None:
        source = type("Source", (Forgetful,), {"program": program})
        async with running(source) as engine:
            one, other = [
                await engine.dispatch_download(A, dest_dir=tmp_path / name, force=True) for name in ("1", "2")
            ]
            await until(lambda: len(program.jobs) == 2)
            await engine.cancel_download(one)
            await asyncio.sleep(0.3)
            answer.set()
            await until(lambda: program.asked("cancel"))
            program.bring("job-1")
            assert (await final(engine, other)).state is DownloadState.COMPLETED
            assert program.asked("cancel") == ["job-0"]

    asyncio.run(main())
