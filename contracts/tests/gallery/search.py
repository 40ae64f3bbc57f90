"""Sources that search badly."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

from attrs import evolve

from cratedig import Kind, NotFound, RawSearchResult, hookimpl

from .good import Good
from .registry import breaks


@breaks("search_results", "dropped")
class MixesInDictionaries(Good):
    def read(self, answer: Any) -> Any:
        return [*super().read(answer), {"id": "t3"}] if super().read(answer) else []


@breaks("search_results", "does not claim")
class FindsAlbumsUnasked(Good):
    def result(self, one: Any) -> RawSearchResult:
        return evolve(super().result(one), kind=Kind.ALBUM)


@breaks("search_stable", "change from search to search")
class NumbersAnew(Good):
    def result(self, one: Any) -> RawSearchResult:
        return evolve(super().result(one), target_id=uuid4().hex)


@breaks("search_nothing", "expected an empty list")
class NothingIsAnError(Good):
    def read(self, answer: Any) -> list[RawSearchResult]:
        found = super().read(answer)
        if not found:
            raise NotFound("nothing found")
        return found


@breaks("search_hostile", "makes it fail")
class QueryIsAPattern(Good):
    @hookimpl
    async def search_raw(self, query: str) -> list[RawSearchResult]:
        pattern = re.compile(query.split(maxsplit=1)[0], re.IGNORECASE)
        found = await super().search_raw(query)
        return [one for one in found if pattern.search(one.artist)] or found


@breaks("search_unicode", "makes it fail")
class SpeaksLatin(Good):
    @hookimpl
    async def search_raw(self, query: str) -> list[RawSearchResult]:
        query.encode("latin-1")
        return await super().search_raw(query)
