"""Sources that are not who they say they are."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from attrs import evolve

from cratedig import SourceContext, SourceInfo, TransferUpdate, hookimpl

from .good import Good
from .registry import breaks


@breaks("identity_entry_point", "calls it 'somebody_else'")
class OtherName(Good):
    @hookimpl
    def source_info(self) -> SourceInfo:
        return evolve(super().source_info(), name="somebody_else")


@breaks("identity_loads", "no token")
class FailsWhenBuilt(Good):
    def __init__(self, context: SourceContext) -> None:
        raise RuntimeError("no token")


@breaks("identity_loads", "does not implement check_connection")
class LacksAHook(Good):
    check_connection = None  # type: ignore[assignment]


@breaks("identity_contract_version", "2.0")
class FromTheFuture(Good):
    @hookimpl
    def source_info(self) -> SourceInfo:
        return evolve(super().source_info(), contract_version="2.0")


@breaks("identity_aliases", "expected a tuple")
class OneAliasAsText(Good):
    @hookimpl
    def aliases(self) -> Any:
        return "old_name"


@breaks("identity_aliases", "not an alias")
class ItsOwnAlias(Good):
    @hookimpl
    def aliases(self) -> tuple[str, ...]:
        return (self.context.name,)


@breaks("identity_metadata", "does not require cratedig", requires=())
class RequiresNothing(Good):
    pass


@breaks("identity_capabilities", "Transfer.EVENTS")
class HidesItsEvents(Good):
    @hookimpl
    async def watch_raw(self) -> AsyncIterator[TransferUpdate]:
        nothing: tuple[TransferUpdate, ...] = ()
        for update in nothing:
            yield update
