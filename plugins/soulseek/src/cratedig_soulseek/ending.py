"""Stopping jobs at slskd, and removing what it keeps of them."""

from __future__ import annotations

from cratedig import SourceContext
from cratedig_soulseek.client import Slskd, of_user
from cratedig_soulseek.enqueuing import NO_BATCH, Enqueuing
from cratedig_soulseek.landing import Landing
from cratedig_soulseek.targets import Target, parse
from cratedig_soulseek.transfers import Transfer
from cratedig_soulseek.watching import batch_of

_PAUSE = 0.25
_MOST_LOOKS = 12


class Ending:
    """What is done when nobody wants it any more, or has it."""

    def __init__(self, context: SourceContext, slskd: Slskd, enqueuing: Enqueuing, landing: Landing) -> None:
        self._context = context
        self._slskd = slskd
        self._enqueuing = enqueuing
        self._landing = landing

    async def stop(self, target: Target, batch: str) -> bool:
        """End a target's transfers, remove their records and the files; whether there were any.

        What somebody has begun in slskd goes on for them.
        slskd removes a record only after its end, so that it takes a second look. Without ``batch`` the job
        may still be on its way to the list.
        """
        ended: dict[str, Transfer] = {}
        looks = 0
        async for _ in self._context.ticks(_PAUSE):
            looks += 1
            left = [one for one in await self._enqueuing.known(target) if _is_of(one, batch) and one.own]
            if looks == _MOST_LOOKS or (not left and (ended or batch)) or self.is_wanted(target, batch):
                break
            for one in left:
                ended[one.id] = one
                if looks + 1 == _MOST_LOOKS or not await self._is_moving(one):
                    await self._remove(one)
        await self._landing.clear(list(ended.values()))
        return bool(ended)

    def is_wanted(self, target: Target, batch: str) -> bool:
        """Whether a download waits for it, perhaps again, or for something else of the same batch."""
        return any(
            parse(one.target_id) == target or batch_of(one.transfer_id) == batch != NO_BATCH
            for one in self._context.transfers()
        )

    async def tidy(self, target: Target, batch: str) -> None:
        """Remove the records of transfers that have ended, and the folder that was theirs alone.

        What somebody else has started stays as it is.
        """
        known = [one for one in await self._enqueuing.known(target) if _is_of(one, batch) and not one.alive]
        mine = [one for one in known if one.own]
        for one in mine:
            await self._remove(one)
        await self._landing.clear(mine)

    async def _is_moving(self, transfer: Transfer) -> bool:
        """Whether its file is about to get to its place, from where it has to be removed."""
        return transfer.succeeded and bool(transfer.batch) and await self._landing.own(transfer) is None

    async def _remove(self, transfer: Transfer) -> None:
        path = f"{of_user(transfer.user)}/{transfer.id}"
        await self._slskd.quietly("DELETE", path, params={"remove": "true"})


def _is_of(transfer: Transfer, batch: str) -> bool:
    return batch in ("", NO_BATCH) or transfer.batch == batch
