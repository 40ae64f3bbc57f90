"""Sources that are not clear about albums."""

from __future__ import annotations

from typing import Any

from cratedig import Kind

from .delegate import Delegate
from .good import Good
from .registry import breaks


@breaks("albums_kind", "claims albums and has none")
class ClaimsAlbums(Good):
    def facts(self) -> dict[str, Any]:
        return {**super().facts(), "delivers": {Kind.TRACK, Kind.ALBUM}}


@breaks("albums_kind", "it answers with albums")
class HidesItsAlbums(Delegate):
    def facts(self) -> dict[str, Any]:
        return {**super().facts(), "delivers": {Kind.TRACK}}


@breaks("albums_kind", "the album ends as Errored")
class BringsOneTrack(Delegate):
    async def begun(self, target_id: str, job: str) -> str:
        return await super().begun("t1" if target_id == "a1" else target_id, job)
