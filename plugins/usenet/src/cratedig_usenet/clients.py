"""What both download clients have in common: how they are asked, and how they are looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from cratedig import Check, SourceContext, SourceError, UnexpectedResponse
from cratedig.reading import json_of, mapping, text
from cratedig_usenet.settings import UsenetSettings


class Client:
    """SABnzbd or NZBGet. Everything may raise a :class:`~cratedig.SourceError`.

    Either can ``add`` an NZB, list its ``queue`` and its ``history``, ``remove`` a job, tell its
    ``complete_folder`` and ``diagnose`` itself.
    """

    name: ClassVar[str]
    looks: ClassVar[int] = 1
    """How often to look for a job that is nowhere: some are in neither queue nor history for a moment."""

    def __init__(self, context: SourceContext, settings: UsenetSettings) -> None:
        self._context = context
        self._settings = settings

    async def _post(self, path: str, what: str, **options: Any) -> Mapping[str, Any]:
        """Ask for something: the object that is answered."""
        answer = await self._context.request("POST", f"{self._settings.client_base_url}{path}", **options)
        if answer.status_code in {401, 403}:
            raise self._refusal(text(answer.text)[:200])
        if not answer.is_success:
            raise self._context.meaning(answer)
        body = json_of(answer)
        if not isinstance(body, Mapping):
            hint = f"set client_base_url to {self.name}'s address"
            raise UnexpectedResponse(f"what answers to {what} is not {self.name}", hint=hint)
        if error := body.get("error"):
            said = text(mapping(error).get("message")) or text(error)
            raise UnexpectedResponse(f"{self.name} refuses {what}: {said[:200]}")
        return body

    def _refusal(self, said: str) -> SourceError:
        """What it means that nobody is let in."""
        raise NotImplementedError

    def _seen(self, version: str, categories: Iterable[str]) -> list[Check]:
        """What the doctor says of a client that answers: its version, and a category that is not there."""
        checks = [Check(name="client", ok=True, detail=f"{self.name} {version}")]
        names, category = [name for name in categories if name != "*"], self._settings.category
        if category and category.casefold() not in map(str.casefold, names):
            hint = f"set category to one of: {', '.join(names)}; or add it in {self.name}'s settings"
            detail = f"{self.name} has no category {category!r}"
            checks.append(Check(name="category", ok=False, detail=detail, hint=hint))
        return checks
