"""Sources that do not let a person in properly."""

from __future__ import annotations

import asyncio
from typing import Any

from cratedig import LoginStep, hookimpl

from .good import Good
from .registry import breaks


@breaks("login_shown", "no browser opens")
class LeavesTheAddressOut(Good):
    def step(self, begun: Any) -> LoginStep:
        return LoginStep(link=begun["path"], code=begun["code"])


@breaks("login_ends", "before the person has done anything")
class WaitsForNobody(Good):
    async def confirmed(self, device: str) -> str:
        return "no token yet"


@breaks("login_ends", "nothing is kept")
class ForgetsTheToken(Good):
    @hookimpl
    async def login_raw(self, show: Any) -> None:
        begun = await self.ask("/login")
        show(self.step(begun))
        self.token = await self.confirmed(begun["device"])


@breaks("login_cancel", "let CancelledError through")
class CannotBeStopped(Good):
    async def confirmed(self, device: str) -> str:
        waiting = asyncio.ensure_future(super().confirmed(device))
        while True:
            try:
                return await asyncio.shield(waiting)
            except asyncio.CancelledError:
                continue


@breaks("login_secrets", "a token can be read in a log line")
class LogsTheNewToken(Good):
    async def confirmed(self, device: str) -> str:
        token = await super().confirmed(device)
        self.context.log.debug("logged in with %s", token)
        return token
