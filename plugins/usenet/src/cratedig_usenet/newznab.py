"""A Newznab indexer, or anything that speaks its API."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlencode

from cratedig import Check, Kind, NotFound, SourceContext, UnexpectedResponse, Wanted
from cratedig_usenet.answers import REFUSED, has_music_search, read_releases
from cratedig_usenet.nzb import fetch_nzb, id_of
from cratedig_usenet.releases import Release
from cratedig_usenet.settings import IndexerSettings


class Newznab:
    """One indexer."""

    def __init__(self, context: SourceContext, settings: IndexerSettings, categories: list[int]) -> None:
        self._context = context
        self.name = f"indexer {settings.host}"
        self._settings = settings
        self._categories = ",".join(map(str, categories))
        self._music: bool | None = None

    async def search(self, query: str, wanted: Wanted) -> list[Release]:
        """By artist and album where the indexer can; by words where it cannot, or that has found nothing."""
        found: list[Release] = []
        exact = wanted.kind is Kind.ALBUM and wanted.artist and wanted.album and query == wanted.query
        if exact and await self._has_music_search():
            found = await self._releases(t="music", artist=wanted.artist, album=wanted.album)
        return found or await self._releases(t="search", q=query)

    async def nzb(self, release: Release) -> tuple[str, bytes]:
        """From the address that the search has named, else by its number, else from that of a new search."""
        if release.link:
            return await fetch_nzb(self._context, release.link)
        try:
            return await fetch_nzb(self._context, self._address(t="get", id=id_of(release.guid)))
        except UnexpectedResponse as error:
            found = await self._releases(t="search", q=release.title) if release.title else []
            again = next((one.link for one in found if one.guid == release.guid), "")
            if not again:
                raise
            self._context.log.info("t=get does not work here (%s); searched for it again", error)
            return await fetch_nzb(self._context, again)

    async def diagnose(self) -> list[Check]:
        """Search for nothing much: capabilities are told without a key."""
        await self._releases(t="search", q="", limit="1")
        return [Check(name=self.name, ok=True, detail="answers to your key")]

    async def _has_music_search(self) -> bool:
        """Ask for its capabilities once."""
        if self._music is None:
            try:
                self._music = has_music_search(await self._ask(t="caps"))
            except (NotFound, UnexpectedResponse):
                self._music = False
        return self._music

    async def _releases(self, **args: str) -> list[Release]:
        body = await self._ask(cat=self._categories, extended="1", **{"limit": "100", **args})
        found = read_releases(body, self._settings.host)
        return [release for release in found if release.is_music]

    async def _ask(self, **args: str) -> bytes:
        answer = await self._context.request("GET", self._address(**args))
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            raise REFUSED.error("401")
        if not answer.is_success:
            raise self._context.meaning(answer)
        return bytes(answer.content)

    def _address(self, **args: str) -> str:
        return f"{self._settings.base_url}/api?{urlencode({**args, 'apikey': str(self._settings.api_key)})}"
