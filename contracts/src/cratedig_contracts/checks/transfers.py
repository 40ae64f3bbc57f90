"""What becomes of the jobs that a source hands to another program."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import pytest

from cratedig import Download, DownloadState, Pending, SourceError
from cratedig_contracts.call import Call, ended
from cratedig_contracts.checks.diagnosis import outages
from cratedig_contracts.checks.given import Given
from cratedig_contracts.checks.handing import (
    PROMPT,
    STANDSTILL,
    asked_call,
    chosen_job,
    clear,
    demand_pending,
    end_of,
    handed_over,
    journal_of,
)
from cratedig_contracts.checks.rounds import demand_few_requests
from cratedig_contracts.demand import demand, leave
from cratedig_contracts.faults import fault
from cratedig_contracts.patience import until
from cratedig_contracts.rig import Rig, Session

OUTAGE = 1.0
"""Seconds of the rounds' own loop for which the other program is away; at least one round falls into it."""


class TransferChecks(Given):
    """Handed over, once, picked up again, never lost from sight, let go of; for ``Transfer.EVENTS``."""

    def test_transfers_hand_over(self, rig: Rig, faults: Any) -> None:
        """download_raw hands the job over and returns; the file comes by watch_raw."""
        slow = getattr(faults, "slow", lambda: None)

        async def use(session: Session) -> Download:
            wanted = await chosen_job(session)
            slow()
            download_id = await session.dispatch(result=wanted)
            call = await asked_call(session, download_id)
            demand(call.ended_at, "download_raw waits for the other program: return Pending(id) at once")
            demand_pending(call)
            clear(faults)
            return await end_of(session, download_id)

        done = rig.run(use)
        demand(done.state is DownloadState.COMPLETED, f"handed over, it ends as {done.state}: {done.detail}")

    def test_transfers_once(self, rig: Rig, faults: Any, program: Any) -> None:
        """Asked again for the same download, as after a crash, it finds its job and begins no second one."""
        jobs = getattr(program, "jobs", None)
        fault(faults, "slow")

        async def crash(session: Session) -> tuple[str, str, int]:
            session.spy.answer_downloads(_never_heard)
            before = jobs() if jobs else 0
            download_id, call = await handed_over(session, faults)
            return download_id, call.result.transfer_id, before

        download_id, first, before = rig.run(crash, journal=journal_of(rig))

        async def again(session: Session) -> tuple[Call, int, Download]:
            call = await asked_call(session, download_id)
            begun = jobs() if jobs else before + 1
            clear(faults)
            return call, begun - before, await end_of(session, download_id)

        call, begun, done = rig.run(again, journal=journal_of(rig))
        demand_pending(call)
        demand(begun <= 1, f"the other program was told to begin {begun} jobs for one download")
        second = call.result.transfer_id
        how = "look first whether the job is there (context.download_id stays the same)"
        demand(second == first, f"asked again, it calls its job {second!r} after {first!r}: {how}")
        demand(done.state is DownloadState.COMPLETED, f"found again, it ends as {done.state}: {done.detail}")

    def test_transfers_picked_up(self, rig: Rig, faults: Any) -> None:
        """A transfer that was open when the engine was closed is gone on with by the next engine."""
        fault(faults, "slow")

        async def leave_it(session: Session) -> str:
            download_id, _ = await handed_over(session, faults)
            await until(lambda: session.spy.of("watch_raw"), PROMPT)
            return download_id

        download_id = rig.run(leave_it, journal=journal_of(rig))

        async def pick_up(session: Session) -> tuple[Download, int]:
            clear(faults)
            return await end_of(session, download_id), len(session.spy.of("download_raw"))

        done, asked = rig.run(pick_up, journal=journal_of(rig))
        how = "context.transfers() lists it, also to a source that has just been built"
        message = f"after the engine was opened again, it is {done.state} ({done.detail}): {how}"
        demand(done.state is DownloadState.COMPLETED, message)
        demand(not asked, "after the engine was opened again, the transfer is begun anew")

    def test_transfers_unknown_end(self, rig: Rig) -> None:
        """A transfer that the other program does not know ends as Errored, with an error that says so."""

        async def unknown(_: Any) -> Pending:
            return Pending(self.missing_transfer)

        async def use(session: Session) -> tuple[Download, list[Any]]:
            wanted = await chosen_job(session)
            session.spy.answer_downloads(unknown)
            done = await end_of(session, await session.dispatch(result=wanted))
            told = [update for call in session.spy.of("watch_raw") for update in call.updates]
            return done, [one for one in told if one.transfer_id == self.missing_transfer]

        done, told = rig.run(use)
        if done.state is DownloadState.ERRORED and not told:
            leave(f"the target cannot be handed over ({done.detail}); see download_completes")
        message = (
            f"the other program does not know it, and it is {done.state}: tell ERRORED where it is not found"
        )
        demand(done.state is DownloadState.ERRORED, message)
        error = told[-1].error
        demand(isinstance(error, SourceError), f"ERRORED comes with {error!r}, expected a SourceError")

    def test_transfers_quiet(
        self, rig: Rig, faults: Any, program: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A round without an answer ends nothing; a round costs the same for any number of transfers."""
        fault(faults, "slow")
        down, up = (outages(faults, program) or leave("no fault takes the service away: see status()"))[0]

        async def use(session: Session) -> tuple[Download, Download]:
            download_id, _ = await handed_over(session, faults)
            await until(lambda: session.spy.of("watch_raw"), PROMPT)
            down()
            await ended(session.spy.of("watch_raw")[:1], OUTAGE, STANDSTILL)
            without = await session.status(download_id)
            up()
            clear(faults)
            return without, await end_of(session, download_id)

        without, done = rig.run(use)
        how = "let the error out of watch_raw, or ask again in the next round"
        demand(not without.state.terminal, f"one round without an answer ends it ({without.detail}): {how}")
        demand(
            done.state is DownloadState.COMPLETED, f"after an outage it ends as {done.state}: {done.detail}"
        )
        if hasattr(program, "requests"):
            demand_few_requests(rig, faults, program, monkeypatch)

    def test_transfers_tidy_safe(self, rig: Rig) -> None:
        """tidy_raw and cancel_raw of what is gone, was never there or has no id raise no bug."""

        async def use(session: Session) -> list[Call]:
            hooks = [hook for hook in ("tidy_raw", "cancel_raw") if hasattr(session.spy.source, hook)]
            if not hooks:
                leave("there is neither tidy_raw nor cancel_raw")
            await session.completed()
            call = session.spy.of("download_raw")[-1]
            transfer_id = getattr(call.result, "transfer_id", "")
            target = str(call.arguments["target_id"])
            before = len(session.spy.calls)
            unknown = (self.missing_target, self.missing_transfer)
            for hook in hooks:
                for ids in ((target, transfer_id), (target, ""), unknown):
                    await session.in_lane(partial(_quietly, session, hook, *ids))
            return [one for one in session.spy.calls[before:] if one.hook in hooks]

        for call in rig.run(use):
            message = f"{call.hook}({', '.join(map(repr, call.arguments.values()))}) raises {call.error!r}"
            demand(call.error is None or _is_sound(call.error), message)


async def _never_heard(_: Any) -> Any:
    """The engine's process ends before it gets to know the answer."""
    await asyncio.Event().wait()


async def _quietly(session: Session, hook: str, target_id: str, transfer_id: str) -> None:
    try:
        await getattr(session.spy, hook)(target_id=target_id, transfer_id=transfer_id)
    except Exception:  # noqa: BLE001 - the call keeps it, and the check looks at it
        return


def _is_sound(error: BaseException) -> bool:
    """Whether the engine understands it: a SourceError, or what it makes one of."""
    return isinstance(error, SourceError) or type(error).__module__.partition(".")[0] == "httpx"
