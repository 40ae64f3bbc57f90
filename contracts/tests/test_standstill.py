"""A loop that stands still is told from a machine that does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import nullcontext

import pytest

from cratedig_contracts import standstill
from cratedig_contracts.call import Call, LagProbe
from cratedig_contracts.standstill import FEW, beside

LONG = 0.3


def seen(work: Callable[[], object], *, with_another_thread: bool = True) -> Call:
    """A call in which the loop's thread does this work."""

    async def main() -> Call:
        call = Call("download_raw", {})
        with LagProbe(call):
            await asyncio.sleep(0)
            work()
        return call

    with beside() if with_another_thread else nullcontext():
        return asyncio.run(main())


def sleeps() -> None:
    """Sleep until the other thread has come round often enough; on a starved machine that takes longer."""
    begin, turns = time.monotonic(), standstill._beside.turns
    while time.monotonic() - begin < LONG or standstill._beside.turns - turns < 2 * FEW:
        time.sleep(LONG)


def computes() -> None:
    """Compute for so long, in pieces that let no other thread go on."""
    begin = time.thread_time()
    while time.thread_time() - begin < LONG:
        sum(range(1_000_000))


@pytest.mark.parametrize("work", [sleeps, computes])
def test_what_blocks_the_loop_is_seen(work: Callable[[], None]) -> None:
    """Whether it sleeps or computes."""
    call = seen(work)
    # Less than the whole: while it sleeps the machine may stand still for a moment, which is not its doing.
    assert call.blocked >= LONG / 2
    assert call.lag >= LONG - 0.05


def test_a_standstill_of_the_whole_machine_is_nobodys_doing() -> None:
    """Where no other thread comes round either, only what was computed counts."""
    call = seen(lambda: time.sleep(LONG), with_another_thread=False)
    assert call.lag >= LONG - 0.05
    assert call.blocked < LONG / 2
