"""Sources that say something else than what went wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cratedig import (
    AuthenticationFailed,
    NotEntitled,
    NotFound,
    RateLimited,
    SourceError,
    Unavailable,
    UnexpectedResponse,
)

from .good import Good
from .registry import breaks


class Confuses(Good):
    """Says ``told`` where the answer means ``meant``."""

    meant: type[SourceError]
    told: type[SourceError]

    async def ask(self, path: str) -> Any:
        try:
            return await super().ask(path)
        except self.meant as error:
            raise self.told("something went wrong") from error


@breaks("errors_login", "expected AuthenticationFailed")
class LoginIsAnOutage(Confuses):
    meant, told = AuthenticationFailed, Unavailable


@breaks("errors_not_entitled", "expected NotEntitled")
class RegionIsAbsence(Confuses):
    meant, told = NotEntitled, NotFound


@breaks("errors_not_found", "expected NotFound")
class AbsenceIsRegion(Confuses):
    meant, told = NotFound, NotEntitled


@breaks("errors_rate_limited", "Retry-After")
class GuessesRetryAfter(Good):
    async def ask(self, path: str) -> Any:
        try:
            return await super().ask(path)
        except RateLimited as error:
            raise RateLimited("slow down", retry_after=600) from error


@breaks("errors_unavailable", "expected Unavailable")
class OutageIsAbsence(Confuses):
    meant, told = Unavailable, NotFound


@breaks("errors_page", "expected UnexpectedResponse")
class PageIsNothing(Good):
    async def ask(self, path: str) -> Any:
        answer = await self.context.http.get(self.base_url + path)
        if answer.is_success and "html" in answer.headers["content-type"]:
            return {"items": []}
        return await super().ask(path)


@breaks("errors_malformed_json", "expected UnexpectedResponse")
class ParsesByHand(Good):
    async def ask(self, path: str) -> Any:
        answer = await self.context.http.get(self.base_url + path)
        answer.raise_for_status()
        if "html" in answer.headers["content-type"]:
            raise UnexpectedResponse("a page")
        return answer.json()


@breaks("errors_hostile_json", "cratedig.reading")
class TrustsTheShape(Good):
    def read(self, answer: Any) -> Any:
        return [self.result(one) for one in answer["items"]]


@breaks("errors_truncated", "called complete")
class DeliversAClipInstead(Good):
    async def bring(self, target_id: str, dest_dir: Path, progress: Any) -> Path:
        import httpx  # noqa: PLC0415 - as a source should

        try:
            await self.context.http.get(f"{self.base_url}/files/{target_id}")
        except httpx.RemoteProtocolError:
            return await self.context.fetch(f"{self.base_url}/clip", "track.flac", dest_dir=dest_dir)
        return await super().bring(target_id, dest_dir, progress)


@breaks("errors_stalled", "expected Unavailable")
class StallIsAbsence(Good):
    async def bring(self, target_id: str, dest_dir: Path, progress: Any) -> Path:
        try:
            return await super().bring(target_id, dest_dir, progress)
        except Unavailable as error:
            raise NotFound("the file is gone") from error
