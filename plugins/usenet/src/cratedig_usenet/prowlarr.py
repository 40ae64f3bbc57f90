"""Prowlarr: one search at all the indexers that it knows. https://prowlarr.com/docs/api/."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from cratedig import (
    AuthenticationFailed,
    Check,
    NotFound,
    SourceContext,
    SourceError,
    Unavailable,
    UnexpectedResponse,
    Wanted,
)
from cratedig.reading import items, mapping, require_items, text, whole, year
from cratedig_usenet.nzb import fetch_nzb
from cratedig_usenet.releases import Release
from cratedig_usenet.settings import IndexerSettings

_ALL_USENET = "-1"
_LIMIT = 100
_BAD_REQUEST = 400


class Prowlarr:
    """One Prowlarr. A guid here has the number of Prowlarr's own indexer before it."""

    def __init__(self, context: SourceContext, settings: IndexerSettings, categories: list[int]) -> None:
        self._context = context
        self._settings = settings
        self._categories = [str(number) for number in categories]

    async def search(self, query: str, wanted: Wanted) -> list[Release]:
        """By words."""
        del wanted
        return await self._releases(query, _ALL_USENET)

    async def nzb(self, guid: str, release: str, link: str) -> tuple[str, bytes]:
        """From the address that the search has named, else from that of a new search for the same release.

        Prowlarr's addresses cannot be made up from a guid, and are not for keeping: its own key is in them.
        """
        link = link or await self._found_again(guid, release)
        return await fetch_nzb(self._context, link)

    async def diagnose(self) -> Check:
        """Have it list its indexers."""
        name = f"indexer {urlsplit(self._settings.base_url).netloc.rpartition('@')[2]}"
        try:
            known = map(mapping, require_items(await self._ask("/api/v1/indexer"), "Prowlarr's indexers"))
        except SourceError as error:
            hint = error.hint or "check Prowlarr's base_url and api_key"
            return Check(name=name, ok=False, detail=error.message, hint=hint)
        usable = [one for one in known if one.get("protocol") == "usenet" and one.get("enable")]
        return Check(
            name=name,
            ok=bool(usable),
            detail=f"Prowlarr with {len(usable)} usenet indexers",
            hint="" if usable else "add a usenet indexer in Prowlarr",
        )

    async def _found_again(self, guid: str, release: str) -> str:
        number, _, _ = guid.partition(":")
        found = await self._releases(release, number) if release and number.isdecimal() else []
        link = next((one.link for one in found if one.guid == guid), "")
        if not link:
            raise NotFound("Prowlarr does not find the release any more", hint="search for the album again")
        return link

    async def _releases(self, query: str, indexer: str) -> list[Release]:
        args = {"query": query, "type": "search", "indexerIds": indexer, "limit": str(_LIMIT), "offset": "0"}
        rows = await self._ask("/api/v1/search", {**args, "categories": self._categories})
        found = map(_release, map(mapping, require_items(rows, "Prowlarr's answer")))
        return [release for release in found if release is not None and release.is_music]

    async def _ask(self, path: str, args: Mapping[str, Any] | None = None) -> Any:
        url = f"{self._settings.base_url}{path}"
        answer = await self._context.request("GET", url, params=args, headers=self._headers())
        if answer.status_code == _BAD_REQUEST:
            said = _message(answer)
            raise Unavailable(f"Prowlarr answers: {said}", hint="look at its indexers' status in Prowlarr")
        if not answer.is_success:
            raise _explained(self._context.meaning(answer))
        try:
            return answer.json()
        except (ValueError, RecursionError):
            raise _explained(UnexpectedResponse("what answers is not Prowlarr")) from None

    def _headers(self) -> dict[str, str]:
        return {"X-Api-Key": str(self._settings.api_key)}


def _message(answer: Any) -> str:
    try:
        return text(mapping(answer.json()).get("message"))[:200] or "a bad request"
    except (ValueError, RecursionError):
        return "a bad request"


def _explained(error: SourceError) -> SourceError:
    if isinstance(error, AuthenticationFailed):
        error.hint = "set api_key to the key in Prowlarr's settings under General"
    elif isinstance(error, UnexpectedResponse):
        error.hint = "check the base_url of Prowlarr"
    return error


def _release(row: Mapping[str, Any]) -> Release | None:
    number, guid = whole(row.get("indexerId")), text(row.get("guid"))
    if row.get("protocol") != "usenet" or number is None or not guid:
        return None
    categories = (whole(mapping(one).get("id")) for one in items(row.get("categories")))
    return Release(
        guid=f"{number}:{guid}",
        title=text(row.get("title")),
        link=str(row.get("downloadUrl")),  # as it is: what looks like an entity is a parameter
        size=whole(row.get("size")) or None,
        categories=frozenset(category for category in categories if category),
        grabs=whole(row.get("grabs")),
        posted=text(row.get("publishDate")),
        indexer=text(row.get("indexer")),
        artist=text(row.get("artist")),
        album=text(row.get("album")),
        year=year(row.get("year")),
    )
