"""A job that is handed to another program: how it gets there, and how it ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cratedig import Download, Pending
from cratedig_contracts.call import Call, ended
from cratedig_contracts.demand import demand, leave
from cratedig_contracts.faults import fault
from cratedig_contracts.patience import until, within
from cratedig_contracts.rig import Rig, Session

PROMPT = 5.0
"""Seconds of its own loop's turns in which a job is handed over."""
STANDSTILL = 20.0
"""Seconds after which a loop that does not turn at all is blocked."""
PATIENCE = 30.0
"""Seconds in which a transfer that can end has to end."""


async def chosen_job(session: Session) -> Any:
    """What to download; the check is skipped where the source does not hand its work over."""
    if not session.delegates:
        leave("it brings the files itself: transfer is not Transfer.EVENTS")
    return await session.chosen()


async def handed_over(session: Session, faults: Any, wanted: Any = None) -> tuple[str, Call]:
    """A job that the other program works at, slowly; the record's id and the call that has handed it over."""
    wanted = wanted or await chosen_job(session)
    fault(faults, "slow")()
    download_id = await session.dispatch(result=wanted)
    call = await asked_call(session, download_id)
    if not isinstance(call.result, Pending):
        leave("the job is not handed over; see transfers_hand_over")
    return download_id, call


async def asked_call(session: Session, download_id: str) -> Call:
    """The call that was to hand the job over, when it has ended or has had time enough."""

    def mine() -> list[Call]:
        return [
            call for call in session.spy.of("download_raw") if download_id in str(call.arguments["dest_dir"])
        ]

    if not await until(mine, STANDSTILL):
        done = await session.status(download_id)
        leave(f"download_raw is not called ({done.state}: {done.detail}); see download_completes")
    call = mine()[-1]
    await ended([call], PROMPT, STANDSTILL)
    return call


def demand_pending(call: Call) -> None:
    """Make sure that it has handed its job over; skip the check where it could not."""
    if call.error is not None:
        leave(f"download_raw raises {call.error!r}; see download_completes")
    message = f"download_raw returns {call.result!r:.100}: transfer is `events`, so return Pending(id)"
    demand(isinstance(call.result, Pending), message)


async def end_of(session: Session, download_id: str) -> Download:
    """The record when it has ended, or as it is when it should have."""
    try:
        return await within(PATIENCE, session.engine.wait(download_id))
    except TimeoutError:
        return await session.status(download_id)


def journal_of(rig: Rig) -> Path:
    """Where records outlive their engine."""
    return rig.folder / "journal.sqlite"


def clear(faults: Any) -> None:
    """Let the service behave again."""
    getattr(faults, "clear", lambda: None)()
