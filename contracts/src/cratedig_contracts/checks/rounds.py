"""What the rounds of ``watch_raw`` cost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import pytest

from cratedig import SourceContext
from cratedig_contracts.call import started_by_a_hook
from cratedig_contracts.checks.handing import PATIENCE, clear, handed_over
from cratedig_contracts.demand import demand, leave
from cratedig_contracts.patience import until
from cratedig_contracts.rig import Rig, Session

ROUNDS = 5
"""Rounds of questions that are counted."""
MANY = 4
"""Transfers that are open at once, where there are so many targets."""


def demand_few_requests(rig: Rig, faults: Any, program: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make sure that a round costs the same for one transfer and for several."""
    counted = _count_rounds(program, monkeypatch)

    async def use(session: Session) -> tuple[int, int, int]:
        targets = {one.target_id: one for one in (await session.search())[0]}
        first, *others = list(targets.values())[:MANY]
        ids = [(await handed_over(session, faults, first))[0]]
        alone = await _cost(counted)
        ids += [(await handed_over(session, faults, other))[0] for other in others]
        together = await _cost(counted)
        for download_id in ids:
            await session.engine.cancel_download(download_id)
        return alone, together, len(ids)

    alone, together, count = rig.run(use)
    clear(faults)
    message = (
        f"a round is {alone} requests for one transfer and {together} for {count}: ask once for all of them"
    )
    demand(together <= alone, message)


def _count_rounds(program: Any, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many requests there were when each round of watch_raw began; grows with the rounds."""
    counted: list[int] = []
    ticks = SourceContext.ticks

    async def noted(context: SourceContext, interval: float) -> AsyncIterator[None]:
        async for _ in ticks(context, interval):
            if started_by_a_hook("watch_raw"):
                counted.append(program.requests())
            yield

    monkeypatch.setattr(SourceContext, "ticks", noted)
    return counted


async def _cost(counted: list[int]) -> int:
    """The requests of the cheapest of the next rounds; others may fall together with something else."""
    begin = len(counted) + 1
    if not await until(lambda: len(counted) > begin + ROUNDS, PATIENCE / 3):
        leave("there are no rounds to be counted: context.ticks() would pace them")
    rounds = counted[begin : begin + ROUNDS + 1]
    return min(after - before for before, after in pairwise(rounds))
