"""Sources that do not say how they are."""

from __future__ import annotations

from cratedig import Check, SourceError, hookimpl

from .delegate import Delegate
from .registry import breaks


@breaks("diagnose_checks", "every check is ok")
class IsAlwaysWell(Delegate):
    @hookimpl
    async def diagnose_raw(self) -> list[Check]:
        return [Check(name="daemon", ok=True)]


@breaks("diagnose_checks", "diagnose_raw raises")
class FallsIll(Delegate):
    @hookimpl
    async def diagnose_raw(self) -> list[Check]:
        return [Check(name="daemon", ok=bool(await self.ask("/jobs")))]


@breaks("diagnose_checks", "has a hint")
class KnowsNoRemedy(Delegate):
    def trouble(self, error: SourceError) -> Check:
        return Check(name="daemon", ok=False, detail=error.message)


@breaks("diagnose_checks", "a list of at least one Check")
class SaysNothing(Delegate):
    @hookimpl
    async def diagnose_raw(self) -> list[Check]:
        return []


@breaks("diagnose_checks", "a secret can be read")
class TellsTheToken(Delegate):
    @hookimpl
    async def diagnose_raw(self) -> list[Check]:
        token = str(self.context.settings.api_token or "")
        return [*await super().diagnose_raw(), Check(name="login", ok=True, detail=f"with {token}")]
