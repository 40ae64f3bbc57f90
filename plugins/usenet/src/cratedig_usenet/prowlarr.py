"""Prowlarr: one search at all the indexers that it knows. https://prowlarr.com/docs/api/."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from cratedig import (
    AuthenticationFailed,
    Check,
    NotConfigured,
    NotFound,
    SourceContext,
    Unavailable,
    UnexpectedResponse,
    Wanted,
)
from cratedig.reading import items, json_of, mapping, text, whole
from cratedig_usenet.nzb import fetch_nzb
from cratedig_usenet.releases import Release
from cratedig_usenet.settings import IndexerSettings

_ALL_USENET = "-1"
_KEY = "set api_key to the key in Prowlarr's settings under General"


class Prowlarr:
    """One Prowlarr. A guid here has the number of Prowlarr's own indexer before it."""

    def __init__(self, context: SourceContext, settings: IndexerSettings, categories: list[int]) -> None:
        self._context = context
        self.name = f"indexer {settings.host}"
        self._settings = settings
        self._categories = [str(number) for number in categories]

    async def search(self, query: str, wanted: Wanted) -> list[Release]:
        """By words."""
        del wanted
        return await self._releases(query, _ALL_USENET)

    async def nzb(self, release: Release) -> tuple[str, bytes]:
        """From the address that the search has named, else from that of a new search for the same release.

        Prowlarr's addresses cannot be made up from a guid, and are not for keeping: its own key is in them.
        """
        link, number = release.link, release.guid.partition(":")[0]
        if not link and release.title and number.isdecimal():
            found = await self._releases(release.title, number)
            link = next((one.link for one in found if one.guid == release.guid), "")
        if not link:
            raise NotFound("Prowlarr does not find the release any more", hint="search for the album again")
        return await fetch_nzb(self._context, link)

    async def diagnose(self) -> list[Check]:
        """Have it list its indexers."""
        known = await self._ask("/api/v1/indexer")
        usable = [one for one in known if one.get("protocol") == "usenet" and one.get("enable")]
        if not usable:
            raise NotConfigured("Prowlarr has no usenet indexer", hint="add one in Prowlarr, and enable it")
        return [Check(name=self.name, ok=True, detail=f"Prowlarr with {len(usable)} usenet indexers")]

    async def _releases(self, query: str, indexer: str) -> list[Release]:
        args = {"query": query, "type": "search", "indexerIds": indexer, "limit": "100", "offset": "0"}
        rows = await self._ask("/api/v1/search", {**args, "categories": self._categories})
        return [release for row in rows if (release := _release(row)) and release.is_music]

    async def _ask(self, path: str, args: Mapping[str, Any] | None = None) -> list[Mapping[str, Any]]:
        """Ask for one of Prowlarr's lists."""
        url = f"{self._settings.base_url}{path}"
        headers = {"X-Api-Key": str(self._settings.api_key)}
        answer = await self._context.request("GET", url, params=args, headers=headers)
        said = json_of(answer)
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            raise AuthenticationFailed("Prowlarr refuses the key (401)", hint=_KEY)
        if answer.status_code == HTTPStatus.BAD_REQUEST:
            reason = text(mapping(said).get("message"))[:200] or "a bad request"
            raise Unavailable(f"Prowlarr answers: {reason}", hint="look at its indexers' status in Prowlarr")
        if not answer.is_success:
            raise self._context.meaning(answer)
        if not isinstance(said, list):
            raise UnexpectedResponse("what answers is not Prowlarr", hint="check the base_url of Prowlarr")
        return [mapping(row) for row in said]


def _release(row: Mapping[str, Any]) -> Release | None:
    number, guid = whole(row.get("indexerId")), text(row.get("guid"))
    if row.get("protocol") != "usenet" or number is None or not guid:
        return None
    categories = (whole(mapping(one).get("id")) for one in items(row.get("categories")))
    return Release(
        guid=f"{number}:{guid}",
        title=text(row.get("title")),
        link=str(row.get("downloadUrl") or ""),  # as it is: what looks like an entity is a parameter
        size=whole(row.get("size")) or None,
        categories=frozenset(category for category in categories if category),
        grabs=whole(row.get("grabs")),
        posted=text(row.get("publishDate")),
        indexer=text(row.get("indexer")),
    )
