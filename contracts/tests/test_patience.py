"""No check fails because the machine is slow: waiting is counted in turns, and every call gets to an end."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from cratedig_contracts.call import Call, ended
from cratedig_contracts.patience import BEAT, until, within
from cratedig_contracts.spy import Spy


class Quiet:
    """A source whose download never ends by itself."""

    async def download_raw(self, target_id: str) -> Path:
        await asyncio.sleep(3600)
        return Path(target_id)


@pytest.mark.parametrize("turns", range(5))
def test_a_call_that_is_cancelled_at_any_step_has_ended(turns: int) -> None:
    """Before the source gets its turn, too: a download may be cancelled in the moment in which it starts."""

    async def main() -> Call:
        spy = Spy("quiet")
        spy.source = Quiet()
        task = asyncio.ensure_future(spy.download_raw("x", Path(), print))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task})
        return spy.calls[0] if spy.calls else Call("download_raw", {}, ended_at=0.0)

    assert asyncio.run(main()).ended_at is not None


def test_a_slow_machine_has_as_many_turns_as_a_fast_one() -> None:
    """What takes twenty turns is waited for, even where each turn takes far longer than it should."""

    async def main() -> bool:
        turns: list[None] = []

        def truth() -> bool:
            time.sleep(0.05)
            turns.append(None)
            return len(turns) == 20

        return await until(truth, 20 * BEAT)

    assert asyncio.run(main())


def test_work_that_takes_too_long_is_ended() -> None:
    """It is cancelled, and its own end is waited for."""
    seen: list[str] = []

    async def work() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            seen.append("ended")

    with pytest.raises(TimeoutError, match="it takes longer"):
        asyncio.run(within(0.05, work()))
    assert seen == ["ended"]


def test_work_in_time_gives_its_result_and_its_error() -> None:
    """As if it had been awaited."""

    async def work(value: Any) -> Any:
        await asyncio.sleep(0)
        if isinstance(value, Exception):
            raise value
        return value

    assert asyncio.run(within(5, work(7))) == 7
    with pytest.raises(LookupError):
        asyncio.run(within(5, work(LookupError())))


def test_a_call_is_given_the_turns_of_its_own_loop() -> None:
    """While its loop does not turn it may yet end; when that has turned often enough, it goes on too long."""

    async def main(turning: bool) -> tuple[bool, float]:
        call, started = Call("download_raw", {}), time.monotonic()

        async def turn() -> None:
            while True:
                await asyncio.sleep(BEAT)
                call.turns += turning

        task = asyncio.create_task(turn())
        over = await ended([call], 0.1, 0.5)
        task.cancel()
        return over, time.monotonic() - started

    turned, standing = asyncio.run(main(True)), asyncio.run(main(False))
    assert (turned[0], standing[0]) == (False, False)
    assert standing[1] >= 0.5
