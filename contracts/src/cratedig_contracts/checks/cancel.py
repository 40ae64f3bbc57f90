"""What happens when nobody wants it any more."""

from __future__ import annotations

import asyncio
from typing import Any

from cratedig import Download, DownloadState
from cratedig_contracts.call import ended
from cratedig_contracts.checks.given import Given
from cratedig_contracts.demand import demand, leave
from cratedig_contracts.faults import fault
from cratedig_contracts.patience import BEAT, until, within
from cratedig_contracts.rig import Rig, Session

LIMIT = 2.0
"""Seconds from the wish to the end."""
SETTLED = 2.0
"""Seconds of its own loop's turns that the hook itself may take to end."""
STANDSTILL = 20.0
"""Seconds after which a loop that does not turn at all is blocked."""
BEGINNING = 10.0
"""Seconds in which a slow download has to begin."""
LATE = 0.5
"""Seconds to wait for a file that lands after the cancel."""


class CancelChecks(Given):
    """At once, without leftovers, down to the connection, and not for ever."""

    def test_cancel_in_time(self, rig: Rig, faults: object | None) -> None:
        """Within two seconds the record is Cancelled, before its start or after; soon its hook has ended."""

        async def use(session: Session) -> tuple[Download | None, bool]:
            early = await session.dispatch(folder="early")
            await session.engine.cancel_download(early)
            demand((await session.status(early)).state.terminal, "cancelled at once, it goes on all the same")
            download_id = await _under_way(session, faults)
            done = await _cancelled(session, download_id)
            return done, await _all_end(session)

        done, ended_too = rig.run(use)
        demand(done, f"it takes longer than {LIMIT:g} s")
        demand(done and done.state is DownloadState.CANCELLED, f"it ends as {done and done.state}")
        demand(ended_too, "download_raw goes on after it was cancelled: let CancelledError through")

    def test_cancel_leaves_nothing(self, rig: Rig, faults: object | None) -> None:
        """No file lands late, and no part of one stays."""

        async def use(session: Session) -> list[str]:
            await session.engine.cancel_download(await _under_way(session, faults))
            await _all_end(session)
            _clear(faults)
            # The engine clears up a moment after the hook has ended; only then does a file come late.
            await until(lambda: not session.files(), LIMIT)
            await until(session.files, LATE)
            return session.files()

        files = rig.run(use)
        demand(not files, f"after the cancel there is {', '.join(files)}")

    def test_cancel_ends_connection(self, rig: Rig, faults: object | None) -> None:
        """Within two seconds the service is not read from any more."""
        active = fault(faults, "active")

        async def use(session: Session) -> bool:
            await session.engine.cancel_download(await _under_way(session, faults))
            return await until(lambda: not active(), LIMIT)

        demand(rig.run(use), "the connection stays open: end what was started, in threads too")

    def test_cancel_then_again(self, rig: Rig, faults: object | None) -> None:
        """What was cancelled can be downloaded when somebody wants it again."""

        async def use(session: Session) -> Download:
            await session.completed(folder="before")
            await session.engine.cancel_download(await _under_way(session, faults))
            await until(lambda: _told(session), LIMIT)
            _clear(faults)
            return await session.download(folder="again")

        done = rig.run(use)
        demand(done.state is DownloadState.COMPLETED, f"wanted again, it ends as {done.state}: {done.detail}")


async def _under_way(session: Session, faults: object | None) -> str:
    """Start a slow download and wait until the service sends."""
    slow = fault(faults, "slow")
    wanted = await session.chosen()
    before = len(session.spy.of("download_raw"))
    slow()
    download_id = await session.dispatch(result=wanted)
    if not await _begins(session, before, download_id):
        done = await session.status(download_id)
        leave(f"the slow download does not begin ({done.state}: {done.detail}); see download_completes")
    return download_id


async def _begins(session: Session, before: int, download_id: str) -> bool:
    """Whether bytes come; of a source that hands the work over, only its record tells."""
    if not session.delegates:
        return await until(lambda: _sends(session, before), BEGINNING)
    for _ in range(round(BEGINNING / BEAT)):
        if (await session.status(download_id)).transferred:
            return True
        await asyncio.sleep(BEAT)
    return False


def _sends(session: Session, before: int) -> bool:
    calls = session.spy.of("download_raw")[before:]
    return any(report and report[0] for call in calls if call.ended_at is None for report in call.progress)


async def _cancelled(session: Session, download_id: str) -> Download | None:
    """The record when it has ended, if that takes no longer than it may."""

    async def end() -> Download:
        await session.engine.cancel_download(download_id)
        return await session.engine.wait(download_id)

    try:
        return await within(LIMIT, end())
    except TimeoutError:
        return None


async def _all_end(session: Session) -> bool:
    return await ended(session.spy.of("download_raw"), SETTLED, STANDSTILL)


def _told(session: Session) -> bool:
    """Whether the source knows that it was cancelled, if it wants to know."""
    calls = session.spy.of("cancel_raw")
    told = calls and all(call.ended_at is not None for call in calls)
    return bool(told) or not hasattr(session.spy.source, "cancel_raw")


def _clear(faults: Any) -> None:
    fault(faults, "clear")()
