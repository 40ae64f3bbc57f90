"""A Newznab indexer, or anything that speaks its API."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from cratedig import (
    AuthenticationFailed,
    Check,
    Kind,
    NotFound,
    SourceContext,
    SourceError,
    UnexpectedResponse,
    Wanted,
)
from cratedig_usenet.answers import has_music_search, read_releases
from cratedig_usenet.nzb import fetch_nzb, id_of
from cratedig_usenet.releases import Release
from cratedig_usenet.settings import IndexerSettings

_LIMIT = 100


class Newznab:
    """One indexer."""

    def __init__(self, context: SourceContext, settings: IndexerSettings, categories: list[int]) -> None:
        self._context = context
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

    async def nzb(self, guid: str, release: str, link: str) -> tuple[str, bytes]:
        """From the address that the search has named, else by its number, else from that of a new search."""
        if link:
            return await fetch_nzb(self._context, link)
        try:
            return await fetch_nzb(self._context, self._address(t="get", id=id_of(guid)))
        except UnexpectedResponse as error:
            found = await self._releases(t="search", q=release) if release else []
            again = next((one.link for one in found if one.guid == guid), "")
            if not again:
                raise
            self._context.log.info("t=get does not work here (%s); searched for it again", error)
            return await fetch_nzb(self._context, again)

    async def diagnose(self) -> Check:
        """Search for nothing much: capabilities are told without a key."""
        name = f"indexer {urlsplit(self._settings.base_url).netloc.rpartition('@')[2]}"
        try:
            await self._releases(t="search", q="", limit="1")
        except SourceError as error:
            hint = error.hint or "check the indexer's base_url and api_key"
            return Check(name=name, ok=False, detail=error.message, hint=hint)
        return Check(name=name, ok=True, detail="answers to your key")

    async def _has_music_search(self) -> bool:
        """Ask for its capabilities once."""
        if self._music is None:
            try:
                self._music = has_music_search(await self._ask(t="caps"))
            except (NotFound, UnexpectedResponse):
                self._music = False
        return self._music

    async def _releases(self, **args: str) -> list[Release]:
        body = await self._ask(cat=self._categories, extended="1", **{"limit": str(_LIMIT), **args})
        host = urlsplit(self._settings.base_url).hostname or ""
        return [release for release in read_releases(body, host) if release.is_music]

    async def _ask(self, **args: str) -> bytes:
        answer = await self._context.request("GET", self._address(**args))
        if not answer.is_success:
            raise self._explained(self._context.meaning(answer))
        body: bytes = answer.content
        return body

    def _address(self, **args: str) -> str:
        return f"{self._settings.base_url}/api?{urlencode({**args, 'apikey': str(self._settings.api_key)})}"

    def _explained(self, error: SourceError) -> SourceError:
        if isinstance(error, AuthenticationFailed):
            error.hint = "check the indexer's api_key"
        return error
